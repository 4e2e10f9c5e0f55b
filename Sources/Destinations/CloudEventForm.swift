import FanOut

/// What a record is to CloudEvents (Kafka protocol binding 1.0.2).
enum CloudEventForm: Equatable {
  /// No event, or none that is complete: one is made of it.
  case plain
  /// Its attributes are headers, its value the data.
  case binary
  /// Its value is the event, as JSON.
  case structured
  /// Its value is the event in a format that only its receiver can read.
  case foreign

  init(_ record: Record) {
    self = .plain
    guard record.hasHeaders else { return }
    var form = CloudEventForm.plain
    var found = Required()
    unsafe record.withHeaders { headers in
      unsafe headers.forEach { field in
        guard let value = unsafe field.value else { return }
        if unsafe NameBytes.equal(field.name, "content-type") {
          if unsafe !ContentType.isBlank(value) { unsafe form = Self.form(ofType: value) }
        } else if unsafe field.name.starts(with: "ce_".utf8) {
          unsafe found.take(UnsafeRawBufferPointer(rebasing: field.name[3...]), value)
        }
      }
    }
    self = form == .plain && found.isComplete ? .binary : form
  }

  private static func form(ofType type: UnsafeRawBufferPointer) -> CloudEventForm {
    guard unsafe NameBytes.starts(type, with: "application/cloudevents") else { return .plain }
    let rest = unsafe UnsafeRawBufferPointer(rebasing: type[23...])
    guard unsafe NameBytes.starts(rest, with: "+json") else {
      return unsafe rest.first == UInt8(ascii: "+") || NameBytes.starts(rest, with: "-batch") ? .foreign : .plain
    }
    guard rest.count > 5 else { return .structured }
    return unsafe rest[5] == UInt8(ascii: ";") || rest[5] == UInt8(ascii: " ") ? .structured : .foreign
  }

  /// Whether a body's type says that it is JSON: `application/json`, `application/problem+json`, with or without parameters.
  static func isJSON(_ type: [UInt8]) -> Bool {
    var name = type.prefix { $0 != UInt8(ascii: ";") }
    while name.last == UInt8(ascii: " ") { name.removeLast() }
    return name.suffix(5).map(NameBytes.lower).elementsEqual("/json".utf8)
      || name.suffix(5).map(NameBytes.lower).elementsEqual("+json".utf8)
  }

  /// What every event has.
  struct Required {
    private var hasVersion = false
    private var hasID = false
    private var hasSource = false
    private var hasType = false
    var isComplete: Bool { hasVersion && hasID && hasSource && hasType }

    /// The last of equal names counts.
    mutating func take(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
      if unsafe name.elementsEqual("specversion".utf8) {
        hasVersion = unsafe value.elementsEqual("1.0".utf8)
      } else if unsafe name.elementsEqual("id".utf8) {
        hasID = unsafe !value.isEmpty
      } else if unsafe name.elementsEqual("source".utf8) {
        hasSource = unsafe !value.isEmpty
      } else if unsafe name.elementsEqual("type".utf8) {
        hasType = unsafe !value.isEmpty
      }
    }
  }
}
