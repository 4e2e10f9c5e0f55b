/// Where requests of a destination go, taken apart once at start.
package struct EndpointURL: Sendable, Equatable {
  package var isTLS: Bool
  /// A name or an address; an IPv6 address stands without brackets. Empty with `unixPath`.
  package var host: String
  package var port: UInt16
  /// The socket's path of an `http+unix://%2Frun%2Fapi.sock/orders` URL.
  package var unixPath: String?
  /// What goes into the request line: path and query, percent-encoded, at least `/`.
  package var target: String
  /// The `Host` header: brackets for IPv6, the port only if it is not the scheme's own.
  package var hostHeader: String
  /// As the file has it.
  package var text: String

  package init(
    isTLS: Bool, host: String, port: UInt16, unixPath: String? = nil, target: String, hostHeader: String, text: String
  ) {
    self.isTLS = isTLS
    self.host = host
    self.port = port
    self.unixPath = unixPath
    self.target = target
    self.hostHeader = hostHeader
    self.text = text
  }

  /// Whether requests to both go to one place; the scheme's own port may be written or not.
  func isSamePlace(as other: EndpointURL) -> Bool {
    isTLS == other.isTLS && host.lowercased() == other.host.lowercased() && port == other.port
      && unixPath == other.unixPath && target == other.target && self != .unset
  }

  /// Stands where a URL is still to come (`defaults`, a file with errors); never in a valid `BridgeSettings`.
  static let unset = EndpointURL(isTLS: false, host: "", port: 0, target: "/", hostHeader: "", text: "")
}
