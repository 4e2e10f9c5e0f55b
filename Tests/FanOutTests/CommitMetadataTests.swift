import Testing

@testable import FanOut

private let names = ["crm", "erp", "wms"]

/// A ledger of records at these offsets, each settled for the destinations in its bits.
private func ledger(_ records: [(offset: Int64, bits: UInt64)]) -> PartitionLedger {
  var ledger = PartitionLedger(destinations: names.count)
  for (offset, bits) in records {
    guard let sequence = ledger.append(record(offset, key: nil), orderHash: 0) else { continue }
    for destination in names.indices where bits & (1 << UInt64(destination)) != 0 {
      _ = ledger.settle(sequence, for: destination)
    }
  }
  _ = ledger.advance()
  return ledger
}

private func progress(_ offset: Int64, _ metadata: String) throws -> RestoredProgress? {
  try CommitMetadata.read(CommittedPosition(offset: offset, metadata: metadata), destinations: names).get()
}

@Suite struct CommitMetadataTests {
  @Test func itSaysWhoHasWhatBeyondTheWatermark() {
    let text = CommitMetadata.text(
      ledger([(10, 0b000), (11, 0b001), (12, 0b001), (15, 0b011), (16, 0b000), (17, 0b001)]), destinations: names)
    #expect(text == "t1:crm=BFBB;erp=FB")
    #expect(CommitMetadata.text(ledger([(10, 0b111)]), destinations: names).isEmpty, "the watermark says it all")
    #expect(CommitMetadata.text(ledger([(10, 0b000)]), destinations: names).isEmpty)
  }

  @Test(arguments: 0..<200 as Range<UInt64>) func whatIsWrittenIsReadBack(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var offset = Int64.random(in: 0...(1 << 40), using: &random)
    var records: [(offset: Int64, bits: UInt64)] = [(offset, 0b010)]
    let step = Int64([1, 2, 1_000, 1 << 33].randomElement(using: &random) ?? 1)
    for _ in 0..<Int.random(in: 0...300, using: &random) {
      offset += Int64.random(in: 1...step, using: &random)
      records.append((offset, UInt64.random(in: 0...7, using: &random)))
    }
    let text = CommitMetadata.text(ledger(records), destinations: names)
    #expect(text.utf8.count <= 4_095)
    #expect(text.utf8.allSatisfy { $0 > 32 && $0 < 127 })
    var read = try #require(try progress(records[0].offset, text))
    var wasCut = false
    for (offset, bits) in records {
      let found = read.bits(at: offset)
      #expect(found & ~bits == 0, "never more than is true")
      if found != bits { wasCut = true } else { #expect(!wasCut || bits == 0, "what is cut off is the farthest") }
    }
    if text.utf8.count < 3_900 { #expect(!wasCut) }
  }

  @Test func tooMuchIsCutAtTheFarEnd() throws {
    let records = (0..<20_000).map { (offset: Int64($0), bits: UInt64($0 % 2)) }
    let text = CommitMetadata.text(ledger(records), destinations: names)
    #expect(text.utf8.count > 3_900 && text.utf8.count <= 4_095)
    var read = try #require(try progress(0, text))
    #expect((0..<3_000).allSatisfy { read.bits(at: $0) == UInt64($0 % 2) })
    for most in [64, 200, 1_000] {
      #expect(CommitMetadata.text(ledger(records), destinations: names, bytesMax: most).utf8.count <= most)
    }
  }

  @Test(arguments: [
    ("kafka-streams", "another program wrote it"), ("t2:crm=AB", "another program wrote it"),
    ("T1:", "another program wrote it"),
    ("t1:crm", "it is damaged"), ("t1:crm=A", "it is damaged"), ("t1:crm=AA", "it is damaged"),
    ("t1:crm=A!", "it is damaged"), ("t1:crm=AB;erp=g", "it is damaged"),
    ("t1:crm=AB;crm=AB", "it names a destination twice"),
    ("t1:crm=_______________AB", "it is damaged"), ("t1:crm=A____________H", "it is damaged"),
    ("t1:crm=" + String(repeating: "AB", count: 2_100), "it is longer than 4095 bytes"),
    ("t1:crm=\u{0}\u{0}", "it is damaged"),
    ("t1:\u{1F600}", "it is damaged"),
  ])
  func whatIsForeignOrDamagedIsNotUsed(_ text: String, _ reason: String) {
    let read = CommitMetadata.read(CommittedPosition(offset: 5, metadata: text), destinations: names)
    #expect(read == .failure(CommitMetadata.Foreign(text: reason)))
  }

  @Test func destinationsThatAreNoMoreAreSkippedAndNewOnesHaveNothing() throws {
    #expect(try progress(5, "t1:gone=AB") == nil)
    #expect(try progress(5, "t1:") == nil)
    #expect(try progress(5, "") == nil)
    var read = try #require(try progress(5, "t1:gone=AB;erp=AC"))
    #expect(read.bits(at: 5) == 0b010)
    #expect(read.bits(at: 6) == 0b010)
    #expect(read.bits(at: 7) == 0)
  }

  @Test(arguments: 0..<50 as Range<UInt64>) func noiseNeverTraps(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let letters = Array("t1:crmepws=;ABgz-_09~\u{0}é")
    for _ in 0..<200 {
      let noise = String(
        (0..<Int.random(in: 0...60, using: &random)).map { _ in letters.randomElement(using: &random) ?? "A" })
      let offset = Int64.random(in: 0...Int64.max, using: &random)
      for text in [noise, "t1:" + noise, "t1:crm=" + noise] {
        if case .success(var read?) = CommitMetadata.read(
          CommittedPosition(offset: offset, metadata: text), destinations: names)
        {
          _ = read.bits(at: offset)
          _ = read.bits(at: Int64.max)
        }
      }
    }
  }
}
