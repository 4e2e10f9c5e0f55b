import HTTPWire
import Payload
package import Settings

/// AWS Signature Version 4 in the `Authorization` header: signs `host`, `content-type` and every `x-amz-…` header, path,
/// query and body. It belongs to one lane, keeps its memory and the day's key, and cannot be printed.
package struct SigV4Signer: Sendable, CustomReflectable, CustomStringConvertible {
  private let accessKeyID: String
  private let secretKey: String
  private let sessionToken: String?
  private let region: String
  private let service: String
  private let host: String
  private var day: [UInt8] = []
  private var dayKey = HMACKey(.sha256, key: [])

  /// - Parameters:
  ///   - host: as the `Host` header has it.
  ///   - expose: gives a secret's present text.
  package init(_ settings: SigV4Settings, host: String, expose: (Secret) -> String) throws(CredentialProblem) {
    accessKeyID = expose(settings.accessKeyID)
    secretKey = expose(settings.secretAccessKey)
    sessionToken = settings.sessionToken.map(expose)
    guard HeaderText.isSafe(accessKeyID), !accessKeyID.utf8.contains(where: { " ,/".utf8.contains($0) }) else {
      throw CredentialProblem("an access key id holds what it may not")
    }
    guard !secretKey.isEmpty else { throw CredentialProblem("an empty secret access key") }
    guard sessionToken.map(HeaderText.isSafe) ?? true else {
      throw CredentialProblem("a session token holds a character that no header may have")
    }
    (region, service, self.host) = (settings.region, settings.service, host)
  }

  /// Appends the headers that the signature needs, and `Authorization`.
  /// - Parameter milliseconds: the attempt's time, since 1970.
  package mutating func sign(_ draft: inout RequestDraft, milliseconds: Int64) {
    guard let time = UTCTime(milliseconds: milliseconds) else { return }
    var stamp = ByteBuffer()
    time.appendCompact(to: &stamp)
    let moment = unsafe stamp.withBytes { unsafe Array($0) }
    let bodyHash = unsafe draft.body.withBytes { unsafe SHA256.digest($0) }
    draft.headers.append("X-Amz-Date: ")
    draft.headers.append(moment)
    draft.headers.append("\r\nX-Amz-Content-Sha256: ")
    unsafe bodyHash.withBytes { unsafe draft.headers.append(hex: $0) }
    draft.headers.append("\r\n")
    if let sessionToken { draft.addHeader("X-Amz-Security-Token", sessionToken) }

    let signed = SignedHeaders(draft.headers, host: host)
    let request = canonical(draft, signed, bodyHash)
    let requestHash = unsafe request.withBytes { unsafe SHA256.digest($0) }
    let scope = "\(String(decoding: moment.prefix(8), as: UTF8.self))/\(region)/\(service)/aws4_request"
    var text = dayKey(of: Array(moment.prefix(8))).begin()
    text.update("AWS4-HMAC-SHA256\n")
    text.update(moment)
    text.update("\n\(scope)\n\(requestHash.hex)")
    draft.headers.append("Authorization: AWS4-HMAC-SHA256 Credential=\(accessKeyID)/\(scope), SignedHeaders=")
    draft.headers.append(signed.names)
    draft.headers.append(", Signature=")
    unsafe dayKey.finish(text).withBytes { unsafe draft.headers.append(hex: $0) }
    draft.headers.append("\r\n")
  }

  private mutating func dayKey(of day: [UInt8]) -> HMACKey {
    if day != self.day {
      var key = HMACKey(.sha256, key: Array("AWS4\(secretKey)".utf8))
      for part in [String(decoding: day, as: UTF8.self), region, service, "aws4_request"] {
        key = HMACKey(.sha256, key: unsafe key.code(part).withBytes { unsafe Array($0) })
      }
      (self.day, dayKey) = (day, key)
    }
    return dayKey
  }

  private func canonical(_ draft: RequestDraft, _ signed: SignedHeaders, _ bodyHash: Digest) -> ByteBuffer {
    var text = ByteBuffer()
    text.append(draft.method)
    text.append("\n")
    unsafe draft.target.withBytes { target in
      let question = unsafe target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
      let path = unsafe Array(target[..<question])
      // The storage service alone takes a path as it stands.
      if service == "s3" { text.append(path) } else { CanonicalPath.append(path, to: &text) }
      text.append("\n")
      unsafe CanonicalQuery.append(Array(target[min(target.count, question + 1)...]), to: &text)
    }
    text.append("\n")
    text.append(signed.lines)
    text.append("\n")
    text.append(signed.names)
    text.append("\n")
    unsafe bodyHash.withBytes { unsafe text.append(hex: $0) }
    return text
  }

  package var description: String { "<secret>" }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// The path of a canonical request: without `.` and `..`, without empty segments, encoded once more.
private enum CanonicalPath {
  private static let plain = PlainBytes(alphanumericAnd: "-._~/")

  static func append(_ path: [UInt8], to text: inout ByteBuffer) {
    var segments: [ArraySlice<UInt8>] = []
    for segment in path.split(separator: UInt8(ascii: "/")) where segment != [UInt8(ascii: ".")] {
      if segment == [UInt8(ascii: "."), UInt8(ascii: ".")] { _ = segments.popLast() } else { segments.append(segment) }
    }
    for segment in segments {
      text.append("/")
      unsafe Array(segment).withUnsafeBytes { unsafe text.append(percentEncoded: $0, except: plain) }
    }
    if segments.isEmpty || path.last == UInt8(ascii: "/") { text.append("/") }
  }
}

/// The query of a canonical request: every field with its `=`, sorted.
private enum CanonicalQuery {
  static func append(_ query: [UInt8], to text: inout ByteBuffer) {
    guard !query.isEmpty else { return }
    let fields = query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false).map { field in
      let equals = field.firstIndex(of: UInt8(ascii: "=")) ?? field.endIndex
      return (name: Array(field[..<equals]), value: Array(field[equals...].dropFirst()))
    }
    let sorted = fields.sorted {
      $0.name == $1.name
        ? $0.value.lexicographicallyPrecedes($1.value) : $0.name.lexicographicallyPrecedes($1.name)
    }
    for (i, field) in sorted.enumerated() {
      if i > 0 { text.append("&") }
      text.append(field.name)
      text.append("=")
      text.append(field.value)
    }
  }
}

/// The headers of a request that are signed: those that the service demands.
private struct SignedHeaders {
  /// `name:value` and a line feed for each, by name.
  var lines: [UInt8] = []
  /// Their names with `;` between.
  var names: [UInt8] = []

  init(_ headers: ByteBuffer, host: String) {
    var found = [(name: Array("host".utf8), value: Array(host.utf8))]
    let all = unsafe headers.withBytes { unsafe Array($0) }
    for line in all.split(separator: UInt8(ascii: "\n")) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let name = line[..<colon].map(NameBytes.lower)
      guard name.starts(with: "x-amz-".utf8) || name.elementsEqual("content-type".utf8) else { continue }
      // Blanks around it do not count, and many within count as one.
      let words = line[(colon + 1)...].split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
      found.append((name, Array(words.joined(separator: [0x20]))))
    }
    found.sort { $0.name.lexicographicallyPrecedes($1.name) }
    for (name, value) in found {
      lines += name + [UInt8(ascii: ":")] + value + [UInt8(ascii: "\n")]
      if !names.isEmpty { names.append(UInt8(ascii: ";")) }
      names += name
    }
  }
}
