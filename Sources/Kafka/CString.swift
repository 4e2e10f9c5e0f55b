#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Bytes before the closing NUL.
func stringLength(_ string: UnsafePointer<CChar>) -> Int { unsafe strlen(string) }
