import FanOut
import HTTPWire
@testable import Settings

@testable import Destinations

/// One header of a record in the making; `nil` is Kafka's null.
typealias TestHeader = (name: String, value: [UInt8]?)

/// A record as the consumer would make it.
func record(value: [UInt8]?, headers: [TestHeader] = [], key: [UInt8]? = nil) -> Record {
  var encoded: [UInt8] = []
  for header in headers {
    let name = Array(header.name.utf8)
    unsafe name.withUnsafeBytes { name in
      guard let value = header.value else {
        return unsafe RecordHeaders.encode(name: name, value: nil, into: &encoded)
      }
      unsafe value.withUnsafeBytes { unsafe RecordHeaders.encode(name: name, value: $0, into: &encoded) }
    }
  }
  return unsafe encoded.withUnsafeBytes { headers in
    unsafe (value ?? []).withUnsafeBytes { bytes in
      unsafe (key ?? []).withUnsafeBytes { keyBytes in
        unsafe Record.make(
          assignment: AssignmentID(epoch: 1), offset: 42, timestampMilliseconds: 1_790_000_000_000,
          key: key == nil ? nil : keyBytes, headers: headers, value: value == nil ? nil : bytes)
      }
    }
  }
}

func record(_ json: String, headers: [TestHeader] = [], key: [UInt8]? = nil) -> Record {
  record(value: Array(json.utf8), headers: headers, key: key)
}

/// A destination at `http://api.example:8080/orders?from=kafka`.
func destination(_ change: (inout DestinationSettings) -> Void = { _ in }) -> DestinationSettings {
  var settings = DestinationSettings(
    name: "crm",
    url: EndpointURL(
      isTLS: false, host: "api.example", port: 8080, target: "/orders?from=kafka", hostHeader: "api.example:8080",
      text: "http://api.example:8080/orders?from=kafka"))
  change(&settings)
  return settings
}

/// A text of the file, parsed as the file's are.
func template(_ text: String) -> TemplateText {
  do throws(Settings.TemplateProblem) {
    return try TemplateParser.parse(text).template
  } catch {
    return TemplateText(literal: "bad template: \(error.message)")
  }
}

/// The first attempt for a record of `orders`, partition 3, at 2026-07-01T00:00:00Z.
let context = RenderContext(
  origin: RecordOrigin(cluster: "c", TopicPartition(topic: "orders", partition: 3)), attempt: 1,
  wallMilliseconds: 1_782_864_000_000)

/// A request as it goes over the wire, or what stands in its way.
struct MadeRequest {
  var bytes: [UInt8] = []
  var obstacle: Outcome?

  init(_ record: Record, _ settings: DestinationSettings) {
    let renderer = RequestRenderer(settings, RecordView(seed: 0))
    obstacle = renderer.prepare(record, context)
    guard obstacle == nil else { return }
    var buffer = ByteBuffer()
    renderer.write(record, context, into: &buffer)
    bytes = unsafe buffer.withBytes { unsafe Array($0) }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
  private var lines: [Substring] { text.split(separator: "\r\n", omittingEmptySubsequences: false) }
  var target: String? { lines.first.map { $0.split(separator: " ") }.flatMap { $0.count == 3 ? String($0[1]) : nil } }
  var body: String { lines.drop { !$0.isEmpty }.dropFirst().joined(separator: "\r\n") }

  func header(_ name: String) -> String? {
    lines.prefix { !$0.isEmpty }.first { $0.lowercased().hasPrefix("\(name.lowercased()): ") }
      .map { String($0.dropFirst(name.utf8.count + 2)) }
  }

  /// Why the record goes to the dead-letter topic with the reason `template`.
  var templateProblem: String? {
    if case .unsendable(.template, let failure)? = obstacle { failure.message } else { nil }
  }
}

func request(_ record: Record, _ settings: DestinationSettings) -> MadeRequest { MadeRequest(record, settings) }
