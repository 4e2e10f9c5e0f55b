internal import CJQ

/// A jq program, compiled by libjq. It belongs to the thread that uses it: one for each lane.
///
/// Nothing but the input is within its reach (`JQSource`). jq knows no bound for time and memory: what a program does
/// with its input is its author's to bound; what it gives is bounded here, and where jq itself gives up, that is a value.
@safe package final class JQProgram {
  /// What is done with its results.
  package enum Purpose: Sendable { case condition, output }

  private let program: String
  private let purpose: Purpose
  /// Nil once jq has broken down too often.
  private var state: OpaquePointer?
  /// States that jq left in a way that nothing can be done with them, not even be freed.
  private var statesLost = 0
  private static let statesLostMax = 64
  /// How deep the input, and what a program gives, may be nested: less than what jq 1.6 can read, for all to be alike.
  package static let depthMax = 100

  /// Why a program is no good, or nil.
  package static func check(_ program: String) -> JQProblem? {
    do throws(JQProblem) {
      _ = try JQProgram(program, for: .output)
      return nil
    } catch {
      return error
    }
  }

  package init(_ program: String, for purpose: Purpose) throws(JQProblem) {
    self.program = program
    self.purpose = purpose
    if let problem = JQSource.problem(in: program) { throw problem }
    // Its errors are those of the program as it stands in the file.
    var asWritten: OpaquePointer? = unsafe try Self.compile(JQSource.wrapped(program), of: program)
    unsafe jq_teardown(&asWritten)
    unsafe state = try compileLimited()
  }

  deinit { if unsafe state != nil { unsafe jq_teardown(&state) } }

  private func compileLimited() throws(JQProblem) -> OpaquePointer {
    unsafe try Self.compile(JQSource.limited(program, isExact: purpose == .output), of: program)
  }

  private static func compile(_ text: String, of program: String) throws(JQProblem) -> OpaquePointer {
    guard let state = unsafe jq_init() else { throw JQProblem("no memory for a jq program", in: program) }
    let listener = Listener()
    unsafe jq_set_error_cb(state, hear, Unmanaged.passUnretained(listener).toOpaque())
    let code = unsafe text.withCString { unsafe topictee_jq_compile(state, $0) }
    // Without a callback jq writes to standard error.
    unsafe jq_set_error_cb(state, ignore, nil)
    if code > 0 { return unsafe state }
    // Where jq gave up, nothing is known of the state.
    var refused: OpaquePointer? = unsafe state
    if code == 0 { unsafe jq_teardown(&refused) }
    // The first error is the one that leads to the others.
    throw listener.said.first.map { JQSource.problem(in: program, said: $0) }
      ?? JQProblem("jq gave up on it", in: program)
  }

  /// What came first.
  enum First: ~Copyable {
    case value(JQValue)
    case nothing(JQFailure)
  }

  func first(of input: consuming JQValue) -> First {
    guard let state = unsafe state else { return .nothing(JQFailure("jq broke down too often")) }
    var result = unsafe jv_invalid()
    guard unsafe topictee_jq_first(state, input.take(), &result) > 0 else {
      if unsafe topictee_jq_recovers(state) == 0 { replaceState() }
      return .nothing(JQFailure("jq broke down over it"))
    }
    let value = unsafe JQValue(owning: result)
    guard value.kind == JV_KIND_INVALID else { return .value(value) }
    guard unsafe jv_invalid_has_msg(jv_copy(value.borrowed)) != 0 else { return .nothing(JQFailure("no result")) }
    let message = unsafe JQValue(owning: jv_invalid_get_msg(value.take()))
    return .nothing(JQFailure("an error", detail: Self.line(message)))
  }

  /// What `error` was given: a text, or any other value as JSON.
  private static func line(_ message: borrowing JQValue) -> String {
    if message.kind == JV_KIND_STRING {
      return unsafe message.withText {
        unsafe OneLine.text($0.prefix(JQFailure.bytesMax + 4), bytesMax: JQFailure.bytesMax)
      }
    }
    var bytes: [UInt8] = []
    _ = JQText.write(message, bytesMax: JQFailure.bytesMax, to: &bytes)
    return OneLine.text(bytes, bytesMax: JQFailure.bytesMax)
  }

  /// The lost one's memory is not given back, hence the bound.
  private func replaceState() {
    statesLost += 1
    unsafe state = statesLost < Self.statesLostMax ? try? compileLimited() : nil
  }
}

/// Why a program gave no result.
package struct JQFailure: Error, Equatable, Sendable {
  static let bytesMax = 200
  /// A few words for people.
  package let message: String
  /// What jq or the program says of it, one line; it may quote the input.
  package let detail: String
  package init(_ message: String, detail: String = "") {
    self.message = message
    self.detail = detail
  }
}

/// What jq's compiler says, while it runs.
private final class Listener { var said: [String] = [] }

private func hear(_ context: UnsafeMutableRawPointer?, _ message: jv) {
  let message = unsafe JQValue(owning: message)
  guard let context = unsafe context, message.kind == JV_KIND_STRING else { return }
  let text = unsafe message.withText { unsafe String(decoding: $0, as: UTF8.self) }
  unsafe Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue().said.append(text)
}

private func ignore(_: UnsafeMutableRawPointer?, _ message: jv) { unsafe jv_free(message) }
