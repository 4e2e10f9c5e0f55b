import Settings

/// Which of some files have changed and lie still: two looks in a row found the same, so that nobody is halfway through
/// writing. Asked in turns of a few seconds.
struct WatchedFiles {
  private struct File {
    let path: String
    /// What the last look found; nil for no file.
    var seen: FileStamp?
    /// What was reported last.
    var reported: FileStamp?
  }
  private var files: [File]

  init(_ paths: Set<String>) {
    files = paths.sorted().map { path in
      let stamp = FileStamp(path)
      return File(path: path, seen: stamp, reported: stamp)
    }
  }

  var isEmpty: Bool { files.isEmpty }

  /// Paths of those that are another file now, or none; each change once.
  mutating func changes() -> [String] {
    var changed: [String] = []
    for i in files.indices {
      let now = FileStamp(files[i].path)
      if now == files[i].seen, now != files[i].reported {
        files[i].reported = now
        changed.append(files[i].path)
      }
      files[i].seen = now
    }
    return changed
  }
}

extension DestinationSettings {
  /// Files whose change matters while the program runs.
  var watchedPaths: Set<String> { secretPaths.union(tlsPaths) }

  var secretPaths: Set<String> { Set(secrets.compactMap(\.path)) }

  /// The secret of that file as it was when the settings were read.
  func text(ofFile path: String) -> String? { secrets.first { $0.path == path }?.expose() }

  var tlsPaths: Set<String> { url.isTLS ? Set([tls.ca, tls.cert, tls.key].compactMap { $0 }) : [] }

  /// Whether requests carry a token that somebody else gives.
  var oauth2: OAuth2Settings? { if case .oauth2(let settings) = auth { settings } else { nil } }

  private var secrets: [Secret] {
    var secrets: [Secret] = []
    switch auth {
    case nil: break
    case .bearer(let secret), .basic(_, let secret), .apiKey(_, let secret): secrets.append(secret)
    case .oauth2(let settings): secrets.append(settings.clientSecret)
    case .sigv4(let settings):
      secrets += [settings.accessKeyID, settings.secretAccessKey]
      if let token = settings.sessionToken { secrets.append(token) }
    }
    switch signing {
    case nil: break
    case .standardWebhooks(let list): secrets += list
    case .hmac(let settings): secrets.append(settings.secret)
    }
    return secrets
  }
}
