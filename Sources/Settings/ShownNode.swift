extension Node {
  /// The value as it was written. With the shape that it should have, secrets are masked.
  func shown(as shape: Shape?, under key: String? = nil) -> PlainValue {
    if isNull { return .null }
    switch content {
    case .mapping(let entries):
      return .map(entries.map { PlainValue.Entry($0.key, $0.value.shown(as: shape?.below($0.key), under: $0.key)) })
    case .sequence(let items): return .list(items.map { $0.shown(as: shape?.item, under: key) })
    case .scalar(let written, let isPlain):
      if let shape, shape.hides(key) { return .secret }
      let isAddress = shape != nil && ["url", "base_url", "token_url", "proxy"].contains(key)
      let text = isAddress ? SecretMask.login(SecretMask.url(written)) : written
      guard isPlain else { return .text(text) }
      if PlainScalar.isBoolean(text) { return .boolean(text.lowercased() == "true") }
      return JSONNumber.isValid(text) && Int(text) == nil ? .decimal(text) : .notation(text)
    }
  }
}

extension Shape {
  /// Of a key's value. Names of variables and files are no secrets: a map in a secret's place is shown.
  fileprivate func below(_ key: String) -> Shape {
    switch unwrapped {
    case .keys(let rows): rows.first { $0.key == key }?.shape ?? .scalar
    case .named(let entries): entries.item
    case .any: .any
    default: .scalar
    }
  }

  /// Of a list's items.
  fileprivate var item: Shape {
    switch unwrapped {
    case .list(let item), .oneOrMore(let item, _): item
    case .any: .any
    default: .scalar
    }
  }

  /// Whether a scalar of this shape under this key must not be shown.
  fileprivate func hides(_ key: String?) -> Bool {
    switch unwrapped {
    case .secret: true
    // The user chose the key's name.
    case .scalar, .any: key.map(SecretMask.isSecret) ?? false
    case .list(let item): item.hides(key)
    default: false
    }
  }
}

extension PlainValue {
  /// What a text of YAML says; `nil` where it is none. Nothing is masked.
  init?(yaml text: String) {
    let source = SourceText(file: "", bytes: Array(text.utf8))
    var log = DiagnosticLog(source: source)
    guard source.firstForbidden() == nil, let node = Composer.compose(source, &log) else { return nil }
    self = node.shown(as: nil)
  }
}
