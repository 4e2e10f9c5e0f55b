extension ValueType where Value == EndpointAddress {
  /// A whole URL, or what stands below `base` as it stands in the file (empty where that is wrong).
  static func url(below base: String?) -> ValueType {
    let example = "https://api.example.com/orders"
    return ValueType(
      expected: "a URL", example: example, shape: .text(pattern: URLPattern.orEndpoint),
      write: { .text(SecretMask.url($0.url.text)) }
    ) { node, _, reader in
      guard let text = reader.text(node, expected: "a URL", example: example) else { return nil }
      guard text.hasPrefix("/") || text.hasPrefix("?") else { return reader.address(text, node) }
      guard let base else {
        reader.log.error(
          "an endpoint without 'base_url'", hint: "a whole URL, or base_url: https://api.example.com as well",
          at: node.place)
        return nil
      }
      if base.isEmpty { return nil }
      let stem = base.hasSuffix("/") && text.hasPrefix("/") ? String(base.dropLast()) : base
      return reader.address(stem + text, node, from: stem.unicodeScalars.count)
    }
  }
}

extension ValueType where Value == String? {
  /// What URLs of endpoints stand below. Empty where it is wrong, which is logged then.
  static var baseURL: ValueType {
    let example = "https://api.example.com"
    return ValueType(
      expected: "a URL", example: example, shape: .orNull(.text(pattern: URLPattern.whole)),
      write: { $0.map { .text($0) } ?? .null }
    ) { node, _, reader in
      if node.isNull { return .some(nil) }
      guard let text = reader.text(node, expected: "a URL", example: example),
        let address = reader.address(text, node)
      else { return "" }
      guard !address.url.target.utf8.contains(UInt8(ascii: "?")) else {
        reader.log.error(
          "a query in 'base_url'", hint: "it stands in 'query', or in a destination's 'url'", at: node.place)
        return ""
      }
      return text
    }
  }
}

extension Reader {
  /// `skipped` scalars of the text are not the node's.
  fileprivate mutating func address(_ text: String, _ node: Node, from skipped: Int = 0) -> EndpointAddress? {
    do throws(EndpointAddress.Problem) {
      return try EndpointAddress.parse(text)
    } catch {
      var place = node.place
      if let range = error.range, range.lowerBound >= skipped {
        place = log.source.place(of: (range.lowerBound - skipped)..<(range.upperBound - skipped), in: node)
      }
      log.error(error.message, hint: error.hint, at: place)
      return nil
    }
  }
}

/// Regular expressions for URLs with templates.
private enum URLPattern {
  private static let template = #"\$(?!\{)|\$\$\{|\$\{("[^"]*"|'[^']*'|[^}"'])*\}"#
  private static let sign = "([^\\s#@$]|\(template))"
  static let whole = "^(https?|http\\+unix)://([^\\s#@$?]|\(template))+$"
  static let orEndpoint = "^((https?|http\\+unix)://\(sign)|[/?])\(sign)*$"
}
