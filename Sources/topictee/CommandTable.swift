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
    text += "\n`topictee COMMAND --help` says more.\nexit codes:\n"
    for code in ExitCode.all { text += "  " + padded(code.codes, 10) + code.meaning + "\n" }
    return text
  }
}

/// What an exit code means: for the help and the manual page.
struct ExitCode {
  let codes: String
  let meaning: String

  static let all = [
    ExitCode(codes: "0", meaning: "done"),
    ExitCode(
      codes: "1",
      meaning:
        "finished, but demo found something lost, publish could not write all, or the output could not be written"),
    ExitCode(codes: "64", meaning: "wrong usage"),
    ExitCode(codes: "69", meaning: "broker or API not reachable, or a topic missing or not writable"),
    ExitCode(codes: "70", meaning: "fatal Kafka error: fenced, or no longer authorised"),
    ExitCode(codes: "75", meaning: "the drain deadline passed; what was in flight will be delivered again"),
    ExitCode(codes: "78", meaning: "bad config"),
    ExitCode(codes: "130, 143", meaning: "a second signal cut the drain short"),
  ]
}

func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(1, width - text.count))
}
