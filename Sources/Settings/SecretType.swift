extension ValueType where Value == Secret {
  /// `{env: NAME}`, `{file: PATH}`, or with a warning the secret itself. `problem` says what is wrong with the value,
  /// without showing it.
  static func secret(
    example: String, problem: @escaping @Sendable (String) -> String? = { _ in nil }
  ) -> ValueType {
    var type = ValueType(
      expected: "{env: NAME} or {file: PATH}", example: example, shape: .secret, write: { _ in .secret }
    ) { node, _, reader in
      guard let secret = secret(node, example, &reader) else { return nil }
      guard reader.needsSecrets, let found = problem(secret.expose()) else { return secret }
      let place = node["env"]?.place ?? node["file"]?.place ?? node.place
      reader.log.error(found, hint: "for example: \(example)", at: place)
      return nil
    }
    type.isSecret = true
    return type
  }

  private static func secret(_ node: Node, _ example: String, _ reader: inout Reader) -> Secret? {
    switch node.content {
    case .scalar: return literal(node, example, &reader)
    case .sequence:
      reader.wrongType(node, expected: "{env: NAME} or {file: PATH}", example: example)
      return nil
    case .mapping:
      guard let entries = reader.entries(node, expected: "{env: NAME} or {file: PATH}", example: example) else {
        return nil
      }
      let known = entries.filter { $0.key == "env" || $0.key == "file" }
      for entry in entries where entry.key != "env" && entry.key != "file" {
        // What is no misspelt key may be the secret itself: `{hunter2}`.
        let isKey = Suggestion.closest(to: entry.key, among: ["env", "file"]) != nil
        if !isKey { reader.log.hide(node.place) }
        reader.log.error(
          isKey ? "unknown key \(PlainText.quoted(entry.key))" : "an unknown key in a secret's place",
          hint: "a secret is {env: NAME} or {file: PATH}", at: entry.keyPlace)
      }
      guard known.count <= 1 else {
        reader.log.error("both 'env' and 'file'", hint: "a secret comes from one place", at: known[1].keyPlace)
        return nil
      }
      guard let entry = known.first else { return nil }
      let name = ValueType<String>.text(example: entry.key == "env" ? "KAFKA_PASSWORD" : "/run/secrets/password")
      guard let name = name.read(entry.value, "", &reader) else { return nil }
      return entry.key == "env" ? variable(name, entry.value, &reader) : file(name, entry.value, &reader)
    }
  }

  private static func literal(_ node: Node, _ example: String, _ reader: inout Reader) -> Secret? {
    guard let text = reader.scalar(node, expected: "{env: NAME} or {file: PATH}", example: example) else { return nil }
    guard !text.isEmpty, !text.utf8.contains(0) else {
      reader.log.error(
        text.isEmpty ? "an empty secret" : "a NUL in a secret", hint: "for example: \(example)", at: node.place)
      return nil
    }
    if text == PlainValue.mask {
      reader.log.warning("a masked secret", hint: "the secret itself is needed: \(example)", at: node.place)
    } else if node.place.variable == nil {
      reader.log.warning("a secret in the file itself", hint: "better: \(example)", at: node.place)
    }
    return Secret(text)
  }

  private static func variable(_ name: String, _ node: Node, _ reader: inout Reader) -> Secret? {
    reader.namedVariables.insert(name)
    guard reader.needsSecrets else { return Secret("{env: \(name)}") }
    guard let value = reader.environment[name] else {
      reader.log.error(
        "the environment has no \(PlainText.quoted(name))", hint: "set it before starting", at: node.place)
      return nil
    }
    guard !value.isEmpty else {
      reader.log.error("the environment's \(PlainText.quoted(name)) is empty", at: node.place)
      return nil
    }
    // What stands for bytes that are no character.
    guard !value.unicodeScalars.contains("\u{FFFD}") else {
      reader.log.error("the environment's \(PlainText.quoted(name)) is not UTF-8", at: node.place)
      return nil
    }
    return Secret(value)
  }

  private static func file(_ path: String, _ node: Node, _ reader: inout Reader) -> Secret? {
    guard reader.needsSecrets else { return Secret("{file: \(path)}") }
    let name = PlainText.quoted(path: path)
    do throws(SecretFile.Problem) {
      return Secret(try SecretFile.read(path), path: path)
    } catch {
      switch error {
      case .empty: reader.log.error("the file \(name) is empty", at: node.place)
      case .holdsNUL: reader.log.error("the file \(name) holds a NUL", at: node.place)
      case .notUTF8: reader.log.error("the file \(name) is not UTF-8", at: node.place)
      case .file(.unreadable(let why)): reader.log.error("cannot read \(name): \(why)", at: node.place)
      case .file(.notAFile): reader.log.error("\(name) is not a file", at: node.place)
      case .file(.tooLarge):
        reader.log.error("the file \(name) is over 64 KiB", hint: "is it a secret?", at: node.place)
      }
    }
    return nil
  }
}
