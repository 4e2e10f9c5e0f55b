import Foundation
import Testing

@testable import Settings

/// The schema before an independent validator: `jsonschema` from PyPI.
@Suite struct ConfigSchemaTests {
  /// What the validator says of files: the reason, or "valid".
  private struct Validator {
    private static let script = """
      import json, sys
      import jsonschema
      folder = sys.argv[1]
      load = lambda name: json.load(open(folder + "/" + name))
      schema = load("schema.json")
      jsonschema.Draft7Validator.check_schema(schema)
      validator = jsonschema.Draft7Validator(schema)
      for i in range(int(sys.argv[2])):
          error = next(iter(validator.iter_errors(load("%d.json" % i))), None)
          print("valid" if error is None else error.message.splitlines()[0][:200])
      """

    static let isThere = (try? python(["-c", "import jsonschema"]))?.code == 0

    static func judge(_ files: [PlainValue]) throws -> [String] {
      let folder = FileManager.default.temporaryDirectory.appending(path: "topictee-schema-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      try Data(ConfigSchema.document.json.utf8).write(to: folder.appending(path: "schema.json"))
      for (i, file) in files.enumerated() {
        try Data(file.json.utf8).write(to: folder.appending(path: "\(i).json"))
      }
      let result = try python(["-c", script, folder.path(percentEncoded: false), "\(files.count)"])
      try #require(result.code == 0, "\(result.errors)")
      return result.output.split(separator: "\n").map(String.init)
    }

    private static func python(_ arguments: [String]) throws -> (code: Int32, output: String, errors: String) {
      let process = Process()
      let (output, errors) = (Pipe(), Pipe())
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["python3"] + arguments
      process.standardOutput = output
      process.standardError = errors
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      let complaints = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationStatus, text, complaints)
    }
  }

  @Test(.enabled(if: Validator.isThere, "python3 with jsonschema is not there"))
  func goodFilesAreValid() throws {
    let texts =
      [GoodFile.minimal, GoodFile.everything, ContractFile.text]
      + [GoodFile.minimal, GoodFile.everything, ContractFile.text].map { ContractFile.open($0).settings.json }
      + [
        GoodFile.minimal.replacing("topic: orders\n", with: "topics: [orders, refunds]\n"),
        GoodFile.minimal + "drain: 0\nlimits: { in_flight_bytes: 1024 }\n",
        GoodFile.minimal + "defaults: { success: 200, retry: { on: [] }, headers: { X: true }, rate: null }\n",
      ]
    for text in texts { _ = try ContractFile.load(text) }
    let verdicts = try Validator.judge(texts.map { try #require(PlainValue(yaml: $0)) })
    #expect(verdicts == Array(repeating: "valid", count: texts.count))
  }

  /// What a schema cannot say: two values together, more than one key of a name, the outside.
  private static let beyondASchema = [
    "duplicate key", "two destinations", "the same item twice", "dead letters would go", "'min' is above 'max'",
    "the range ends below", "'cert' without", "'key' without", "the header 'x-a' twice", "no status is left",
    "the environment", "cannot read", "'/' is not a file", "a size of 1048576", "0' is no port", "99' is no port",
    "the header 'Host'", "the header 'Transfer-Encoding'", "the header 'Connection'", "a CR, LF or NUL",
    "a template in",
    "an endpoint without", "bad jq", "bad XML", "a '${'", "unknown filter",
    "'default' takes", "has nothing below", "cannot come from a record", "the header 'Idempotency-Key'",
    "a path's segment", "'password' without", "'version' without", "is no number in JSON", "no URI reference",
    "'headers' without", "a space at the start", "of more than 8192 bytes", "'access_key_id'", "missing key 'secrets'",
    "whsec_",
    "both 'secrets'", "'secret' beside", "with the method GET", "'batch' with", "'batch' in", "'format: cloudevents'",
    "'mode: batched'", "is set by", "cannot be kept", "on the way to a socket", "no destination is required",
    "can be reached from elsewhere",
    "results would go", "no destination 'cmr'", "unknown root", "a '%' without", "'9999999999GiB'",
    "'99999999999999999999s'",
  ]

  @Test(.enabled(if: Validator.isThere, "python3 with jsonschema is not there"))
  func structurallyBadFilesAreNot() throws {
    let bad = BadFile.table.filter { file in !Self.beyondASchema.contains { file.firstLine.contains($0) } }
      .compactMap { file in PlainValue(yaml: file.text).map { (file.firstLine, $0) } }
    #expect(bad.count > 80)
    let verdicts = try Validator.judge(bad.map(\.1))
    for (file, verdict) in zip(bad, verdicts) where verdict == "valid" { Issue.record("the schema takes: \(file.0)") }
    #expect(verdicts.count == bad.count)
  }

  @Test func everyKeyHasDescriptionAndExample() throws {
    func check(_ schema: PlainValue, _ path: String) {
      guard case .map(let keys) = schema["properties"] else { return }
      for key in keys {
        if key.value["description"] == nil || key.value["examples"] == nil { Issue.record("\(path)\(key.key)") }
        check(key.value, "\(path)\(key.key).")
        if let inner = key.value["additionalProperties"] { check(inner, "\(path)\(key.key).NAME.") }
      }
    }
    check(ConfigSchema.document, "")
    let timeout = ConfigSchema.document["properties"]?["defaults"]?["properties"]?["timeout"]
    #expect(timeout?["default"] == .text("15s"))
    #expect(timeout?["$comment"] == .text("since 0.1"))
    #expect(timeout?["description"] == .text("For one attempt, to the end of the response."))
  }
}
