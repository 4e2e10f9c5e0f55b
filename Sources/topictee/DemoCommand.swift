import Telemetry

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// `topictee demo`: this thread waits for signals, another one does the rest.
enum DemoCommand {
  static func run(_ invocation: Invocation) throws(Invocation.UsageError) -> Int32 {
    let options = try DemoOptions(invocation.options)
    let signals = StopSignals()
    guard let control = DemoControl(),
      startDetachedThread(DemoJob(options, control, ended: { signals.wake() }))
    else {
      Terminal.complain("topictee demo: no thread or no pipe can be had")
      return 69
    }
    var stops = 0
    while true {
      let signal = signals.wait()
      if let code = control.exitCode.take() { return code }
      guard signal == SIGTERM || signal == SIGINT else { continue }
      stops += 1
      if stops > 1 { return 128 + signal }
      control.stop()
    }
  }
}
