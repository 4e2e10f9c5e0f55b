import Settings

/// What `topictee demo` was asked for.
struct DemoOptions: Equatable {
  /// The books of the APIs hold every event of the run in memory.
  static let eventsMax = 1_000_000
  static let rateMax = 10_000
  static let hoursMax = 1

  /// Events to publish.
  var events: Int
  /// Events a second.
  var rate: Int
  /// When publishing ends even though not all `events` are out; nil: never.
  var publishing: Duration?

  /// `--events N` publishes exactly N: without `--rate` at 50/s, or as fast as it takes to be done within `--for`.
  init(_ options: [String: String]) throws(Invocation.UsageError) {
    var length = Duration.seconds(20)
    if let text = options["for"] {
      guard let parsed = DurationText.parse(text), parsed > .zero, parsed <= .seconds(Self.hoursMax * 3600) else {
        throw Self.wrong("for", text, "a duration above 0 and up to \(Self.hoursMax)h, such as 20s or 2m")
      }
      length = parsed
    }
    var rate: Int?
    if let text = options["rate"] {
      guard let parsed = RateText.parse(text), (1...Self.rateMax).contains(parsed) else {
        throw Self.wrong("rate", text, "a rate from 1/s to \(Self.rateMax)/s, such as 50/s")
      }
      rate = parsed
    }
    guard let text = options["events"] else {
      self.rate = rate ?? 50
      events = min(Self.eventsMax, max(1, Int(length.inSeconds * Double(self.rate))))
      publishing = length
      return
    }
    guard let count = Int(text), (1...Self.eventsMax).contains(count) else {
      throw Self.wrong("events", text, "a whole number from 1 to \(Self.eventsMax), such as 200")
    }
    events = count
    self.rate = rate ?? min(Self.rateMax, max(50, Int((Double(count) / length.inSeconds).rounded(.up))))
  }

  private static func wrong(_ option: String, _ text: String, _ wanted: String) -> Invocation.UsageError {
    Invocation.UsageError(text: "topictee demo: --\(option) '\(OneLine.of(text, max: 40))': expected \(wanted)")
  }

  /// How long publishing takes at this rate.
  var planned: Duration {
    let length = Duration.seconds(Double(events) / Double(rate))
    return publishing.map { min($0, length) } ?? length
  }

  /// So many that erp, which takes its time and one order of a customer after the other, keeps up with the rate.
  var customers: Int { max(20, rate / 4) }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// Text of others on one line of a terminal.
enum OneLine {
  /// Everything but printable ASCII becomes a dot: nothing that is shown can move the cursor or change the colours.
  static func of(_ text: some Sequence<UInt8>, max count: Int) -> String {
    let shown = text.prefix(Swift.max(0, count) + 1).map { (0x20..<0x7f).contains($0) ? $0 : UInt8(ascii: ".") }
    guard shown.count > count else { return String(decoding: shown, as: UTF8.self) }
    guard count > 3 else { return String(decoding: shown.prefix(Swift.max(0, count)), as: UTF8.self) }
    return String(decoding: shown.prefix(count - 3), as: UTF8.self) + "..."
  }

  static func of(_ text: String, max count: Int) -> String { of(text.utf8, max: count) }
}

/// When which event is due, so that the rate holds on average however late a turn comes.
struct DemoPace: Equatable {
  let events: Int
  let rate: Int

  /// How many should be out after this time; the first at once.
  func due(after elapsed: Duration) -> Int {
    min(events, Int(elapsed.inSeconds * Double(rate)) + 1)
  }

  /// When the next one is due, if `sent` are out.
  func next(after sent: Int) -> Duration { .seconds(Double(sent) / Double(rate)) }
}
