import FanOut
import HTTPWire
import Payload
import Settings
import Testing

@testable import Destinations

/// `results.keep.NAME.body` on responses.
@Suite struct ResponseKeepTests {
  private func keep(_ program: String = ".id") throws -> ResponseKeep {
    var results = ResultsSettings()
    var own = ResultsSettings.Keep(destination: "crm")
    own.body = JQText(program)
    results.keep = [ResultsSettings.Keep(destination: "erp"), own]
    return try #require(ResponseKeep(results, of: "crm", RecordView()))
  }

  private func kept(_ keep: ResponseKeep, _ body: String) -> String {
    String(decoding: keep.kept(of: Array(body.utf8)), as: UTF8.self)
  }

  @Test func onlyWhatTheConfigNamesIsKept() {
    #expect(ResponseKeep(nil, of: "crm", RecordView()) == nil)
    var results = ResultsSettings()
    results.keep = [ResultsSettings.Keep(destination: "crm")]
    #expect(
      ResponseKeep(results, of: "crm", RecordView()) == nil && ResponseKeep(results, of: "erp", RecordView()) == nil)
  }

  @Test func theFirstResultIsKeptAsCompactJSON() throws {
    let keep = try keep()
    #expect(kept(keep, "{ \"id\" : \"A-17\" }") == "\"A-17\"")
    #expect(kept(keep, "{\"id\": {\"b\": [1, 2]}}") == "{\"b\":[1,2]}")
    #expect(kept(keep, "{}") == "null")
    #expect(kept(try self.keep(".[] , 3"), "[1, 2]") == "1")
    #expect(keep.takeNews() == nil, "a null that the program gives is no failure")
  }

  @Test func theInputIsTheBodyAsJSONOrAsAString() throws {
    let keep = try keep(".")
    #expect(kept(keep, "done \"well\"\n") == "\"done \\\"well\\\"\\n\"")
    #expect(kept(keep, "") == "null")
    #expect(kept(keep, "[1]") == "[1]")
  }

  @Test func whatCannotBeKeptIsANullAndCounted() throws {
    let keep = try keep()
    #expect(kept(keep, "[1]") == "null")
    #expect(kept(keep, "no JSON") == "null")
    var response = HTTPResponse(status: 200)
    (response.body, response.isBodyCut) = (Array("{\"id\":1}".utf8), true)
    #expect(keep.kept(of: response) == Array("null".utf8))
    let news = keep.takeNews()
    #expect(news?.count == 3 && news?.why.contains("more than 8 bytes") == true)
    #expect(keep.takeNews() == nil)
    let long = try self.keep(". * 400000")
    #expect(kept(long, "ab") == "null" && long.hasNews)
  }

  /// Unchanged, or not at all.
  @Test func numbersAreNotRounded() throws {
    let body = "{\"id\": 12345678901234567890, \"a\": \"b\"}"
    #expect(kept(try keep(), body) == "12345678901234567890")
    #expect(kept(try keep(".a"), body) == "\"b\"", "what is elsewhere in the body does not matter")
    #expect(kept(try keep(".id | ."), body) == (JQInput.keepsDigits ? "12345678901234567890" : "null"))
  }

  @Test func anOutcomeCarriesItToTheRow() {
    let failure = AttemptFailure(status: 400, message: "no")
    #expect(Outcome.accepted(status: 201).keeping([1]) == .accepted(status: 201, body: [1]))
    #expect(Outcome.stale.keeping([1]) == .stale)
    guard case .refused(.rejected, let kept) = Outcome.refused(.rejected, failure).keeping([1]) else {
      Issue.record("another outcome")
      return
    }
    #expect(kept.kept == [1] && kept.status == 400 && kept.message == "no")
  }

  @Test func inABatchItIsAskedOfEachRecordsItem() throws {
    let keep = try keep("._id")
    var settings = ItemResultSettings()
    (settings.path, settings.status) = ("items", "status")
    let outcome = ItemResults(settings).outcome(
      of: Array("{\"items\":[{\"_id\":\"a\",\"status\":201},{\"_id\":\"b\",\"status\":409}]}".utf8), isCut: false,
      status: 200, records: 2, ids: [], ResponseRules(destination(), excerptBytes: 0), keep)
    guard case .each(let each) = outcome, case .refused(_, let failure) = each[1] else {
      Issue.record("\(outcome)")
      return
    }
    #expect(each[0] == .accepted(status: 201, body: Array("\"a\"".utf8)))
    #expect(failure.status == 409 && failure.kept == Array("\"b\"".utf8))
  }
}
