/// Scripts that complete commands and options in a shell, from the table of commands.
enum Completions {
  static let shells = ["bash", "zsh", "fish"]

  static func script(for shell: String) -> String? {
    switch shell {
    case "bash": bash
    case "zsh": zsh
    case "fish": fish
    default: nil
    }
  }

  private static let globals = [("--help", "what the commands are"), ("--version", "the version")]

  // MARK: bash

  /// Works with the bash 3.2 of a Mac, without the package bash-completion. Where nothing is offered, the shell itself
  /// completes file names.
  private static var bash: String {
    let names = (Command.all.map(\.name) + globals.map(\.0)).joined(separator: " ")
    var text = """
      # bash completion of topictee
      _topictee() {
        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
        COMPREPLY=()
        if [ "$COMP_CWORD" -eq 1 ]; then
          COMPREPLY=($(compgen -W '\(names)' -- "$cur"))
          return
        fi
        case $command in

      """
    for command in Command.all {
      text += "    \(command.name))\n"
      let free = command.options.filter { $0.value != nil && !$0.isFile }.map { "--\($0.name)" }
      let files = command.options.filter { $0.isFile }.map { "--\($0.name)" }
      if !free.isEmpty {
        text +=
          "      case $prev in \(free.joined(separator: "|"))) compopt +o default 2>/dev/null; return ;; esac\n"
      }
      if !files.isEmpty { text += "      case $prev in \(files.joined(separator: "|"))) return ;; esac\n" }
      let options = (command.options.map { "--\($0.name)" } + ["--help"]).joined(separator: " ")
      text += "      case $cur in -*) COMPREPLY=($(compgen -W '\(options)' -- \"$cur\")); return ;; esac\n"
      if let words = command.words {
        text += "      COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- \"$cur\"))\n"
      }
      text += "      ;;\n"
    }
    return text + "  esac\n}\ncomplete -o default -F _topictee topictee\n"
  }

  // MARK: zsh

  private static var zsh: String {
    var text = """
      #compdef topictee
      # zsh completion of topictee
      _topictee() {
        local state
        local -a commands
        commands=(

      """
    for (name, help) in Command.all.map({ ($0.name, $0.help) }) + globals {
      text += "    \(quoted("\(name):\(help)"))\n"
    }
    text += """
        )
        _arguments -C '1: :->command' '*:: :->rest'
        case $state in
          command) _describe -t commands command commands ;;
          rest)
            case $words[1] in

      """
    for command in Command.all {
      var specs = command.options.map { option in
        let end = option.value.map { option.isFile ? ":\($0):_files" : ":\($0): " } ?? ""
        return "--\(option.name)\(option.value == nil ? "" : "=")[\(escaped(option.help))]\(end)"
      }
      specs.append("--help[what the command does]")
      for (i, argument) in command.arguments.enumerated() {
        let action = command.words.map { "(\($0.joined(separator: " ")))" } ?? "_files"
        let name = argument.filter { $0 != "[" && $0 != "]" }
        specs.append("\(i + 1)\(argument.hasPrefix("[") ? "::" : ":")\(name):\(action)")
      }
      text += "        \(command.name)) _arguments \(specs.map(quoted).joined(separator: " ")) ;;\n"
    }
    return text + """
            esac
            ;;
        esac
      }
      if [ "$funcstack[1]" = _topictee ]; then _topictee "$@"; else compdef _topictee topictee; fi

      """
  }

  private static func escaped(_ help: String) -> String {
    help.map { "[]:".contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  // MARK: fish

  private static var fish: String {
    var text = "# fish completion of topictee\ncomplete -c topictee -f\n"
    for (name, help) in globals {
      text += "complete -c topictee -n __fish_use_subcommand -l \(name.dropFirst(2)) -d \(quoted(help))\n"
    }
    for command in Command.all {
      text += "complete -c topictee -n __fish_use_subcommand -a \(command.name) -d \(quoted(command.help))\n"
      let seen = "complete -c topictee -n '__fish_seen_subcommand_from \(command.name)'"
      for option in command.options {
        let value = option.value == nil ? "" : option.isFile ? " -r -F" : " -x"
        text += "\(seen) -l \(option.name)\(value) -d \(quoted(option.help))\n"
      }
      text += "\(seen) -l help -d 'what the command does'\n"
      if let words = command.words {
        text += "\(seen) -a \(quoted(words.joined(separator: " ")))\n"
      } else if !command.arguments.isEmpty {
        text += "\(seen) -F\n"
      }
    }
    return text
  }

  /// For any of the shells: nothing in single quotes is expanded.
  private static func quoted(_ text: String) -> String {
    "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
  }
}

extension CommandOption {
  /// Whether its value is the path of a file.
  var isFile: Bool { value == "FILE" }
}

extension Command {
  /// The words that its argument may be; `nil` for files.
  var words: [String]? {
    arguments.first.flatMap { $0.contains("|") ? $0.split(separator: "|").map(String.init) : nil }
  }
}
