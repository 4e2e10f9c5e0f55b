import HTTPWire

/// The context attributes of one event in their order. It keeps its memory from event to event.
struct CloudEventAttributes {
  /// Far more than anyone has; names are compared with each other.
  static let countMax = 256

  private struct Entry {
    var name: Range<Int>
    var value: Range<Int>
    /// False for a number, true or false of JSON, which stand in JSON as they are.
    var isText: Bool
  }
  private var bytes = ByteBuffer()
  private var entries: [Entry] = []

  mutating func clear() {
    bytes.clear()
    entries.removeAll(keepingCapacity: true)
  }

  /// Whether the specification allows the name.
  static func isName(_ name: UnsafeRawBufferPointer) -> Bool {
    unsafe !name.isEmpty && name.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
  }

  /// Adds one, or replaces the one of that name.
  /// - Returns: false if there are too many.
  mutating func set(_ name: UnsafeRawBufferPointer, to value: UnsafeRawBufferPointer, isText: Bool = true) -> Bool {
    let start = bytes.count
    unsafe bytes.append(value)
    let added = start..<bytes.count
    if let at = unsafe index(of: name) {
      (entries[at].value, entries[at].isText) = (added, isText)
      return true
    }
    guard entries.count < Self.countMax else { return false }
    unsafe bytes.append(name)
    entries.append(Entry(name: added.upperBound..<bytes.count, value: added, isText: isText))
    return true
  }

  /// The same for a name of the specification, and what `write` appends.
  mutating func set(_ name: StaticString, _ write: (inout ByteBuffer) -> Void) {
    let start = bytes.count
    write(&bytes)
    let value = start..<bytes.count
    bytes.append(name)
    entries.append(Entry(name: value.upperBound..<bytes.count, value: value, isText: true))
  }

  private func index(of name: UnsafeRawBufferPointer) -> Int? {
    unsafe bytes.withBytes { bytes in
      entries.firstIndex { unsafe bytes[$0.name].elementsEqual(name) }
    }
  }

  // MARK: Writing

  /// HTTP binding, 3.1.3.2: visible ASCII but `"` and `%` stands as it is, all else as its UTF-8 bytes' `%XX`.
  private static let plain = PlainBytes(alphanumericAnd: "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~")

  /// A header `ce-NAME` for each.
  func appendHeaders(to headers: inout ByteBuffer) {
    unsafe bytes.withBytes { bytes in
      for entry in entries {
        headers.append("ce-")
        unsafe headers.append(UnsafeRawBufferPointer(rebasing: bytes[entry.name]))
        headers.append(": ")
        unsafe headers.append(
          percentEncoded: UnsafeRawBufferPointer(rebasing: bytes[entry.value]), except: Self.plain)
        headers.append("\r\n")
      }
    }
  }

  /// Members of a JSON object, with commas between.
  func appendMembers(to json: inout ByteBuffer) {
    unsafe bytes.withBytes { bytes in
      for (i, entry) in entries.enumerated() {
        json.append(i == 0 ? "\"" : ",\"" as StaticString)
        unsafe json.append(UnsafeRawBufferPointer(rebasing: bytes[entry.name]))
        json.append("\":")
        let value = unsafe UnsafeRawBufferPointer(rebasing: bytes[entry.value])
        if entry.isText { unsafe json.append(jsonString: value) } else { unsafe json.append(value) }
      }
    }
  }
}
