package import HTTPWire
import Payload
package import Settings

/// What a results row keeps of the bodies of a destination's responses: the first result of `results.keep.NAME.body`, as
/// compact JSON. Belongs to one lane.
///
/// | The body | Kept |
/// |---|---|
/// | JSON, or else a string; empty: `null` | what the program makes of it |
/// | longer than `bodyBytesMax`; a result longer than `bytesMax`; an error or no result | `null`, counted |
package final class ResponseKeep {
  /// So much of a response is read for it.
  package static let bodyBytesMax = 1 << 20
  /// Of a result. Many rows fit into a request to the broker, and one with several of these into a record.
  static let bytesMax = 256 << 10
  private static let null = Array("null".utf8)
  /// Nil if it does not compile.
  private let program: JQProgram?
  /// Nil if the program is more than that.
  private let path: JQPath?
  private let document = JSONDocument()
  private let destination: String
  private let view: RecordView
  /// Since `takeNews`.
  private var failures = 0
  private var lastFailure = ""

  /// Nil where nothing is kept of its bodies.
  /// - Parameter view: the lane's.
  package init?(_ results: ResultsSettings?, of destination: String, _ view: RecordView) {
    guard let text = results?.keep.first(where: { $0.destination == destination })?.body else { return nil }
    program = try? JQProgram(text.program, for: .output)
    path = JQPath(text.program)
    self.destination = destination
    self.view = view
  }

  package func kept(of response: HTTPResponse) -> [UInt8] { kept(of: response.body, isCut: response.isBodyCut) }

  /// Never empty.
  func kept(of body: [UInt8], isCut: Bool = false) -> [UInt8] {
    if isCut { return failed(JQFailure("a response of more than \(body.count) bytes")) }
    if let path, unsafe body.withUnsafeBytes({ unsafe document.read(copying: $0) }),
      let scalar = path.scalar(in: document), scalar.count <= Self.bytesMax
    {
      return scalar
    }
    guard let program else { return failed(JQFailure("it does not compile")) }
    var input = JQInput()
    unsafe body.withUnsafeBytes { unsafe input.become($0) }
    switch view.meter.time(destination, { program.json(of: input, bytesMax: Self.bytesMax) }) {
    case .success(let json): return json
    case .failure(let failure): return failed(failure)
    }
  }

  private func failed(_ failure: JQFailure) -> [UInt8] {
    failures += 1
    lastFailure = failure.message
    return Self.null
  }

  package var hasNews: Bool { failures > 0 }

  /// How often nothing could be kept since this was asked last, and why the last time.
  package func takeNews() -> (count: Int, why: String)? {
    guard hasNews else { return nil }
    defer { failures = 0 }
    return (failures, lastFailure)
  }
}
