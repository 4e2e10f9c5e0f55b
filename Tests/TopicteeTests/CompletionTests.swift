import Foundation
import Testing

@testable import topictee

/// The scripts in the shells they are for.
@Suite(.timeLimit(.minutes(1)), .serialized) struct CompletionTests {
  private static func run(_ shell: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [shell] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }

  private static func isThere(_ shell: String) -> Bool { (try? run(shell, ["-c", "echo yes"])) == "yes\n" }
  private static let hasZsh = isThere("zsh")
  private static let hasFish = isThere("fish")

  @Test func bashOffersWhatFits() throws {
    let script = try #require(Completions.script(for: "bash"))
    func offers(_ words: String) throws -> String {
      try Self.run(
        "bash",
        [
          "--norc", "-c",
          script
            + "COMP_WORDS=(\(words)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _topictee; echo \"${COMPREPLY[*]}\"",
        ])
    }
    let all = (Command.all.map(\.name) + ["--help", "--version"]).joined(separator: " ")
    #expect(try offers("topictee ''") == "\(all)\n")
    #expect(try offers("topictee ch") == "check\n")
    #expect(try offers("topictee check b.yaml --") == "--connect --sample --explain --json --help\n")
    #expect(try offers("topictee check --sample ''") == "\n", "files are the shell's own business")
    #expect(try offers("topictee completions ''") == "bash zsh fish\n")
    #expect(try offers("topictee publish --topic -") == "\n")
  }

  @Test(.enabled(if: hasZsh, "zsh is not there")) func zshOffersWhatFits() throws {
    let folder = try TemporaryFolder()
    let script = try folder.file("_topictee", try #require(Completions.script(for: "zsh")))
    let driver = try folder.file(
      "driver.zsh",
      """
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell "autoload -Uz compinit; compinit -u -D; source \(script); PS1='ready> '; unset zle_bracketed_paste; LISTMAX=0; echo loa''ded"
      zpty -r -m shell seen '*loaded*ready> *'
      zpty -n -w shell $'topictee check --\\t\\t'; zpty -r -m shell seen '*--connect*--sample*'; print -r -- "$seen"
      zpty -n -w shell $'\\C-utopictee completions f\\t\\C-a\\C-kprint done\\n'; zpty -r -m shell seen '*fish*done*'; print -r -- "$seen"
      zpty -d shell
      """)
    let output = try Self.run("zsh", ["-f", driver])
    #expect(output.contains("--explain") && output.contains("say where a value comes from"), "\(output)")
    #expect(output.contains("fish"), "\(output)")
  }

  @Test(.enabled(if: hasFish, "fish is not there")) func fishOffersWhatFits() throws {
    let folder = try TemporaryFolder()
    let script = try folder.file("topictee.fish", try #require(Completions.script(for: "fish")))
    func offers(_ line: String) throws -> [String] {
      try Self.run("fish", ["--no-config", "-c", "source \(script); complete -C '\(line)'"]).split(separator: "\n")
        .map { String($0.prefix { $0 != "\t" }) }
    }
    #expect(try offers("topictee ") == Command.all.map(\.name).sorted())
    #expect(try offers("topictee check --") == ["--connect", "--explain", "--help", "--json", "--sample"])
    #expect(try offers("topictee completions ") == ["bash", "fish", "zsh"])
    #expect(try offers("topictee publish --topic ").isEmpty)
  }

  @Test func anotherShellIsWrongUsage() throws {
    let result = try Program.run(["completions", "bsh"])
    #expect(result.code == 64 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("topictee completions: no shell 'bsh'; did you mean 'bash'?"), "\(result.errors)")
  }
}
