import FanOut
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

func isJSON(_ bytes: [UInt8]) -> Bool { unsafe bytes.withUnsafeBytes { unsafe JSONText.isValid($0) } }
