import Bridging
import Kafka
import Settings
import Synchronization
import Telemetry

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// `topictee run CONFIG`.
enum RunCommand {
  static func run(_ settings: BridgeSettings) -> Int32 {
    let logger = Logger(level: settings.log.level.forLogger, format: settings.log.format.forLogger)
    let signals = StopSignals()
    let prepared = Mailbox<Result<BridgeService.Groundwork, BridgeService.StartError>>()
    BridgeService.prepare(settings, environment: Terminal.environment, logger: logger) { result in
      prepared.put(result)
      signals.wake()
    }
    while true {
      let signal = signals.wait()
      // Nothing was begun that would have to be ended: brokers that do not answer are not waited for.
      if signal == SIGTERM || signal == SIGINT {
        logger.log(.info, "stopped before anything was read")
        logger.flush()
        return 0
      }
      guard let result = prepared.take() else { continue }
      do throws(BridgeService.StartError) {
        return try deliver(settings, result.get(), logger, signals)
      } catch {
        logger.log(.error, "\(error)")
        logger.flush()
        return error.exitCode
      }
    }
  }

  private static func deliver(
    _ settings: BridgeSettings, _ groundwork: BridgeService.Groundwork, _ logger: Logger, _ signals: StopSignals
  ) throws(BridgeService.StartError) -> Int32 {
    let endings = Mailbox<BridgeService.Ending>()
    let service = try BridgeService(settings, groundwork, logger: logger) { ending in
      endings.put(ending)
      signals.wake()
    }
    logger.log(
      .info,
      "delivering \(settings.topics.joined(separator: ", ")) to \(settings.destinations.map(\.name).joined(separator: ", "))"
    )
    var stops = 0
    while true {
      let signal = signals.wait()
      if let ending = endings.take() {
        service.tearDown()
        logger.log(.info, "stopped", fields(ending))
        logger.flush()
        return ending.exitCode
      }
      if signal == SIGALRM {
        // Only what holds a lane's thread does that: a jq program without end.
        logger.log(.error, "the drain does not end; what is not committed will be delivered again")
        logger.flush()
        return BridgeService.Ending.interrupted.exitCode
      }
      guard signal == SIGTERM || signal == SIGINT else { continue }
      stops += 1
      if stops == 1 { signals.dropTwin(of: signal) }
      if stops > 1 { return 128 + signal }
      signals.alarm(in: settings.drain + Self.leaveTime)
      service.stop()
    }
  }

  /// The service's own time for leaving the group, and a little more.
  private static let leaveTime = Duration.seconds(6)

  private static func fields(_ ending: BridgeService.Ending) -> LogFields {
    var fields = LogFields()
    switch ending {
    case .done: break
    case .interrupted: fields.error = "not all was drained in time; it will be delivered again"
    case .fatal(let error): fields.error = "\(error)"
    }
    return fields
  }
}

/// TERM and INT, waited for on one thread; blocked in all others, which must start after this.
struct StopSignals: Sendable {
  private let process = getpid()

  init() {
    var set = StopSignals.set
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
  }

  private static var set: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in [SIGTERM, SIGINT, SIGUSR1, SIGALRM] { unsafe sigaddset(&set, signal) }
    return set
  }

  /// SIGALRM comes then, once.
  func alarm(in time: Duration) {
    let seconds = time.components.seconds + (time.components.attoseconds > 0 ? 1 : 0)
    #if canImport(Glibc)
      _ = Glibc.alarm(UInt32(clamping: max(1, seconds)))
    #else
      _ = Darwin.alarm(UInt32(clamping: max(1, seconds)))
    #endif
  }

  /// The next signal: SIGUSR1 is from `wake`.
  func wait() -> Int32 {
    var set = Self.set
    var signal: Int32 = 0
    unsafe sigwait(&set, &signal)
    return signal
  }

  /// Takes the same signal once more if it comes within 20 ms: `timeout` sends one to the process and one to its group.
  func dropTwin(of signal: Int32) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, signal)
    #if canImport(Glibc)
      var wait = timespec(tv_sec: 0, tv_nsec: 20_000_000)
      unsafe sigtimedwait(&set, nil, &wait)
    #endif
  }

  func wake() { kill(process, SIGUSR1) }
}

/// One value from one thread to another.
final class Mailbox<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  func put(_ new: Value) { value.withLock { $0 = new } }
  func take() -> Value? { value.withLock { $0 } }
}

extension LogSettings.Level {
  var forLogger: LogLevel {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warning: .warn
    case .error: .error
    }
  }
}

extension LogSettings.Format {
  var forLogger: LogFormat {
    switch self {
    case .auto: .automatic(fileDescriptor: 2)
    case .text: .readable
    case .json: .json
    }
  }
}
