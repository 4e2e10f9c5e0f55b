#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Work for an OS thread of its own, which may block for as long as it likes.
package protocol DetachedJob: AnyObject, Sendable {
  func run()
}

/// Runs a job on a new OS thread that nobody joins; `false` if the system gives none. The thread takes no signals: those
/// are for the threads that know what to do, and a broken pipe is then an error of `write` and not the process's end.
package func startDetachedThread(_ job: some DetachedJob) -> Bool {
  let box = unsafe Unmanaged.passRetained(JobBox(job))
  #if canImport(Glibc)
    var thread = pthread_t()
  #else
    var thread: pthread_t?
  #endif
  guard unsafe pthread_create(&thread, nil, detachedThreadMain, box.toOpaque()) == 0 else {
    unsafe box.release()
    return false
  }
  #if canImport(Glibc)
    pthread_detach(thread)
  #else
    if let thread = unsafe thread { unsafe pthread_detach(thread) }
  #endif
  return true
}

/// A pointer can be made of a class that is known, not of any that conforms.
private final class JobBox {
  let job: any DetachedJob
  init(_ job: any DetachedJob) { self.job = job }
}

#if canImport(Glibc)
  private func detachedThreadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context = unsafe context { unsafe runJob(context) }
    return nil
  }
#else
  private func detachedThreadMain(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    unsafe runJob(context)
    return nil
  }
#endif

private func runJob(_ context: UnsafeMutableRawPointer) {
  var all = sigset_t()
  unsafe sigfillset(&all)
  unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
  unsafe Unmanaged<JobBox>.fromOpaque(context).takeRetainedValue().job.run()
}
