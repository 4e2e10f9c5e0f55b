import Settings

/// What `topictee check` says of a valid file.
enum CheckCommand {
  static func summary(_ settings: BridgeSettings) -> String {
    var text = "valid: \(settings.topics.joined(separator: ", ")) as group \(settings.kafka.group)"
    text += ", order \(settings.order.rawValue), commit every \(settings.commitEvery)\n"
    for destination in settings.destinations {
      text += "  \(destination.name): \(destination.method.rawValue) \(destination.url.text)"
      text += ", timeout \(destination.timeout), \(destination.retry.attempts) attempts\n"
    }
    return text + "  refused records go to \(settings.deadLetters.topic)"
  }
}
