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
    let command = try command(named: words.first ?? "")
    var arguments: [String] = []
    var options: [String: String] = [:]
    var switches: Set<String> = []
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      // Behind `--` there are no options; `-` by itself is none.
      if word == "--" {
        arguments += rest
        break
      }
      guard word.hasPrefix("-"), word != "-" else {
        arguments.append(word)
        continue
      }
      if word == "--help" || word == "-h" {
        return Invocation(command: command, arguments: [], options: [:], switches: [], wantsHelp: true)
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let option = try option(parts[0], of: command)
      guard option.value != nil else {
        guard parts.count == 1 else { throw mistake(command, "--\(option.name) takes no value") }
        switches.insert(option.name)
        continue
      }
      guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else {
        throw mistake(command, "--\(option.name) needs a value")
      }
      options[option.name] = value
    }
    try check(arguments, of: command)
    return Invocation(command: command, arguments: arguments, options: options, switches: switches, wantsHelp: false)
  }

  static func command(named name: String) throws(UsageError) -> Command {
    if let command = Command.all.first(where: { $0.name == name }) { return command }
    let near = suggestion(name, Command.all.map(\.name) + ["--help", "--version"])
    throw UsageError(text: "topictee: no command '\(OneLine.of(name, max: 60))'\(near)")
  }

  private static func option(_ word: String, of command: Command) throws(UsageError) -> CommandOption {
    if let option = command.options.first(where: { "--\($0.name)" == word }) { return option }
    let near = suggestion(word, command.options.map { "--\($0.name)" } + ["--help"])
    throw mistake(command, "no option '\(OneLine.of(word, max: 60))'\(near)")
  }

  private static func check(_ arguments: [String], of command: Command) throws(UsageError) {
    let needed = command.arguments.count { !$0.hasPrefix("[") }
    guard arguments.count >= needed else { throw mistake(command, "needs \(command.arguments[arguments.count])") }
    guard arguments.count <= command.arguments.count else { throw mistake(command, "too many arguments") }
    // As from a shell's variable that is not set.
    if let empty = arguments.firstIndex(of: "") {
      throw mistake(command, "\(command.arguments[empty].filter { $0 != "[" && $0 != "]" }) is empty")
    }
  }

  private static func mistake(_ command: Command, _ text: String) -> UsageError {
    UsageError(text: "topictee \(command.name): \(text)\nusage: \(command.usage)")
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
