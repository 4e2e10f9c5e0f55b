import HTTPWire
import Payload
package import Settings

/// The jq programs of a destination's `response`, asked about each response in the contract's order. Belongs to one lane.
package final class ResponseQuestions {
  enum Answer: Equatable {
    /// `retry_when` holds, and so on; with the program.
    case retry(String), refuse(String), accept
    /// A program has no answer.
    case failed(String, detail: String)
    /// None holds.
    case none
  }

  private struct Rule {
    let name: String
    let source: String
    /// Nil if it does not compile.
    let program: JQProgram?
  }
  private let rules: [Rule]
  private let destination: String
  private let view: RecordView

  /// Nil where there are none.
  /// - Parameter view: the lane's.
  package init?(_ settings: DestinationSettings, _ view: RecordView) {
    let texts = [
      ("retry_when", settings.response.retryWhen), ("refuse_when", settings.response.refuseWhen),
      ("accept_when", settings.response.acceptWhen),
    ]
    rules = texts.compactMap { name, text in
      text.map { Rule(name: name, source: $0.program, program: try? JQProgram($0.program, for: .condition)) }
    }
    destination = settings.name
    self.view = view
    if rules.isEmpty { return nil }
  }

  func answer(to response: HTTPResponse) -> Answer {
    if response.isBodyCut {
      return .failed("a response of more than \(response.body.count) bytes, which no rule is asked about", detail: "")
    }
    let input = Self.input(response)
    for rule in rules {
      guard let program = rule.program else { return .failed("\(rule.name) does not compile", detail: "") }
      switch view.meter.time(destination, { program.holds(for: input) }) {
      case .success(false): continue
      case .success(true):
        let what = "\(rule.name) '\(OneLine.text(rule.source, bytesMax: 120))' holds"
        switch rule.name {
        case "retry_when": return .retry(what)
        case "refuse_when": return .refuse(what)
        default: return .accept
        }
      case .failure(let failure): return .failed("\(rule.name): \(failure.message)", detail: failure.detail)
      }
    }
    return .none
  }

  /// `{status, headers, body}`
  private static func input(_ response: HTTPResponse) -> JQInput {
    var input = JQInput()
    input.set("status", to: Int64(response.status))
    input.set("headers", to: headers(response.head))
    if response.body.isEmpty {
      input.setNull("body")
    } else {
      unsafe response.body.withUnsafeBytes { unsafe input.set("body", toJSON: $0) }
    }
    return input
  }

  /// Names in lower case; equal ones joined by `, ` in the order they came.
  private static func headers(_ head: [UInt8]) -> JQInput {
    var fields: [(name: [UInt8], value: [UInt8])] = []
    for line in head.split(separator: 0x0a) {
      let line = line.last == 0x0d ? line.dropLast() : line
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let name = line[..<colon].map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
      let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 9 }
      let end = value.lastIndex { $0 != 0x20 && $0 != 9 }.map { $0 + 1 } ?? value.startIndex
      fields.append((name, Array(value[value.startIndex..<end])))
    }
    var joined: [[UInt8]: [UInt8]] = [:]
    for field in fields {
      if joined[field.name] == nil {
        joined[field.name] = field.value
      } else {
        joined[field.name]?.append(contentsOf: ", ".utf8)
        joined[field.name]?.append(contentsOf: field.value)
      }
    }
    var headers = JQInput()
    for (name, value) in joined {
      unsafe name.withUnsafeBytes { name in
        unsafe value.withUnsafeBytes { unsafe headers.set(name, toText: $0) }
      }
    }
    return headers
  }
}
