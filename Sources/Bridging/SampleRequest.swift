import Destinations
import FanOut
import HTTPWire
import Payload
package import Settings
import Telemetry

/// What one destination would get for a record, as it would go over the wire.
package struct SampleRequest: Sendable {
  package struct Header: Sendable, Equatable {
    package var name: String
    /// `***` where the name says that it is a secret.
    package var value: String
  }
  package var destination: String
  package var method = ""
  package var url = ""
  package var headers: [Header] = []
  package var body: [UInt8] = []
  /// Why it would get none: a dead letter's reason and what is wrong with the record, or that its `when` does not hold.
  package var obstacle: String?

  /// One for each destination, through the renderer that the lanes use. The record is the first of the first topic's
  /// partition 0 in a cluster named `sample`, and has neither key nor headers.
  package static func all(of settings: BridgeSettings, value: [UInt8]) -> [SampleRequest] {
    let record = unsafe value.withUnsafeBytes { value in
      unsafe Record.make(
        assignment: AssignmentID(epoch: 0), offset: 0, timestampMilliseconds: Logger.wallClockMilliseconds(), key: nil,
        headers: UnsafeRawBufferPointer(start: nil, count: 0), value: value)
    }
    let place = TopicPartition(topic: settings.topics.first ?? "", partition: 0)
    let context = RenderContext(
      origin: RecordOrigin(cluster: "sample", place), attempt: 1, wallMilliseconds: Logger.wallClockMilliseconds())
    let view = RecordView()
    let filter = WhenFilter(settings.destinations, view)
    let skipped = filter?.skipped(record, context) ?? 0
    return settings.destinations.enumerated().map { d, destination in
      if skipped & 1 << UInt64(d) != 0 {
        return SampleRequest(destination: destination.name, obstacle: "skipped: its when does not hold")
      }
      if let obstacle = filter?.obstacle(to: record, d, context) {
        return SampleRequest(destination: destination.name, obstacle: obstacle.reason)
      }
      let credentials: Credentials
      do throws(CredentialProblem) {
        // No token is fetched for it.
        credentials = try Credentials(destination, token: .ready(AccessToken("***", lifetimeSeconds: nil)))
      } catch {
        return SampleRequest(destination: destination.name, obstacle: error.description)
      }
      if let renderer = BatchRenderer(destination, view, credentials) {
        return SampleRequest(BatchRenderer.Item(record, context), renderer, destination)
      }
      let renderer = RequestRenderer(destination, view, credentials)
      if let obstacle = renderer.prepare(record, context) {
        return SampleRequest(destination: destination.name, obstacle: obstacle.reason)
      }
      var buffer = ByteBuffer()
      renderer.write(record, context, into: &buffer)
      return SampleRequest(unsafe buffer.withBytes { unsafe Array($0) }, to: destination)
    }
  }

  /// Whether the lanes would take a record's value for JSON.
  package static func isJSON(_ value: [UInt8]) -> Bool {
    unsafe value.withUnsafeBytes { unsafe JSONDocument().read(copying: $0) }
  }

  /// A batch of one.
  private init(_ item: BatchRenderer.Item, _ renderer: BatchRenderer, _ destination: DestinationSettings) {
    switch renderer.prepare([item]) {
    case .all(let obstacle)?: self.init(destination: destination.name, obstacle: obstacle.reason)
    case .each(let obstacles)?:
      self.init(destination: destination.name, obstacle: obstacles.first?.reason ?? "nothing")
    case nil:
      var buffer = ByteBuffer()
      renderer.write(into: &buffer)
      self.init(unsafe buffer.withBytes { unsafe Array($0) }, to: destination)
    }
  }

  private init(destination: String, obstacle: String) {
    self.destination = destination
    self.obstacle = obstacle
  }

  private init(_ bytes: [UInt8], to destination: DestinationSettings) {
    let end = bytes.indices.first { bytes[$0...].starts(with: "\r\n\r\n".utf8) } ?? bytes.count
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    let first = lines.first?.split(separator: " ") ?? []
    let url = destination.url
    self.destination = destination.name
    method = first.first.map(String.init) ?? ""
    let target = destination.masked(target: first.count > 1 ? String(first[1]) : "")
    // A socket's path is in no request.
    self.url = SecretMask.url(
      url.unixPath == nil ? "\(url.isTLS ? "https" : "http")://\(url.hostHeader)\(target)" : url.text)
    headers = lines.dropFirst().map { line in
      let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let value = parts.count > 1 ? parts[1] : ""
      return Header(name: parts[0], value: destination.isSecret(header: parts[0]) ? "***" : value)
    }
    body = Array(bytes.dropFirst(end + 4))
  }
}

extension DestinationSettings {
  fileprivate func isSecret(header name: String) -> Bool {
    if case .apiKey(.header(let own), _) = auth, own.lowercased() == name.lowercased() { return true }
    return SecretMask.isSecret(key: name)
  }

  /// The key in a query is its last field.
  fileprivate func masked(target: String) -> String {
    guard case .apiKey(.query, _) = auth, let equals = target.lastIndex(of: "=") else { return target }
    return target[...equals] + "***"
  }
}

extension Outcome {
  /// What it says of a record for which no request is made.
  fileprivate var reason: String {
    switch self {
    case .unsendable(let reason, let failure), .refused(let reason, let failure):
      "\(reason.rawValue): \(failure.message)\(failure.detail.isEmpty ? "" : ": \(failure.detail)")"
    case .failed(let failure), .unavailable(let failure): failure.message
    case .accepted, .stale: "nothing"
    }
  }
}
