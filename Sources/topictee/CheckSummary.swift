import Settings

/// What `topictee check` says of a valid file, in the file's own notation.
enum CheckSummary {
  static func text(_ settings: BridgeSettings, path: String) -> String {
    let kafka = settings.kafka
    var text = "\(OneLine.of(path, max: 200)) is valid\n"
    text += line("reads", "\(settings.topics.joined(separator: ", ")) as group \(OneLine.of(kafka.group, max: 100))")
    text += line("from", kafka.brokers.joined(separator: ", ") + security(of: kafka))
    text += line("begins", beginning(kafka.startAt))
    text += line(
      "limits",
      "\(settings.limits.inFlightRecords) records and \(SizeText.write(settings.limits.inFlightBytes)) in flight")
    text += line(
      "commits",
      "every \(DurationText.write(settings.commitEvery)); a stop waits up to \(DurationText.write(settings.drain))")
    let excerpt = settings.deadLetters.responseExcerptBytes
    text += line(
      "refused",
      "go to \(settings.deadLetters.topic), "
        + (excerpt == 0 ? "without the response's body" : "with \(SizeText.write(excerpt)) of the response's body"))
    if let results = settings.results { text += line("results", "a row for each record goes to \(results.topic)") }
    if let admin = settings.admin { text += line("admin", "this version does not listen at \(admin.listen)") }
    for destination in settings.destinations { text += "\n" + self.destination(destination, settings.order) }
    return text
  }

  private static func line(_ name: String, _ text: String) -> String { "  " + padded(name, 10) + text + "\n" }

  private static func security(of kafka: KafkaSettings) -> String {
    let login = kafka.sasl.map { "\($0.mechanism.rawValue) as \(OneLine.of($0.username, max: 100))" }
    let parts = [kafka.tls.map { $0.verify ? "TLS" : "TLS unverified" }, login].compactMap { $0 }
    return parts.isEmpty ? ", without TLS or login" : ", " + parts.joined(separator: ", ")
  }

  private static func beginning(_ start: StartAt) -> String {
    switch start {
    case .earliest: "at the earliest offset, where the group has none"
    case .latest: "at the latest offset, where the group has none"
    case .fail: "not at all where the group has no offset"
    }
  }

  private static func destination(_ one: DestinationSettings, _ order: Order) -> String {
    var text = "\(one.name): \(one.method.rawValue) \(SecretMask.url(one.url.text))\n"
    text += RequestSummary.lines(one).map { line($0.name, $0.text) }.joined()
    text += line("timeout", DurationText.write(one.timeout))
    let age = one.retry.maxAge.map { ", given up after \(DurationText.write($0))" } ?? ""
    text += line("retries", "\(one.retry.attempts) attempts, \(one.retry.backoff.text) apart\(age)")
    text += line("order", (one.order ?? order).rawValue)
    let rate = one.rate.map { ", \(RateText.write($0)) at most" } ?? ""
    text += line("requests", "\(one.concurrency.min) to \(one.concurrency.max) in flight\(rate)")
    text += line(
      "breaker",
      "opens after \(one.breaker.openAfter) failures in a row, for \(DurationText.write(one.breaker.openFor))"
    )
    text += line("accepted", one.success.parts.joined(separator: ", ") + (one.tls.verify ? "" : "; TLS unverified"))
    return text + RequestSummary.rules(one.response).map { line("rule", $0) }.joined()
  }
}
