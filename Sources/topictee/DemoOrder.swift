import FanOut

/// An event of the demo: an order of one of its customers. All of it follows from its number.
struct DemoOrder: Equatable {
  /// From 1.
  let id: Int
  let customers: Int

  private var customer: Int {
    var random = SeededRandom(seed: UInt64(id))
    return 1 + Int(random.next() % UInt64(customers))
  }
  var key: String { "c\(customer)" }

  /// Every 40th order has no items: erp refuses it.
  var items: Int { id % 40 == 13 ? 0 : 1 + id % 5 }

  var json: String {
    let cents = items * 995 + (items == 0 ? 0 : id % 7 * 10)
    let total = "\(cents / 100).\(cents / 10 % 10)\(cents % 10)"
    return #"{"id":\#(id),"customer":"\#(key)","items":\#(items),"total":\#(total)}"#
  }
}

/// What the demo's APIs read of a body: enough for its own orders and for what people type.
struct OrderFields: Equatable {
  var id: Int?
  var items: Int?
  var customer: String?

  /// Nil if it is no JSON object at all.
  init?(_ body: [UInt8]) {
    let text = String(decoding: body, as: UTF8.self)
    let trimmed = text.drop { $0.isWhitespace }
    guard trimmed.first == "{", trimmed.last(where: { !$0.isWhitespace }) == "}" else { return nil }
    id = Self.value("id", in: trimmed).flatMap { Int($0) }
    items = Self.value("items", in: trimmed).flatMap { Int($0) }
    customer = Self.value("customer", in: trimmed).map { String($0) }
  }

  /// What stands behind `"name":`, without quotes.
  private static func value(_ name: String, in text: Substring) -> Substring? {
    let quoted = "\"\(name)\""
    guard let found = text.firstRange(of: quoted) else { return nil }
    let rest = text[found.upperBound...].drop { $0.isWhitespace }
    guard rest.first == ":" else { return nil }
    let value = rest.dropFirst().drop { $0.isWhitespace || $0 == "\"" }
    return value.prefix { $0 != "," && $0 != "}" && $0 != "\"" && !$0.isWhitespace }
  }
}

/// A body's fingerprint: what the APIs, the topic and the dead letters are compared by.
struct BodyKey: Hashable, Sendable {
  private let hash: Int

  init(_ bytes: [UInt8]) { self = unsafe bytes.withUnsafeBytes { unsafe BodyKey($0) } }

  init(_ bytes: UnsafeRawBufferPointer) {
    var hasher = Hasher()
    unsafe hasher.combine(bytes: bytes)
    hash = hasher.finalize()
  }
}
