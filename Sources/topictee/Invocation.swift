/// A command line taken apart.
struct Invocation {
  let command: Command
  let arguments: [String]
  let options: [String: String]
  let switches: Set<String>
  let wantsHelp: Bool

  /// What is wrong with the command line: exit code 64.
  struct UsageError: Error { let text: String }

  static func parse(_ words: [String]) throws(UsageError) -> Invocation {
    let name = words.first ?? ""
    guard let command = Command.all.first(where: { $0.name == name }) else {
      throw UsageError(
        text: "topictee: no command '\(OneLine.of(name, max: 60))'\(suggestion(name, Command.all.map(\.name)))")
    }
    var arguments: [String] = []
    var options: [String: String] = [:]
    var switches: Set<String> = []
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      guard word.hasPrefix("--"), word != "--" else {
        if word != "--" { arguments.append(word) }
        continue
      }
      if word == "--help" {
        return Invocation(command: command, arguments: [], options: [:], switches: [], wantsHelp: true)
      }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      guard let option = command.options.first(where: { $0.name == parts[0] }) else {
        let near = suggestion(parts[0], command.options.map(\.name))
        throw UsageError(text: "topictee \(command.name): no option '--\(parts[0])'\(near)\nusage: \(command.usage)")
      }
      guard option.value != nil else {
        guard parts.count == 1 else {
          throw UsageError(
            text: "topictee \(command.name): --\(option.name) takes no value\nusage: \(command.usage)")
        }
        switches.insert(option.name)
        continue
      }
      guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else {
        throw UsageError(
          text: "topictee \(command.name): --\(option.name) needs a value\nusage: \(command.usage)")
      }
      options[option.name] = value
    }
    let needed = command.arguments.count { !$0.hasPrefix("[") }
    guard arguments.count >= needed, arguments.count <= command.arguments.count else {
      throw UsageError(
        text: arguments.count < needed
          ? "topictee \(command.name): needs \(command.arguments[arguments.count])\nusage: \(command.usage)"
          : "topictee \(command.name): too many arguments\nusage: \(command.usage)")
    }
    return Invocation(command: command, arguments: arguments, options: options, switches: switches, wantsHelp: false)
  }

  static func suggestion(_ word: String, _ known: [String]) -> String {
    let near = known.filter { distance(word, $0) <= 2 }.min { distance(word, $0) < distance(word, $1) }
    return near.map { "; did you mean '\($0)'?" } ?? ""
  }

  /// Levenshtein's edit distance.
  private static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a)
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = x == y ? diagonal : min(diagonal, above, row[j]) + 1
        diagonal = above
      }
    }
    return row[b.count]
  }
}
