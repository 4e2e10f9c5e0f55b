import FanOut
import HTTPWire
import Settings

@testable import Destinations

/// One header of a record in the making; `nil` is Kafka's null.
typealias TestHeader = (name: String, value: [UInt8]?)

/// A record as the consumer would make it.
func record(value: [UInt8]?, headers: [TestHeader] = []) -> Record {
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
      unsafe Record.make(
        assignment: AssignmentID(epoch: 1), offset: 0, timestampMilliseconds: 0, key: nil, headers: headers,
        value: value == nil ? nil : bytes)
    }
  }
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

/// The first attempt for a record of `orders`, partition 3, at 2026-07-01T00:00:00Z.
let context = RenderContext(
  origin: RecordOrigin(cluster: "c", TopicPartition(topic: "orders", partition: 3)), attempt: 1,
  wallMilliseconds: 1_782_864_000_000)

/// The request as it goes over the wire, or what stands in its way.
func request(_ record: Record, _ settings: DestinationSettings) -> (text: String, obstacle: Outcome?) {
  let renderer = RequestRenderer(settings, RecordView(seed: 0))
  if let obstacle = renderer.prepare(record, context) { return ("", obstacle) }
  var buffer = ByteBuffer()
  renderer.write(record, context, into: &buffer)
  return (String(decoding: unsafe buffer.withBytes { unsafe Array($0) }, as: UTF8.self), nil)
}
