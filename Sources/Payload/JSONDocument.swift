private import CSimdJSON

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// One JSON text taken apart by simdjson: says where its values are and hands out their bytes unchanged.
///
/// A text is JSON (RFC 8259) as a whole or not at all: strict UTF-8, numbers of any size, at most 1,024 levels; names may
/// be equal (the last one counts, as for jq), half a surrogate pair may be written as an escape. The object belongs to one
/// thread and keeps its memory from text to text.
@safe package final class JSONDocument {
  package enum Kind: Sendable {
    case null, boolean, number, string, array, object
  }

  /// A value of the text that was read last.
  package struct Value: Sendable {
    fileprivate let number: UInt32
    package let kind: Kind
    /// Where it stands in the text, a string with its quotes.
    package let place: Range<Int>
  }

  /// Bytes that must be readable behind a text.
  package static let padding = Int(TOPICTEE_JSON_PADDING)

  /// nil where there was no memory for it: then nothing is JSON.
  private let index: OpaquePointer?
  /// The text that was read last; whoever had it read keeps it.
  private var text = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
  private var copied = PaddedBytes()
  private var unescaped = PaddedBytes()
  /// The whole text; nil if it was no JSON.
  package private(set) var root: Value?

  package init() { unsafe index = topictee_json_make() }
  deinit { if let index = unsafe index { unsafe topictee_json_free(index) } }

  /// Reads a text, and gives whether it is JSON. It must stay where it is, with `padding` readable bytes behind it, until
  /// the next is read or nothing is asked any more.
  package func read(padded text: UnsafeRawBufferPointer) -> Bool {
    root = nil
    guard let index = unsafe index, let start = text.baseAddress else { return false }
    guard unsafe topictee_json_read(index, start.assumingMemoryBound(to: UInt8.self), text.count) else { return false }
    unsafe self.text = unsafe text
    root = value(0)
    return true
  }

  /// The same for a text without padding, of which it makes a copy.
  package func read(copying bytes: UnsafeRawBufferPointer) -> Bool {
    let room = unsafe copied.room(for: bytes.count)
    unsafe room.copyMemory(from: bytes)
    return unsafe read(padded: UnsafeRawBufferPointer(rebasing: room[..<bytes.count]))
  }

  // MARK: Values

  /// Walks from the whole text; nil if the text was no JSON or has nothing there.
  package func find(_ path: JSONPath) -> Value? { root.flatMap { find(path, in: $0) } }

  package func find(_ path: JSONPath, in value: Value) -> Value? {
    guard let index = unsafe index, !path.steps.isEmpty else { return value }
    var number = value.number
    for step in path.steps {
      let member = unsafe step.name.withUnsafeBufferPointer { name in
        unsafe topictee_json_member(index, number, name.baseAddress, name.count)
      }
      number = unsafe member == TOPICTEE_JSON_NONE ? item(step.position, of: number, index) : member
      if number == TOPICTEE_JSON_NONE { return nil }
    }
    return self.value(number)
  }

  private func item(_ position: Int?, of array: UInt32, _ index: OpaquePointer) -> UInt32 {
    guard var left = position else { return TOPICTEE_JSON_NONE }
    var item = unsafe topictee_json_first(index, array)
    while left > 0, item != TOPICTEE_JSON_NONE {
      item = unsafe topictee_json_next(index, item)
      left -= 1
    }
    return item
  }

  /// Calls `body` with each item of an array in its order, until `body` gives false; what is no array has none.
  package func forEachItem(of array: Value, _ body: (Value) -> Bool) {
    guard let index = unsafe index else { return }
    var number = unsafe topictee_json_first(index, array.number)
    while let item = value(number), body(item) { number = unsafe topictee_json_next(index, number) }
  }

  /// Calls `body` with name and value of each member of an object in its order, equal names too, until `body` gives false;
  /// what is no object has none.
  package func forEachMember(of object: Value, _ body: (_ name: Value, Value) -> Bool) {
    guard let index = unsafe index else { return }
    var number = unsafe topictee_json_first_name(index, object.number)
    while let name = value(number), let member = value(number + 2), body(name, member) {
      number = unsafe topictee_json_next(index, number + 2)
    }
  }

  /// Nothing reads on after the last item: its successor is `TOPICTEE_JSON_NONE`.
  private func value(_ number: UInt32) -> Value? {
    guard number != TOPICTEE_JSON_NONE, let index = unsafe index else { return nil }
    let span = unsafe topictee_json_value(index, number)
    let kind: Kind =
      switch span.kind {
      case TOPICTEE_JSON_NULL: .null
      case TOPICTEE_JSON_FALSE, TOPICTEE_JSON_TRUE: .boolean
      case TOPICTEE_JSON_STRING: .string
      case TOPICTEE_JSON_ARRAY: .array
      case TOPICTEE_JSON_OBJECT: .object
      default: .number
      }
    return Value(number: number, kind: kind, place: Int(span.start)..<Int(span.start) + Int(span.length))
  }

  /// The value's bytes as they stand in the text, good inside `body` only.
  package func withBytes<R>(of value: Value, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    unsafe body(UnsafeRawBufferPointer(rebasing: text[value.place]))
  }

  /// What a string says, without quotes and escapes, in UTF-8; any other value's bytes. Good inside `body` only; nil if it
  /// holds half of a surrogate pair, for which UTF-8 has nothing.
  package func withText<R>(of value: Value, _ body: (UnsafeRawBufferPointer?) -> R) -> R {
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: text[value.place])
    guard value.kind == .string else { return unsafe body(bytes) }
    let content = unsafe UnsafeRawBufferPointer(rebasing: bytes[1..<bytes.count - 1])
    guard let start = content.baseAddress, unsafe memchr(start, 0x5C, content.count) != nil else {
      return unsafe body(content)
    }
    let room = unsafe unescaped.room(for: content.count)
    guard let out = unsafe room.bindMemory(to: UInt8.self).baseAddress else { return body(nil) }
    let end = unsafe topictee_json_unescape(start.assumingMemoryBound(to: UInt8.self), content.count, out)
    guard let end = unsafe end else { return body(nil) }
    return unsafe body(UnsafeRawBufferPointer(start: out, count: end - out))
  }
}

/// Steps into a JSON text: `lines.0.sku`. A step finds the member so named, or an array's item if it is a number.
package struct JSONPath: Sendable, Equatable {
  struct Step: Sendable, Equatable {
    var name: [UInt8]
    /// From 0; nil for what is no number as JSON writes one.
    var position: Int?
  }
  let steps: [Step]

  package init(_ names: [String]) {
    steps = names.map { name in
      let position = Int(name).flatMap { $0 >= 0 && String($0) == name ? $0 : nil }
      return Step(name: Array(name.utf8), position: position)
    }
  }

  package var isEmpty: Bool { steps.isEmpty }
}
