import Settings

/// The manual page in roff's `man` macros, from the tables of commands, exit codes and config keys.
enum Manual {
  static func page(version: String) -> String {
    var page = ".TH TOPICTEE 1 \"\" \"topictee \(version)\" \"User Commands\"\n"
    page += ".SH NAME\ntopictee \\- a tee for Kafka topics: every API gets every event\n"
    page += ".SH SYNOPSIS\n" + Command.all.map { "\(text($0.usage))\n" }.joined(separator: ".br\n")
    page += """
      .SH DESCRIPTION
      Reads the records of a Kafka topic and sends each one to every HTTP API that the config names. The offset of a
      record is committed only when all of them have accepted it, or when the dead\\-letter topic holds what they refused.
      .SH COMMANDS

      """
    for command in Command.all {
      page += ".SS \"\(text(command.usage))\"\n\(text(command.help.sentence))\n.PP\n\(block(command.details))"
      for option in command.options {
        let value = option.value.map { " \\fI\(text($0))\\fR" } ?? ""
        page += ".TP\n\\fB\\-\\-\(text(option.name))\\fR\(value)\n\(text(option.help.sentence))\n"
      }
    }
    page += ".SH CONFIGURATION\nOne YAML file. A key is \\fBrequired\\fR or has the default that stands with it.\n"
    for row in ConfigReference.rows {
      page += ".TP\n\\fB\(text(row.path))\\fR: \(text(row.type))\(text(standard(of: row)))\n"
      page += "\(text(row.summary.sentence)) Example: \(text(row.example))\n"
    }
    page += """
      .SH ENVIRONMENT
      A variable stands over the file's value: \\fBTOPICTEE_\\fR and the key's path in upper case, with two underscores
      between levels, such as TOPICTEE_KAFKA__GROUP. A variable with this prefix that leads to no key is an error.
      Lists are written with commas. \\fBNO_COLOR\\fR turns colours off.
      .SH EXIT STATUS

      """
    for code in ExitCode.all { page += ".TP\n\\fB\(code.codes)\\fR\n\(text(code.meaning.sentence))\n" }
    return page + """
      .SH SIGNALS
      TERM and INT stop reading, finish what is in flight, commit, leave the group and exit 0. A second one ends at once.

      """
  }

  private static func standard(of row: ConfigReference.Row) -> String {
    if row.isRequired { return ", required" }
    return row.standard.map { $0 == "null" ? ", none by default" : ", \($0) by default" } ?? ""
  }

  /// Lines as they stand; an empty one begins a paragraph.
  private static func block(_ details: String) -> String {
    details.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? ".PP\n" : "\(text(String($0)))\n" }.joined()
  }

  /// Nothing in it means anything to roff.
  private static func text(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "\\": out += "\\e"
      case "-": out += "\\-"
      case "\"": out += "\\(dq"
      case "'": out += "\\(aq"
      case "`": out += "\\(ga"
      case "~": out += "\\(ti"
      case "^": out += "\\(ha"
      default: out.append(character)
      }
    }
    return out.hasPrefix(".") ? "\\&" + out : out
  }
}
