import Foundation
import Settings
import Testing

/// `init` where somebody sits at a terminal: it asks.
@Suite(.timeLimit(.minutes(1)), .serialized) struct InitDialogueTests {
  private static let questions = ["Kafka brokers", "topic to read", "consumer group", "URL of API 1", "URL of API 2"]

  @Test func answersAreWritten() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("b.yaml")
    let terminal = try PseudoTerminal(["init", path])
    let answers = [
      "k1.example.com:9092, k2.example.com:9092", "payments", "", "https://billing.example.com/v1",
      "http://10.0.0.7:8080/in",
    ]
    for (question, answer) in zip(Self.questions, answers) {
      try #require(terminal.wait(for: question))
      try #require(terminal.wait(for: "]: "))
      try terminal.type(answer + "\n")
    }
    let end = terminal.finish()
    #expect(end.code == 0 && end.errors.isEmpty, "\(end)")
    #expect(terminal.screen.contains("consumer group [payments-bridge]: "), "\(terminal.screen)")
    #expect(terminal.screen.contains("is written; next: topictee check"))
    let check = try Program.run(["check", path])
    #expect(check.code == 0 && check.errors.isEmpty, "\(check.errors)")
    for words in [
      "payments as group payments-bridge", "k1.example.com:9092, k2.example.com:9092", "go to payments.dead",
      "billing: POST https://billing.example.com/v1", "api2: POST http://10.0.0.7:8080/in",
    ] { #expect(check.output.contains(words), "\(words) in \(check.output)") }
  }

  @Test func aWrongAnswerIsAskedForAgain() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("b.yaml")
    let terminal = try PseudoTerminal(["init", "--topic", "refunds", path])
    for answer in ["http://k1:9092", "k1:9092", "", "crm.example.com", "https://crm.example.com/", ""] {
      try #require(terminal.wait(for: "]: "))
      try terminal.type(answer + "\n")
    }
    #expect(terminal.finish().code == 0)
    #expect(terminal.screen.contains("a broker is host:port, without a scheme or a path"), "\(terminal.screen)")
    #expect(terminal.screen.contains("a URL without http:// or https://"))
    #expect(!terminal.screen.contains("topic to read"), "it was given")
    #expect(terminal.screen.ranges(of: "Kafka brokers").count == 2)
    #expect(try Program.run(["check", path]).output.contains("refunds as group refunds-bridge"))
  }

  /// Control-D is the end of what is typed.
  @Test func whoGivesUpLeavesNoFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("b.yaml")
    let terminal = try PseudoTerminal(["init", path])
    try #require(terminal.wait(for: "]: "))
    try terminal.type("k1:9092\n")
    try #require(terminal.wait(for: "topic to read"))
    try terminal.type("\u{4}")
    let end = terminal.finish()
    #expect(end.code == 64 && end.errors.contains("nothing was written"), "\(end)")
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func aFileThatIsThereIsNotAskedAbout() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("b.yaml", "mine")
    let terminal = try PseudoTerminal(["init", path])
    let end = terminal.finish()
    #expect(end.code == 64 && end.errors.contains("--force overwrites it") && terminal.screen.isEmpty, "\(end)")
  }
}
