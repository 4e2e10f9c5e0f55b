/// What a server has seen, in the order it saw it.
struct Journal: Sendable {
  struct Exchange: Sendable {
    let request: Request
    /// 0 for one that was not answered.
    var status: UInt16 = 0
    /// When it was answered, or its connection ended; `Int.max` before that. Compare it with `Request.arrivedAt`.
    var endedAt = Int.max
    /// By the monotonic clock.
    let arrivedNanoseconds: UInt64
    var isAccepted: Bool { (200...299).contains(status) }
  }

  private(set) var exchanges: [Exchange] = []
  /// How many numbers were accepted at least once.
  private(set) var distinct = 0
  /// How many requests were accepted.
  private(set) var accepted = 0
  /// How many bytes of `flood` went out.
  var flooded = 0
  /// Requests without an answer yet.
  private(set) var open = 0
  private(set) var openMax = 0
  /// How often the number that came most often has come.
  private(set) var attemptsMax = 0
  /// Of a long run the bytes are not kept: each body is compared with the payload's when it comes.
  let checks: Payload?
  /// How many bodies were not the payload's, where they are compared.
  private(set) var misfits = 0
  private var attempts: [Int] = []
  private var acceptedOf: [Int] = []
  private var clock = 0

  init(checks: Payload? = nil) { self.checks = checks }

  /// The new exchange's index.
  mutating func arrived(_ bytes: [UInt8], headLength: Int) -> Int {
    let number = Payload.number(in: bytes, from: headLength)
    if number >= 0 {
      grow(to: number)
      attempts[number] += 1
      attemptsMax = max(attemptsMax, attempts[number])
    }
    clock += 1
    var request = Request(
      bytes: bytes, headLength: headLength, number: number, attempt: number < 0 ? 1 : attempts[number],
      arrivedAt: clock)
    if let checks {
      if number < 0 || !request.hasBody(checks.value(number)) { misfits += 1 }
      request = request.withoutBytes
    }
    exchanges.append(Exchange(request: request, arrivedNanoseconds: monotonicNanoseconds()))
    open += 1
    openMax = max(openMax, open)
    return exchanges.count - 1
  }

  mutating func answered(_ index: Int, _ status: UInt16) {
    clock += 1
    exchanges[index].status = status
    exchanges[index].endedAt = clock
    open -= 1
    guard exchanges[index].isAccepted else { return }
    accepted += 1
    let number = exchanges[index].request.number
    guard number >= 0 else { return }
    if acceptedOf[number] == 0 { distinct += 1 }
    acceptedOf[number] += 1
  }

  /// The client went away, or was thrown out.
  mutating func abandoned(_ index: Int) {
    clock += 1
    exchanges[index].endedAt = clock
    open -= 1
  }

  /// How often the number was accepted.
  func acceptedCount(_ number: Int) -> Int { number < acceptedOf.count ? acceptedOf[number] : 0 }
  func attemptCount(_ number: Int) -> Int { number < attempts.count ? attempts[number] : 0 }

  private mutating func grow(to number: Int) {
    guard number >= attempts.count else { return }
    let more = max(1_024, number + 1 - attempts.count)
    attempts += Array(repeating: 0, count: more)
    acceptedOf += Array(repeating: 0, count: more)
  }
}
