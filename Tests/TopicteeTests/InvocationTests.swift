import Testing

@testable import topictee

@Suite struct InvocationTests {
  @Test func wordsBecomeArgumentsAndOptions() throws {
    let run = try Invocation.parse(["run", "bridge.yaml"])
    #expect(run.command.name == "run")
    #expect(run.arguments == ["bridge.yaml"])
    #expect(!run.wantsHelp)

    let publish = try Invocation.parse(["publish", "--brokers", "a:1", "--topic=orders", "file", "--key", "--x"])
    #expect(publish.arguments == ["file"])
    #expect(publish.options == ["brokers": "a:1", "topic": "orders", "key": "--x"])

    let demo = try Invocation.parse(["demo", "--events", "-3", "--for=", "--rate", "a=b"])
    #expect(demo.options == ["events": "-3", "for": "", "rate": "a=b"])
    #expect(try Invocation.parse(["demo", "--rate=a=b"]).options == ["rate": "a=b"])
  }

  @Test func switchesTakeNothingBehindThem() throws {
    let check = try Invocation.parse(["check", "--connect", "b.yaml", "--sample", "s.json", "--json"])
    #expect(check.arguments == ["b.yaml"] && check.options == ["sample": "s.json"])
    #expect(check.switches == ["connect", "json"])
  }

  @Test func twoDashesEndTheOptions() throws {
    #expect(try Invocation.parse(["init", "--force", "--", "--odd"]).arguments == ["--odd"])
    #expect(try Invocation.parse(["publish", "b.yaml", "-"]).arguments == ["b.yaml", "-"])
  }

  @Test func helpTakesACommand() throws {
    let help = try Program.run(["help", "check"])
    #expect(help.code == 0 && help.output.hasPrefix("usage: topictee check CONFIG"))
    #expect(try Program.run(["help"]).output == Program.run(["--help"]).output)
    let wrong = try Program.run(["help", "chek"])
    #expect(wrong.code == 64 && wrong.errors.contains("did you mean 'check'?"))
  }

  @Test func helpIsWantedWhereverItStands() throws {
    for words in [["demo", "--help"], ["demo", "-h"], ["demo", "--events", "3", "--help", "--nonsense"]] {
      let help = try Invocation.parse(words)
      #expect(help.wantsHelp)
      #expect(help.command.name == "demo")
    }
  }

  @Test(arguments: [
    ([], "no command ''"),
    (["rum"], "no command 'rum'; did you mean 'run'?"),
    (["elephant"], "no command 'elephant'"),
    (["run"], "topictee run: needs CONFIG"),
    (["check", "a", "b"], "topictee check: too many arguments"),
    (["demo", "extra"], "topictee demo: too many arguments"),
    (["demo", "--evnts", "3"], "no option '--evnts'; did you mean '--events'?"),
    (["demo", "--brokers", "b"], "topictee demo: no option '--brokers'"),
    (["demo", "--events"], "--events needs a value"),
    (["check", "b", "--conect"], "no option '--conect'; did you mean '--connect'?"),
    (["version"], "no command 'version'; did you mean '--version'?"),
    (["check", "-x", "b"], "topictee check: no option '-x'"),
    (["check", "b", "-connect"], "no option '-connect'; did you mean '--connect'?"),
    (["check", "b", "--a\u{1B}[31m"], "no option '--a.[31m'"),
    (["check", ""], "topictee check: CONFIG is empty"),
    (["publish", "b", ""], "topictee publish: FILE is empty"),
    (["check", "--", "b", "--json"], "topictee check: too many arguments"),
    (["check", "b", "--connect=yes"], "--connect takes no value"),
  ]) func mistakesAreNamed(_ words: [String], _ text: String) {
    let error = #expect(throws: Invocation.UsageError.self) { try Invocation.parse(words) }
    #expect(error?.text.contains(text) == true, "\(error?.text ?? "")")
  }

  @Test func helpNamesEveryCommandAndOption() {
    for command in Command.all {
      #expect(Command.helpText.contains(command.usage))
      for option in command.options { #expect(command.helpText.contains("--\(option.name)")) }
    }
  }
}
