import Destinations
import FanOut
import HTTPWire
package import Settings

/// What one destination would get for a record, as it would go over the wire.
package struct SampleRequest: Sendable {
  package struct Header: Sendable, Equatable {
    package var name: String
    /// `***` where the name says that it is a secret.
    package var value: String
  }
  package var destination: String
  package var method: String
  package var url: String
  package var headers: [Header]
  package var body: [UInt8]

  /// One for each destination, through the renderer that the lanes use. The record has neither key nor headers.
  package static func all(of settings: BridgeSettings, value: [UInt8]) -> [SampleRequest] {
    let record = unsafe value.withUnsafeBytes { value in
      unsafe Record.make(
        assignment: AssignmentID(epoch: 0), offset: 0, timestampMilliseconds: 0, key: nil,
        headers: UnsafeRawBufferPointer(start: nil, count: 0), value: value)
    }
    // The cluster is not asked: the id is not the one that the record will have.
    let ids = RecordIDs(cluster: "sample", topic: settings.topics.first ?? "", partition: 0)
    var traces = TraceIDs(seed: 0)
    return settings.destinations.map { destination in
      var buffer = ByteBuffer()
      RequestRenderer(destination).render(record, ids, &traces, into: &buffer)
      let bytes = unsafe buffer.withBytes { unsafe Array($0) }
      return SampleRequest(bytes, to: destination)
    }
  }

  private init(_ bytes: [UInt8], to destination: DestinationSettings) {
    let end = bytes.indices.first { bytes[$0...].starts(with: "\r\n\r\n".utf8) } ?? bytes.count
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    let first = lines.first?.split(separator: " ") ?? []
    let url = destination.url
    self.destination = destination.name
    method = first.first.map(String.init) ?? ""
    let target = first.count > 1 ? String(first[1]) : ""
    // A socket's path is in no request.
    self.url = SecretMask.url(
      url.unixPath == nil ? "\(url.isTLS ? "https" : "http")://\(url.hostHeader)\(target)" : url.text)
    headers = lines.dropFirst().map { line in
      let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let value = parts.count > 1 ? parts[1] : ""
      return Header(name: parts[0], value: SecretMask.isSecret(key: parts[0]) ? "***" : value)
    }
    body = Array(bytes.dropFirst(end + 4))
  }
}
