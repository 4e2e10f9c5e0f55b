package import Settings

/// A config file that every room had its say on, with nothing connected to.
package enum ConfigFile {
  /// What `SettingsLoader` says, and what librdkafka and OpenSSL would refuse when the work begins.
  package static func open(
    path: String, environment: [String: String], for purpose: SettingsPurpose = .delivering
  ) -> LoadedFile {
    let file = SettingsLoader.open(path: path, environment: environment, for: purpose)
    var isComplete = true
    if case .invalid = file.result { isComplete = false }
    return file.with(
      KafkaTrial.objections(to: file.readable.kafka, isComplete: isComplete)
        + (purpose == .delivering ? TLSFiles.objections(to: file.readable.destinations) : []))
  }

  /// The same without where values come from.
  package static func load(
    path: String, environment: [String: String], for purpose: SettingsPurpose = .delivering
  ) -> LoadResult {
    open(path: path, environment: environment, for: purpose).result
  }
}
