import Bridging
import Settings

extension SampleRequest {
  /// As it would go over the wire, secrets masked.
  var text: String {
    if let obstacle {
      return "\(destination) would get none, but the dead-letter topic the record\n  \(PlainText.clean(obstacle))\n"
    }
    var text = "\(destination) would get\n  \(method) \(url)\n"
    for header in headers { text += "  \(header.name): \(PlainText.clean(header.value))\n" }
    guard !body.isEmpty else { return text }
    let lines = String(decoding: body, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    return text + "\n" + lines.map { "  \(PlainText.clean(String($0)))\n" }.joined()
  }

  /// For `--json`.
  var plain: PlainValue {
    if let obstacle { return .keys(["destination": .text(destination), "obstacle": .text(obstacle)]) }
    return .keys([
      "destination": .text(destination), "method": .text(method), "url": .text(url),
      "headers": .map(headers.map { PlainValue.Entry($0.name, .text($0.value)) }),
      "body": .text(String(decoding: body, as: UTF8.self)),
    ])
  }
}

extension ConnectionFinding {
  var text: String {
    let mark = verdict == .good ? "ok    " : "FAILED"
    let what = kind == .tokenServer ? "token server of" : kind.rawValue
    return "\(mark) \(what) \(OneLine.of(name, max: 100)): \(PlainText.clean(detail))\n"
  }

  /// For `--json`.
  var plain: PlainValue {
    .keys([
      "kind": .text(kind.rawValue), "name": .text(name), "target": .text(target), "verdict": .text(verdict.rawValue),
      "detail": .text(detail),
    ])
  }
}
