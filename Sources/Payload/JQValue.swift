internal import CJQ

/// One of jq's values, owned: jq's own functions take what they are given, and a value is given once.
///
/// Its count of owners is not atomic: it stays on the thread that made it.
@safe struct JQValue: ~Copyable {
  private var value: jv

  /// Becomes the owner.
  init(owning value: jv) { unsafe self.value = value }

  deinit { unsafe jv_free(value) }

  /// For a function that takes the value.
  consuming func take() -> jv {
    let value = unsafe self.value
    discard self
    return unsafe value
  }

  /// Another owner of the same.
  func copy() -> JQValue { unsafe JQValue(owning: jv_copy(value)) }

  /// For a function that only looks.
  var borrowed: jv { unsafe value }

  var kind: jv_kind { unsafe jv_get_kind(value) }

  /// False for `false` and `null`, as jq has it.
  var isTruthy: Bool { kind != JV_KIND_FALSE && kind != JV_KIND_NULL }

  static var null: JQValue { unsafe JQValue(owning: jv_null()) }
  static var object: JQValue { unsafe JQValue(owning: jv_object()) }

  /// Exact up to 2^53.
  static func number(_ number: Int64) -> JQValue { unsafe JQValue(owning: jv_number(Double(number))) }

  /// What is not UTF-8 becomes U+FFFD.
  static func text(_ bytes: UnsafeRawBufferPointer) -> JQValue {
    guard let start = bytes.baseAddress else { return unsafe JQValue(owning: jv_string_sized("", 0)) }
    let length = Int32(clamping: bytes.count)
    return unsafe JQValue(owning: jv_string_sized(start.assumingMemoryBound(to: CChar.self), length))
  }

  /// Of a text without NUL.
  static func text(_ text: String) -> JQValue {
    unsafe JQValue(owning: jv_string(text))
  }

  /// Nil where jq's parser gives up, for its depth.
  static func json(_ bytes: UnsafeRawBufferPointer) -> JQValue? {
    guard let start = bytes.baseAddress, let length = Int32(exactly: bytes.count) else { return nil }
    let parsed = unsafe JQValue(owning: jv_parse_sized(start.assumingMemoryBound(to: CChar.self), length))
    if parsed.kind == JV_KIND_INVALID { return nil }
    return consume parsed
  }

  /// Sets a member of an object; the last of equal names counts.
  mutating func set(_ name: String, to member: consuming JQValue) {
    set(.text(name), to: member)
  }

  mutating func set(_ name: consuming JQValue, to member: consuming JQValue) {
    unsafe value = jv_object_set(value, name.take(), member.take())
  }

  /// Bytes of a text, good inside `body` only.
  func withText<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    let length = unsafe Int(jv_string_length_bytes(jv_copy(value)))
    return unsafe body(UnsafeRawBufferPointer(start: jv_string_value(value), count: length))
  }
}
