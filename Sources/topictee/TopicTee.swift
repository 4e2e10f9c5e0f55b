import Bridging
import Kafka
import Settings

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// 0.1.0 until the first release.
let programVersion = "0.1.0"

@main enum TopicTee {
  static func main() {
    Terminal.openMissingStreams()
    // libjq would read `.jq` in the home folder into every program; nothing else here asks for the folder.
    unsafe unsetenv("HOME")
    // Not `exit`: it would take OpenSSL's tables from under threads that are still at it. Nothing is buffered.
    _exit(start(Array(CommandLine.arguments.dropFirst())))
  }
}

private func start(_ words: [String]) -> Int32 {
  switch words.first {
  case "--help", "-h":
    Terminal.print(Command.helpText)
    return 0
  case "--version":
    Terminal.print("topictee \(programVersion), librdkafka \(KafkaLibrary.version)")
    return 0
  case nil:
    Terminal.complain(Command.helpText)
    return 64
  default: break
  }
  do throws(Invocation.UsageError) {
    if words.first == "help" {
      Terminal.print(words.count > 1 ? try Invocation.command(named: words[1]).helpText : Command.helpText)
      return 0
    }
    let invocation = try Invocation.parse(words)
    if invocation.wantsHelp {
      Terminal.print(invocation.command.helpText)
      return 0
    }
    return try carryOut(invocation)
  } catch {
    Terminal.complain(error.text)
    return 64
  }
}

private func carryOut(_ invocation: Invocation) throws(Invocation.UsageError) -> Int32 {
  switch invocation.command.name {
  case "run": return withSettings(invocation.arguments[0]) { RunCommand.run($0) }
  case "check": return CheckCommand.run(invocation)
  case "init": return try InitCommand.run(invocation)
  case "publish": return try publish(invocation)
  case "results":
    let command = try ResultsCommand(invocation)
    return withSettings(invocation.arguments[0], for: .kafkaOnly) { command.run($0, path: invocation.arguments[0]) }
  case "schema": return Terminal.print(ConfigSchema.document.json) ? 0 : 1
  case "completions": return try completions(invocation)
  case "manual": return Terminal.draw(Manual.page(version: programVersion)) ? 0 : 1
  default: return try DemoCommand.run(invocation)
  }
}

private func completions(_ invocation: Invocation) throws(Invocation.UsageError) -> Int32 {
  let shell = invocation.arguments[0]
  guard let script = Completions.script(for: shell) else {
    let near = Invocation.suggestion(shell, Completions.shells)
    throw Invocation.UsageError(
      text: "topictee completions: no shell '\(OneLine.of(shell, max: 40))'\(near)\nusage: \(invocation.command.usage)")
  }
  return Terminal.draw(script) ? 0 : 1
}

private func publish(_ invocation: Invocation) throws(Invocation.UsageError) -> Int32 {
  let key = invocation.options["key"]
  if let brokers = invocation.options["brokers"] {
    guard let topic = invocation.options["topic"] else {
      throw Invocation.UsageError(text: "topictee publish: --brokers needs --topic T")
    }
    guard invocation.arguments.count <= 1 else {
      throw Invocation.UsageError(text: "topictee publish: give CONFIG or --brokers, not both")
    }
    return PublishCommand.run(
      brokers: [brokers], properties: [], topic: topic, key: key,
      file: invocation.arguments.first)
  }
  guard let config = invocation.arguments.first else {
    throw Invocation.UsageError(
      text: "topictee publish: needs CONFIG or --brokers B\nusage: \(invocation.command.usage)")
  }
  return withSettings(config, for: .kafkaOnly) { settings in
    PublishCommand.run(
      brokers: settings.kafka.brokers, properties: settings.kafka.producerProperties,
      topic: invocation.options["topic"] ?? settings.topics[0], key: key,
      file: invocation.arguments.count > 1 ? invocation.arguments[1] : nil)
  }
}

/// Loads the file, or prints all that is wrong with it.
private func withSettings(
  _ path: String, for purpose: SettingsPurpose = .delivering, _ body: (BridgeSettings) -> Int32
) -> Int32 {
  switch ConfigFile.load(path: path, environment: Terminal.environment, for: purpose) {
  case .valid(let settings, let warnings):
    Terminal.complain(of: warnings)
    return body(settings)
  case .invalid(let diagnostics):
    Terminal.complain(of: diagnostics)
    return 78
  }
}
