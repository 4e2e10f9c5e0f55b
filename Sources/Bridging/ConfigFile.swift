package import Settings

/// A config file that every room had its say on, with nothing connected to.
package enum ConfigFile {
  /// What `SettingsLoader` says, and what librdkafka and OpenSSL would refuse when the work begins.
  package static func open(path: String, environment: [String: String]) -> LoadedFile {
    let file = SettingsLoader.open(path: path, environment: environment)
    var isComplete = true
    if case .invalid = file.result { isComplete = false }
    return file.with(
      KafkaTrial.objections(to: file.readable.kafka, isComplete: isComplete)
        + TLSFiles.objections(to: file.readable.destinations))
  }

  /// The same without where values come from.
  package static func load(path: String, environment: [String: String]) -> LoadResult {
    open(path: path, environment: environment).result
  }
}
