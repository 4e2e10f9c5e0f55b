import Settings

/// `topictee init FILE`.
enum InitCommand {
  static func run(_ invocation: Invocation) throws(Invocation.UsageError) -> Int32 {
    let path = invocation.arguments[0]
    let mayOverwrite = invocation.switches.contains("force")
    var file = StarterFile()
    if let topic = invocation.options["topic"] {
      file.topic = topic
      file.group = "\(topic)-bridge"
      if let problem = file.problem { throw Invocation.UsageError(text: "topictee init: --topic: \(problem)") }
    }
    // Before any question: whoever answered them all should not hear it then.
    guard mayOverwrite || !OutputFile.exists(path) else { return refuse("\(path) exists; --force overwrites it") }
    if Terminal.canAsk, !ask(&file, topicIsKnown: invocation.options["topic"] != nil) {
      return refuse("nothing was written")
    }
    if let why = OutputFile.write(file.text, to: path, mayOverwrite: mayOverwrite) {
      return refuse("cannot write \(path): \(why)")
    }
    Terminal.print("\(path) is written; next: topictee check \(path) --connect")
    return 0
  }

  private static func refuse(_ text: String) -> Int32 {
    Terminal.complain("topictee init: \(PlainText.clean(text))")
    return 64
  }

  /// False where the input ends before all is answered.
  private static func ask(_ file: inout StarterFile, topicIsKnown: Bool) -> Bool {
    guard let lines = Terminal.Lines(path: nil) else { return false }
    func answer(_ question: String, _ standard: String, _ set: (inout StarterFile, String) -> Void) -> Bool {
      while true {
        Terminal.draw("\(question) [\(standard)]: ")
        guard let line = lines.next() else { return false }
        let text = String(decoding: line, as: UTF8.self)
        var changed = file
        set(&changed, text.isEmpty ? standard : text)
        guard let problem = changed.problem else {
          file = changed
          return true
        }
        Terminal.print("  \(problem)")
      }
    }
    guard
      answer(
        "Kafka brokers, with commas between", file.brokers.joined(separator: ","),
        { file, text in
          file.brokers = text.split(separator: ",").map { String($0.drop { $0 == " " }) }
        })
    else { return false }
    if !topicIsKnown {
      guard answer("topic to read", file.topic, { $0.topic = $1 }) else { return false }
      file.group = "\(file.topic)-bridge"
    }
    guard answer("consumer group", file.group, { $0.group = $1 }) else { return false }
    let examples = file.destinations
    file.destinations = []
    for (i, example) in examples.enumerated() {
      guard answer("URL of API \(i + 1)", example.url, { $0.add(url: $1) }) else { return false }
    }
    return true
  }
}

/// A minimal config with comments.
struct StarterFile {
  var brokers = ["localhost:9092"]
  var topic = "orders"
  var group = "orders-bridge"
  var destinations = [
    (name: "crm", url: "https://crm.example.com/orders"), (name: "erp", url: "https://erp.example.com/api/orders"),
  ]

  /// Named by the first label of its host that tells it from the others.
  mutating func add(url: String) {
    var name = "api\(destinations.count + 1)"
    if let host = (try? EndpointURL.parse(url))?.host {
      let labels = host.split(separator: ".").map(String.init)
      let isName = labels.count > 1 && labels.allSatisfy { $0.contains { $0.isLetter } }
      let free = labels.dropLast(isName ? 1 : 0).first { label in
        label != "api" && label != "www" && !destinations.contains { $0.name == label }
      }
      if isName, let free, free.utf8.count <= 64 { name = free }
    }
    destinations.append((name, url))
  }

  /// What `check` would say of it first.
  var problem: String? {
    let text = self.text
    let example =
      destinations.isEmpty ? text.replacing("destinations:\n", with: "destinations: { x: { url: http://h } }\n") : text
    guard case .invalid(let found) = SettingsLoader.load(text: Array(example.utf8), file: "", environment: [:]) else {
      return nil
    }
    return found.first?.message
  }

  var text: String {
    func value(_ text: String) -> String { PlainValue.text(text).inline }
    var file = """
      # Every record of the topic goes to every destination below. Its offset is committed when all of them have accepted
      # it, or when the dead-letter topic holds what they refused. Both topics must be there.
      #
      # topictee check FILE            says what is wrong with this file, and what it would do
      # topictee check FILE --connect  also tries the brokers and the APIs
      # topictee run FILE              delivers until SIGTERM

      kafka:
        brokers: [\(brokers.map(value).joined(separator: ", "))]
        group: \(value(group))   # the bridge's name to Kafka; its offsets are kept under it

      topic: \(value(topic))

      destinations:

      """
    for destination in destinations { file += "  \(destination.name):\n    url: \(value(destination.url))\n" }
    file += "\ndead_letters:\n  topic: \(value("\(topic).dead"))\n"
    file += "\n# What else there is, with the defaults.\n"
    for row in ConfigReference.rows where !row.path.contains(".") && row.standard != nil && row.standard != "null" {
      file += "# \(row.path): \(row.standard ?? "")   # \(row.summary)\n"
    }
    file += "# defaults:   # what a destination takes, for all of them; each may have its own\n"
    let prefix = "destinations.NAME."
    for row in ConfigReference.rows where row.path.hasPrefix(prefix) {
      let key = row.path.dropFirst(prefix.count)
      guard !key.contains("."), let standard = row.standard, standard != "null" else { continue }
      file += "#   \(key): \(standard)   # \(row.summary)\n"
    }
    return file
  }
}
