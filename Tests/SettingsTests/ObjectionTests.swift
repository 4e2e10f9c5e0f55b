import Testing

@testable import Settings

/// What other rooms say against a file stands among this room's own errors.
@Suite struct ObjectionTests {
  private static let text = """
    kafka:
      brokers: [h:1]
      group: g
      tls: { ca: {file: /ca.pem} }
      properties: { a.b: 1 }
    topic: orders
    defaults: { tls: { ca: /api.pem } }
    destinations:
      crm: { url: "https://h/", timout: 1s }
      erp: { url: "https://h/2", tls: { cert: /c.pem, key: /k.pem } }
    dead_letters: { topic: orders.dead }

    """

  private static func found(_ objections: [Objection], _ text: String = text) -> [Diagnostic] {
    let file = SettingsLoader.open(text: Array(text.utf8), file: "b.yaml", environment: [:]).with(objections)
    guard case .invalid(let found) = file.result else { return [] }
    return found
  }

  private static func places(_ objections: [Objection], _ text: String = text) -> [String] {
    found(objections, text).map { "\($0.line):\($0.column) \($0.message)" }
  }

  @Test func placesAreThoseOfKeysAndValues() {
    let found = Self.places([
      Objection(to: ["destinations", "erp", "tls", "key"], "key"),
      Objection(to: ["kafka", "properties", "a.b"], isAboutKey: true, "name"),
      Objection(to: ["kafka", "properties", "a.b"], "value"), Objection(to: ["kafka", "tls", "ca"], "authorities"),
      Objection(to: ["kafka"], isAboutKey: true, "all"), Objection(to: ["nowhere", "else"], "nothing"),
    ])
    #expect(
      found == [
        "1:1 all", "1:1 nothing", "4:21 authorities", "5:17 name", "5:22 value", "9:29 unknown key 'timout'",
        "10:56 key",
      ])
  }

  /// What two destinations have from `defaults` is wrong once.
  @Test func whatIsInheritedIsWrongWhereItStands() {
    let objections = ["crm", "erp"].map {
      Objection(to: ["destinations", $0, "tls", "ca"], "no certificate", hint: "h")
    }
    let found = Self.found(objections, Self.text.replacing(", timout: 1s", with: ""))
    #expect(found.map(\.line) == [7] && found[0].column == 24 && found[0].hint == "h" && found[0].severity == .error)
  }

  @Test func aFileWithoutObjectionsIsAsItWas() {
    let text = Self.text.replacing(", timout: 1s", with: "")
    let file = SettingsLoader.open(text: Array(text.utf8), file: "b.yaml", environment: [:])
    guard case .valid = file.with([]).result else {
      Issue.record("refused")
      return
    }
    #expect(file.readable.topics == ["orders"])
    // A file that cannot be read has one error, and nothing to object to.
    let none = SettingsLoader.open(path: "/nonexistent", environment: [:])
    guard case .invalid(let found) = none.with([Objection(to: ["kafka"], "x")]).result else {
      Issue.record("accepted")
      return
    }
    #expect(found.count == 1)
  }
}
