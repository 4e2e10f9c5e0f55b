import Destinations
import HTTPWire
import Payload
import Testing

@Suite struct RecordIDTests {
  /// Made with Python's hashlib and base64 as the documentation says:
  /// `sha256(sha256(b"CLUSTER/TOPIC/PARTITION").digest() + offset.to_bytes(8, "big")).digest()[:20]`.
  @Test(arguments: [
    ("MkU3OEVBNTcwNTJENDM2Qk", "orders", 0, 0, "g6gev7ponhzxhke4rufdhnzmxnxebhth"),
    ("MkU3OEVBNTcwNTJENDM2Qk", "orders", 11, 42, "pdhuqpjmfpsainw37iq7oyjc2hjmappy"),
    (
      "MkU3OEVBNTcwNTJENDM2Qk",
      "a.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      2147483647, 9223372036854775807, "hp76dhueqxlmmxvwnef3w45v2og4fdxv"
    ),
    ("grüße", "t", 1, 1, "7y33cncq53c4b2wchcpjpqbhk4nfpscn"),
  ])
  func asDocumented(_ cluster: String, _ topic: String, _ partition: Int32, _ offset: Int64, _ id: String) {
    let ids = RecordIDs(cluster: cluster, topic: topic, partition: partition)
    #expect(ids.id(ofOffset: offset).string == id)
    var buffer = ByteBuffer()
    ids.id(ofOffset: offset).append(to: &buffer)
    #expect(unsafe buffer.withBytes { unsafe String(decoding: $0, as: UTF8.self) } == id)
  }

  /// Standard Webhooks: an id holds no `.`; and it goes into a header and into JSON as it is.
  @Test func lettersAndUniqueness() {
    var seen: Set<String> = []
    for partition: Int32 in 0..<4 {
      let ids = RecordIDs(cluster: "c", topic: "orders", partition: partition)
      for offset: Int64 in 0..<500 {
        let id = ids.id(ofOffset: offset).string
        #expect(id.utf8.count == RecordID.count)
        #expect(id.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x32...0x37).contains($0) })
        seen.insert(id)
      }
    }
    #expect(seen.count == 2_000)
  }
}
