/// One option of a command.
struct CommandOption {
  let name: String
  /// What stands for its value in the help; nil for a switch.
  let value: String?
  let help: String
}

/// One command: help, usage errors and parsing come from this table.
struct Command {
  let name: String
  /// Names of what it takes besides options; one in brackets may be left out.
  let arguments: [String]
  let options: [CommandOption]
  let help: String
  let details: String

  static let all = [
    Command(
      name: "run", arguments: ["CONFIG"], options: [], help: "deliver until SIGTERM",
      details: """
        Reads the topic, sends every record to every destination, commits what all of them have. SIGTERM or SIGINT
        drains, commits and leaves the group; a second one ends at once.
        """),
    Command(
      name: "check", arguments: ["CONFIG"], options: [], help: "say whether the file is valid, and what it would do",
      details: "Reports all errors at once, each with file, line, column and a caret. Exit 0 if there is none, else 78."
    ),
    Command(
      name: "publish", arguments: ["[CONFIG]", "[FILE]"],
      options: [
        CommandOption(name: "brokers", value: "B", help: "host:port, instead of CONFIG"),
        CommandOption(name: "topic", value: "T", help: "the topic; with CONFIG its own by default"),
        CommandOption(name: "key", value: "K", help: "the key of every record; none by default"),
      ],
      help: "send JSON lines from FILE or standard input to the topic",
      details: "With --brokers the only argument is FILE. Every line is one record; empty lines are passed over."),
    Command(
      name: "demo", arguments: [],
      options: [
        CommandOption(name: "for", value: "20s", help: "how long to publish events; up to 1h"),
        CommandOption(name: "rate", value: "50/s", help: "events a second; up to 10000/s"),
        CommandOption(
          name: "events", value: "N", help: "publish N events and end when they are settled; up to 1000000"),
      ],
      help: "embedded Kafka and two local APIs, nothing to install",
      details: """
        crm answers at once; erp is slow, sometimes fails, is down for a while and refuses some events. The address of
        the embedded broker is printed: kcat and `topictee publish` can send to it. On a terminal a picture is redrawn;
        elsewhere, and under NO_COLOR, there is a line a second. At the end what stands in the topics is compared with
        what the APIs accepted: exit 0 if nothing is lost, else 1. SIGINT and SIGTERM end it early, with the summary.

        --events N without --rate: at 50/s, or as fast as it takes to be done within --for. Either way publishing waits
        while 10000 events are not settled, and so goes no faster than erp.
        """),
  ]

  var usage: String {
    (["topictee \(name)"] + arguments + options.map { "[--\($0.name)\($0.value.map { " \($0)" } ?? "")]" })
      .joined(separator: " ")
  }

  var helpText: String {
    var text = "usage: \(usage)\n\n\(help.prefix(1).uppercased())\(help.dropFirst()).\n\(details)\n"
    if !options.isEmpty { text += "\noptions:\n" }
    for option in options {
      text += "  " + padded("--\(option.name)\(option.value.map { " \($0)" } ?? "")", 18) + option.help + "\n"
    }
    return text
  }

  static var helpText: String {
    var text = "topictee: a tee for Kafka topics. Every API gets every event.\n\nusage:\n"
    for command in all { text += "  " + padded(command.usage, 64) + command.help + "\n" }
    text += "  " + padded("topictee --help | --version", 64) + "this text; the version\n"
    return text + """

      `topictee COMMAND --help` says more.
      exit codes: 0 done, 1 finished but not all held, 64 wrong usage, 69 broker unreachable or topic missing,
                  70 fatal Kafka error, 75 the drain deadline passed, 78 bad config, 130 and 143 a second signal

      """
  }
}

func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(1, width - text.count))
}

/// A command line taken apart.
struct Invocation {
  let command: Command
  let arguments: [String]
  let options: [String: String]
  let wantsHelp: Bool

  /// What is wrong with the command line: exit code 64.
  struct UsageError: Error { let text: String }

  static func parse(_ words: [String]) throws(UsageError) -> Invocation {
    let name = words.first ?? ""
    guard let command = Command.all.first(where: { $0.name == name }) else {
      throw UsageError(text: "topictee: no command '\(name)'\(suggestion(name, Command.all.map(\.name)))")
    }
    var arguments: [String] = []
    var options: [String: String] = [:]
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      guard word.hasPrefix("--"), word != "--" else {
        if word != "--" { arguments.append(word) }
        continue
      }
      if word == "--help" { return Invocation(command: command, arguments: [], options: [:], wantsHelp: true) }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      guard let option = command.options.first(where: { $0.name == parts[0] }) else {
        let near = suggestion(parts[0], command.options.map(\.name))
        throw UsageError(text: "topictee \(command.name): no option '--\(parts[0])'\(near)\nusage: \(command.usage)")
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
    return Invocation(command: command, arguments: arguments, options: options, wantsHelp: false)
  }

  private static func suggestion(_ word: String, _ known: [String]) -> String {
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
