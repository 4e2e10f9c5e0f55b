import Foundation
import Testing

@testable import Settings

/// Files with literal secrets that are damaged everywhere but in the secrets and their keys: none is ever shown.
@Suite struct SecretLeakTests {
  private static let text = """
    kafka:
      brokers: [localhost:9092]
      group: g
      sasl: { mechanism: PLAIN, username: u, password: hunter2 }
      properties: { session.timeout.ms: 45000, ssl.key.password: hunter2 }
    topic: orders
    destinations:
      a:
        url: https://h/?access_token=hunter2
        timeout: 15s
        auth:
          basic:
            username: u
            password: hunter2
      b: { url: "https://h/b", auth: { api_key: { header: X-K, value: hunter2 } }, proxy: "http://u:hunter2@p:1" }
      c:
        url: https://h/c
        auth: { oauth2: { token_url: https://id/, client_id: c, client_secret: "hunter2" } }
        sign:
          scheme: standard-webhooks
          secrets:
            - whsec_aHVudGVyMg==
            - hunter2
      d:
        url: https://h/d
        headers: { Authorization: Bearer hunter2, X-Api-Key: 'hunter2' }
        sign:
          hmac:
            header: X-S
            secret: |
              hunter2
              hunter2
      e:
        url: https://h/e
        auth: { bearer: "hunter2
          hunter2" }
        body: { form: { password: hunter2, id: "${value.id}" } }
        sign: { scheme: standard-webhooks, secrets: [hunter2, 'whsec_aHVudGVyMg=='] }
      f:
        url: https://h/f
        auth:
          bearer:
            hunter2
        body: { json: { token: hunter2 } }
    dead_letters:
      topic: orders.dead

    """

  private static let protected = ["hunter2", "whsec", "secret:", "bearer:", "secrets:", "password:"]

  /// Lines that a secret has a part in are moved, and something is put before or behind them; the others are torn.
  private static func damage(_ lines: [[UInt8]], _ numbers: inout SeededNumbers) -> [[UInt8]] {
    var damaged = lines
    for at in lines.indices.shuffled(using: &numbers).prefix(Int.random(in: 1...3, using: &numbers)) {
      let line = lines[at]
      let piece = HostileFilesTests.pieces.randomElement(using: &numbers) ?? []
      let text = String(decoding: line, as: UTF8.self)
      if protected.contains(where: { text.contains($0) }) {
        switch Int.random(in: 0..<3, using: &numbers) {
        case 0: damaged[at] = piece + line
        case 1: damaged[at] = line + piece
        default: damaged[at] = Array(line.drop { $0 == 0x20 })
        }
      } else {
        let start = Int.random(in: 0...line.count, using: &numbers)
        let end = min(line.count, start + Int.random(in: 0...6, using: &numbers))
        damaged[at].replaceSubrange(start..<end, with: piece)
      }
    }
    return damaged
  }

  @Test func damagedFilesShowNoSecret() {
    let lines = Self.text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.utf8) }
    var leaks = 0
    for number in 0..<(HostileFilesTests.number("TOPICTEE_TEST_MUTATED_FILES") ?? 5_000) {
      var numbers = SeededNumbers(state: UInt64(number))
      let bytes = Array(Self.damage(lines, &numbers).joined(separator: [10]))
      let file = SettingsLoader.open(text: bytes, file: "b.yaml", environment: [:])
      let shown =
        switch file.result {
        case .valid(_, let warnings): DiagnosticRenderer().render(warnings) + file.settings.json
        case .invalid(let found): DiagnosticRenderer().render(found) + "\(found)"
        }
      guard shown.contains("hunter2") || shown.contains("aHVudGVyMg") else { continue }
      leaks += 1
      if leaks <= 5 { Issue.record("number \(number): \(shown)") }
    }
    #expect(leaks == 0)
  }
}
