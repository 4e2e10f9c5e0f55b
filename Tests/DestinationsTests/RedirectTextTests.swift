import FanOut
import Testing

@testable import Destinations

@Suite struct RedirectTextTests {
  @Test(arguments: [
    ("https://b.example/x", "https://b.example/x"), ("/login", "/login"), ("", ""),
    ("/x?token=hunter2&b=&c&d=1", "/x?token=***&b=&***&d=***"), ("?a=hunter2", "?a=***"), ("?", "?"),
    ("/x#access_token=hunter2", "/x#***"), ("/x?a=1#b?c=2", "/x?a=***#***"), ("/x#a?b=hunter2", "/x#***"),
    ("https://u:hunter2@b.example/x", "https://***@b.example/x"), ("//hunter2@b.example", "//***@b.example"),
    ("https://b.example/a@b", "https://b.example/a@b"), ("https://a@hunter2@b.example/", "https://***@b.example/"),
    ("/a b\u{1b}[2J\r\n", "/a?b?[2J??"), ("/\u{e9}", "/??"),
  ]) func showsWhereItLeadsAndNoSecret(location: String, shown: String) {
    #expect(RedirectText.shown(Array(location.utf8)) == shown)
  }

  @Test func isShort() {
    let shown = RedirectText.shown(Array("https://b.example/\(String(repeating: "y", count: 900))".utf8))
    #expect(shown.utf8.count == 200 && shown.hasPrefix("https://b.example/yyy") && shown.hasSuffix("yyy..."))
  }

  @Test func standsInTheError() {
    let rules = ResponseRules(destination(), excerptBytes: 10)
    let leads = rules.outcome(status: 302, body: [], location: Array("https://b.example/?key=k".utf8))
    #expect(
      leads
        == .refused(
          .rejected,
          AttemptFailure(
            status: 302,
            message: "the API answered 302, Location: https://b.example/?key=*** (no redirect is followed)")))
    #expect(
      rules.outcome(status: 302, body: [])
        == .refused(.rejected, AttemptFailure(status: 302, message: "the API answered 302")))
  }
}
