import Reactor

/// A thread that publishes a scene's records at a steady rate, from number 0 on, and notes when it sent each.
final class Load: Sendable {
  private struct State {
    var sentAt: [UInt64] = []
    var isStopping = false
    var failure: (any Error)?
    var isOver = false
  }
  private let state = Watched(State())
  private let perSecond: Int

  init(_ scene: Scene, perSecond: Int) throws {
    self.perSecond = perSecond
    let (payload, broker, topic) = (scene.payload, scene.broker.address, scene.topic)
    _ = OSThread(name: "load") { [self] in
      do { try run(payload, broker, topic) } catch { state.change { $0.failure = error } }
      state.change { $0.isOver = true }
    }
  }

  private func run(_ payload: Payload, _ brokers: String, _ topic: String) throws {
    let writer = try TopicWriter(brokers, topic)
    let began = monotonicNanoseconds()
    var number = 0
    while !state.read({ $0.isStopping }) {
      let due = Int((monotonicNanoseconds() - began) / 1_000 * UInt64(perSecond) / 1_000_000)
      let first = number
      var times: [UInt64] = []
      while number < due {
        times.append(monotonicNanoseconds())
        try writer.send(key: payload.key(number), value: payload.value(number))
        number += 1
      }
      if number > first { state.change { [times] in $0.sentAt += times } }
      let next = began + UInt64(number + 1) * 1_000_000_000 / UInt64(perSecond)
      let now = monotonicNanoseconds()
      _ = state.wait(seconds: next > now ? max(0.001, Double(next - now) / 1e9) : 0.001) { $0.isStopping }
    }
    try writer.finish()
  }

  /// How many are sent.
  var count: Int { state.read { $0.sentAt.count } }
  var sentAt: [UInt64] { state.read { $0.sentAt } }

  /// False if it failed.
  func wait(until count: Int) -> Bool {
    _ = state.wait(seconds: Double(count) / Double(perSecond) + 60) { $0.sentAt.count >= count || $0.isOver }
    return self.count >= count
  }

  /// Lets it go on for so long.
  func wait(seconds: Double) -> Bool { wait(until: count + Int(seconds * Double(perSecond))) }

  /// How many the broker has now.
  func stop() throws -> Int {
    state.change { $0.isStopping = true }
    guard state.wait(seconds: 90, until: { $0.isOver }) else { throw Loopback.Failure(description: "no end of load") }
    if let failure = state.read({ $0.failure }) { throw failure }
    return count
  }
}

/// How long records were on their way, from their publisher to their first arrival at an API.
struct Latencies: CustomStringConvertible {
  private let sorted: [UInt64]

  init(_ journal: Journal, sentAt: [UInt64], of wanted: (Int) -> Bool) {
    var seen: Set<Int> = []
    sorted = journal.exchanges.compactMap { exchange in
      let number = exchange.request.number
      guard sentAt.indices.contains(number), wanted(number), seen.insert(number).inserted else { return nil }
      return exchange.arrivedNanoseconds > sentAt[number] ? exchange.arrivedNanoseconds - sentAt[number] : 0
    }.sorted()
  }

  var count: Int { sorted.count }

  /// In milliseconds; `share` of 1 is the slowest.
  func quantile(_ share: Double) -> Double {
    sorted.isEmpty ? 0 : Double(sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]) / 1e6
  }

  var p99: Double { quantile(0.99) }

  var description: String {
    let figures = [0.5, 0.99, 0.999, 1].map { (quantile($0) * 10).rounded() / 10 }
    return "p50 \(figures[0]) p99 \(figures[1]) p99.9 \(figures[2]) max \(figures[3]) ms of \(count)"
  }
}

/// The same over a span of numbers and in slices of it, of two seconds each. Others who use the machine make single slices
/// slow; what makes a typical one slow is what is measured.
struct SlicedLatencies: CustomStringConvertible {
  let all: Latencies
  private let p99s: [Double]

  init(
    _ journal: Journal, sentAt: [UInt64], _ numbers: Range<Int>, perSecond: Int,
    of wanted: (Int) -> Bool = { _ in true }
  ) {
    let size = max(1, min(numbers.count, 2 * perSecond))
    all = Latencies(journal, sentAt: sentAt) { numbers.contains($0) && wanted($0) }
    p99s = stride(from: numbers.lowerBound, through: numbers.upperBound - size, by: size).map { from in
      Latencies(journal, sentAt: sentAt) { (from..<from + size).contains($0) && wanted($0) }.p99
    }
  }

  private static func median(_ p99s: [Double]) -> Double { p99s.isEmpty ? 0 : p99s.sorted()[p99s.count / 2] }

  /// The 99th percentile of a typical slice.
  var typical: Double { Self.median(p99s) }
  /// And of one in the last third.
  var typicalAtTheEnd: Double { Self.median(p99s.suffix(max(1, p99s.count / 3))) }

  /// At full scale at most twice that of `before`, also at the end; else only that nothing waits for something slow.
  func isNoSlower(than before: SlicedLatencies) -> Bool {
    let allowed = Scale.isFull ? before.typical * 2 : max(before.typical * 2, 500)
    return typical <= allowed && typicalAtTheEnd <= allowed
  }

  var description: String { "\(all), p99 of each 2 s \(p99s.map { Int($0.rounded()) })" }
}
