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
      name: "check", arguments: ["CONFIG"],
      options: [
        CommandOption(
          name: "connect", value: nil, help: "also try the broker, the topics and every API; sends no event"),
        CommandOption(name: "sample", value: "FILE", help: "show what each API would get for the JSON value in FILE"),
        CommandOption(
          name: "explain", value: "KEY", help: "say where a value comes from, such as destinations.crm.timeout"),
        CommandOption(name: "json", value: nil, help: "write one JSON object to standard output"),
      ], help: "say whether the file is valid, and what it would do",
      details: """
        Reports all errors at once, each with file, line, column and a caret. Exit 0 if there is none, else 78;
        64 for a key that --explain does not know, 69 if --connect could not reach something.

        Every key of the file can be overridden by an environment variable: TOPICTEE_ and the path in upper case, with
        two underscores between levels: TOPICTEE_KAFKA__GROUP, TOPICTEE_DESTINATIONS__CRM__URL.
        """),
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
    for command in all { text += "  \(command.usage)\n      \(command.help)\n" }
    text += "  topictee --help | --version\n      this text; the version\n"
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
