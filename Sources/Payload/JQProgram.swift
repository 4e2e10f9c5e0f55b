internal import CJQ

/// A jq program, compiled by libjq. It belongs to the thread that uses it: one for each lane.
///
/// Nothing but the input is within its reach (`JQSource`). jq knows no bound for time and memory: what a program does
/// with its input is its author's to bound; what it gives is bounded here, and where jq itself gives up, that is a value.
@safe package final class JQProgram {
  private let state: OpaquePointer
  /// What jq's compiler said, while it runs.
  private var said: [String] = []
  /// How deep the input, and what a program gives, may be nested: what jq 1.6 reads and writes.
  package static let depthMax = 256

  /// Why a program is no good, or nil.
  package static func check(_ program: String) -> JQProblem? {
    do throws(JQProblem) {
      _ = try JQProgram(program)
      return nil
    } catch {
      return error
    }
  }

  package init(_ program: String) throws(JQProblem) {
    if let problem = JQSource.problem(in: program) { throw problem }
    guard let state = unsafe jq_init() else { throw JQProblem("no memory for a jq program", in: program) }
    unsafe self.state = state
    unsafe jq_set_error_cb(state, hear, Unmanaged.passUnretained(self).toOpaque())
    let code = unsafe JQSource.wrapped(program).withCString { unsafe topictee_jq_compile(state, $0) }
    unsafe jq_set_error_cb(state, ignore, nil)
    if code > 0 { return }
    // The first error is the one that leads to the others.
    throw said.first.map { JQSource.problem(in: program, said: $0) } ?? JQProblem("jq gave up on it", in: program)
  }

  deinit {
    var state: OpaquePointer? = unsafe self.state
    unsafe jq_teardown(&state)
  }

  /// What came first.
  enum First: ~Copyable {
    case value(JQValue)
    case nothing(JQFailure)
  }

  func first(of input: consuming JQValue) -> First {
    var result = unsafe jv_invalid()
    guard unsafe topictee_jq_first(state, input.take(), &result) > 0 else {
      return .nothing(JQFailure("jq broke down over it"))
    }
    let value = unsafe JQValue(owning: result)
    guard value.kind == JV_KIND_INVALID else { return .value(value) }
    guard unsafe jv_invalid_has_msg(jv_copy(value.borrowed)) != 0 else { return .nothing(JQFailure("no result")) }
    let message = unsafe JQValue(owning: jv_invalid_get_msg(value.take()))
    return .nothing(JQFailure(Self.line(message)))
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

  fileprivate func heard(_ message: String) { said.append(message) }
}

/// Why a program gave no result: one line for people, which may quote the input.
package struct JQFailure: Error, Equatable, Sendable {
  static let bytesMax = 200
  package let message: String
  init(_ message: String) { self.message = OneLine.text(message, bytesMax: Self.bytesMax) }
}

private func hear(_ context: UnsafeMutableRawPointer?, _ message: jv) {
  let message = unsafe JQValue(owning: message)
  guard let context = unsafe context, message.kind == JV_KIND_STRING else { return }
  let text = unsafe message.withText { unsafe String(decoding: $0, as: UTF8.self) }
  unsafe Unmanaged<JQProgram>.fromOpaque(context).takeUnretainedValue().heard(text)
}

/// Without it jq writes to standard error.
private func ignore(_: UnsafeMutableRawPointer?, _ message: jv) { unsafe jv_free(message) }
