private import CRdKafka
import FanOut

/// The partitions that are ours, and the cheap way from a message to its assignment.
///
/// A topic's C object stays the same one as long as a partition of it is assigned, so its address stands for the
/// topic until the next change of the assignment; then all addresses are forgotten.
@safe struct AssignmentTable {
  struct Entry {
    let id: AssignmentID
    let partition: TopicPartition
    let lane: Int
    /// Its records are dropped from now on; it may still commit.
    var isRevoked = false
  }

  private struct Place: Hashable {
    let topicAddress: UInt
    let partition: Int32
  }

  private var entries: [Entry] = []
  private var known: [Place: AssignmentID?] = [:]
  private var last = (place: Place(topicAddress: 0, partition: -1), id: AssignmentID?.none)
  /// Ended assignments and their lanes, so that a late commit is still answered there.
  private var ended: [AssignmentID: Int] = [:]
  private var nextEpoch: UInt32 = 1

  var all: [Entry] { entries }

  /// A new assignment, on the lane with the fewest partitions.
  mutating func add(_ partition: TopicPartition, lanes: Int) -> Entry {
    var load = [Int](repeating: 0, count: lanes)
    for entry in entries { load[entry.lane] += 1 }
    let lane = load.indices.min { load[$0] < load[$1] } ?? 0
    let entry = Entry(id: AssignmentID(epoch: nextEpoch), partition: partition, lane: lane)
    nextEpoch &+= 1
    entries.append(entry)
    forgetPlaces()
    return entry
  }

  mutating func markRevoked(_ ids: Set<AssignmentID>) {
    for index in entries.indices where ids.contains(entries[index].id) { entries[index].isRevoked = true }
    forgetPlaces()
  }

  mutating func remove(_ ids: Set<AssignmentID>) {
    for entry in entries where ids.contains(entry.id) { ended[entry.id] = entry.lane }
    entries.removeAll { ids.contains($0.id) }
    if ended.count > 4096, let newest = ended.keys.max() {
      ended = ended.filter { newest.epoch - $0.key.epoch < 2048 }
    }
    forgetPlaces()
  }

  func entry(_ id: AssignmentID) -> Entry? { entries.first { $0.id == id } }

  func entry(of partition: TopicPartition) -> Entry? { entries.first { $0.partition == partition } }

  /// The lane that is told about `id`, also after its end; `nil` for one that never was, or long ago.
  func lane(of id: AssignmentID) -> Int? { entry(id)?.lane ?? ended[id] }

  /// The assignment of a message; `nil` when its partition is not ours or no longer to be read.
  mutating func assignment(ofTopic topic: OpaquePointer?, partition: Int32) -> AssignmentID? {
    let place = Place(topicAddress: UInt(bitPattern: topic), partition: partition)
    if place == last.place { return last.id }
    let id: AssignmentID?
    if let found = known[place] { id = found } else { unsafe id = look(for: place, topic) }
    last = (place, id)
    return id
  }

  private mutating func look(for place: Place, _ topic: OpaquePointer?) -> AssignmentID? {
    guard let topic = unsafe topic else { return nil }
    let name = unsafe text(rd_kafka_topic_name(topic))
    let found = entry(of: TopicPartition(topic: name, partition: place.partition))
    let id = found.flatMap { $0.isRevoked ? nil : $0.id }
    known.updateValue(id, forKey: place)
    return id
  }

  private mutating func forgetPlaces() {
    known.removeAll(keepingCapacity: true)
    last = (Place(topicAddress: 0, partition: -1), nil)
  }
}
