import Kafka
import Testing

@testable import Bridging
@testable import FanOut

/// What a dead letter loses when it is too large for its topic, and in which order.
@Suite struct DeadLetterFormTests {
  private func letter(key: Int? = 2, value: Int? = 2, headers: [Int] = []) -> OutgoingLetter {
    func bytes(_ count: Int?) -> [UInt8] { [UInt8](repeating: 7, count: count ?? 0) }
    var block: [UInt8] = []
    for size in headers {
      unsafe [UInt8]("h".utf8).withUnsafeBytes { name in
        unsafe bytes(size).withUnsafeBytes { unsafe RecordHeaders.encode(name: name, value: $0, into: &block) }
      }
    }
    let record = unsafe bytes(key).withUnsafeBytes { keyBytes in
      unsafe bytes(value).withUnsafeBytes { valueBytes in
        unsafe block.withUnsafeBytes {
          unsafe Record.make(
            assignment: AssignmentID(epoch: 1), offset: 42, timestampMilliseconds: 0, key: key == nil ? nil : keyBytes,
            headers: $0, value: value == nil ? nil : valueBytes)
        }
      }
    }
    let now = Instant(nanoseconds: 0)
    let failure = AttemptFailure(status: 400, message: String(repeating: "e", count: 900), response: [1, 2])
    return OutgoingLetter(
      record, from: TopicPartition(topic: "orders", partition: 0), destination: "crm",
      letter: DeadLetter(reason: .rejected, failure: failure, attempts: 1, firstAttemptAt: now, failedAt: now),
      now: now,
      wallMilliseconds: 0, keepsResponse: true)
  }

  private func forms(_ letter: OutgoingLetter) -> [DeadLetterForm] {
    Array(sequence(first: .whole) { $0.next(of: letter.record) })
  }

  private func header(_ name: String, _ form: DeadLetterForm, of letter: OutgoingLetter) -> String? {
    form.headers(of: letter).last { $0.name == "topictee.dlq." + name }.map {
      String(decoding: $0.value ?? [], as: UTF8.self)
    }
  }

  @Test func theResponseGoesFirstThenTheLargestPart() {
    let letter = letter(key: 200, value: 2 << 20, headers: [300, 300])
    let parts = forms(letter).map(\.parts)
    #expect(parts == [.all, .all, [.key, .headers], [.key], []])
    #expect(forms(letter).map(\.isLean) == [false, true, true, true, true])
    #expect(forms(letter).map(\.missed) == [nil, nil, "value", "value and headers", "value and headers and key"])
  }

  @Test func aSmallValueBesideLargeHeadersStays() {
    let letter = letter(headers: Array(repeating: 30_000, count: 50))
    let last = forms(letter).last
    #expect(last?.parts == [.key, .value])
    #expect(last.flatMap { header("headers_dropped", $0, of: letter) } == "50")
    #expect(last.flatMap { header("value_length", $0, of: letter) } == nil)
  }

  @Test func headersTellOfWhatIsMissedAndOfNothingElse() {
    let letter = letter(key: 3_000, value: 2_000, headers: [1_000])
    let forms = forms(letter)
    let told = ["value_sha256", "value_length", "key_sha256", "key_length", "headers_dropped", "response"]
    func names(_ form: DeadLetterForm) -> [String] { told.filter { header($0, form, of: letter) != nil } }
    #expect(
      forms.map(names) == [
        ["response"], [], ["key_sha256", "key_length"], ["value_sha256", "value_length", "key_sha256", "key_length"],
        told.dropLast(),
      ])
    #expect(header("key_length", forms[2], of: letter) == "3000")
    #expect(header("value_length", forms[3], of: letter) == "2000")
    #expect(header("value_sha256", forms[3], of: letter)?.count == 64)
    #expect(header("headers_dropped", forms[4], of: letter) == "1")
    #expect(header("error", forms[0], of: letter)?.count == 900 && header("error", forms[1], of: letter)?.count == 200)
  }

  @Test func nullsAndSmallPartsStay() {
    #expect(forms(letter(key: nil, value: nil)).map(\.parts) == [.all, .all])
    #expect(forms(letter(key: 100, value: 100, headers: [20])).map(\.parts) == [.all, .all])
  }
}
