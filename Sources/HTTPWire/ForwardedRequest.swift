/// What a request to an `http://` origin is given on its way through a proxy: the whole URL in its first line (RFC 9112,
/// 3.2.2), and who asks.
struct ForwardedRequest {
  private let place: [UInt8]
  private let fields: [UInt8]

  init(to origin: Origin, through proxy: HTTPProxy) {
    place = Array("http://\(origin.hostHeader)".utf8)
    fields = proxy.credentials?.field ?? []
  }

  /// Changes a rendered request: `POST /orders HTTP/1.1` becomes `POST http://host/orders HTTP/1.1`.
  func address(_ request: inout ByteBuffer) {
    guard let space = request.bytes.firstIndex(of: UInt8(ascii: " ")),
      let lineEnd = request.bytes[space...].firstIndex(of: UInt8(ascii: "\n"))
    else { return }
    // Behind first, so that the first place stays where it is.
    request.bytes.insert(contentsOf: fields, at: lineEnd + 1)
    request.bytes.insert(contentsOf: place, at: space + 1)
  }
}
