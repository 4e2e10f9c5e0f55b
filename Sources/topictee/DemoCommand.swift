import Settings

enum DemoCommand {
  static func run(_ invocation: Invocation) throws(Invocation.UsageError) -> Int32 { 70 }
}
