package import FanOut
import Synchronization

/// The newest snapshot of every lane, for those who show it.
package final class SnapshotBoard: Sendable {
  private let lanes: Mutex<[FanOutSnapshot?]>

  init(lanes: Int) { self.lanes = Mutex(Array(repeating: nil, count: lanes)) }

  func post(_ snapshot: FanOutSnapshot, lane: Int) { lanes.withLock { $0[lane] = snapshot } }

  /// All lanes together.
  package var snapshot: FanOutSnapshot {
    lanes.withLock { lanes in
      var whole = FanOutSnapshot(destinations: [], partitions: [])
      for case .some(let lane) in lanes {
        whole.partitions += lane.partitions
        if whole.destinations.isEmpty {
          whole.destinations = lane.destinations
          continue
        }
        for i in lane.destinations.indices {
          whole.destinations[i].inFlight += lane.destinations[i].inFlight
          whole.destinations[i].kept += lane.destinations[i].kept
          whole.destinations[i].counts = whole.destinations[i].counts + lane.destinations[i].counts
        }
      }
      whole.partitions.sort {
        ($0.partition.topic, $0.partition.partition) < ($1.partition.topic, $1.partition.partition)
      }
      return whole
    }
  }
}
