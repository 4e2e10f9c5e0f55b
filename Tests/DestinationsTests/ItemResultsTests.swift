import FanOut
import Settings
import Testing

@testable import Destinations

@Suite struct ItemResultsTests {
  private let rules = ResponseRules(destination(), excerptBytes: 1_024)

  private func results(id: String? = nil, status: String = "index.status", path: String = "items") -> ItemResults {
    var settings = ItemResultSettings()
    (settings.path, settings.id, settings.status) = (path, id, status)
    return ItemResults(settings)
  }

  private func read(
    _ results: ItemResults, _ body: String, records: Int, ids: [RecordID] = [], isCut: Bool = false
  ) -> BatchOutcome {
    results.outcome(of: Array(body.utf8), isCut: isCut, status: 200, records: records, ids: ids, rules)
  }

  private func kinds(_ outcome: BatchOutcome) -> [ResponseRulesTests.Kind]? {
    guard case .each(let outcomes) = outcome else { return nil }
    return outcomes.map(ResponseRulesTests.kind)
  }

  private func problem(_ outcome: BatchOutcome) -> String? {
    guard case .all(.failed(let failure)) = outcome else { return nil }
    return failure.message
  }

  @Test func aStatusForEachInOrder() {
    let body = """
      {"took": 3, "errors": true, "items": [
        {"index": {"_id": "1", "status": 201}}, {"index": {"_id": "2", "status": 400, "error": {"type": "mapping"}}},
        {"index": {"_id": "3", "status": 429}}, {"index": {"_id": "4", "status": 500}}]}
      """
    let outcome = read(results(), body, records: 4)
    #expect(kinds(outcome) == [.accepted, .refused, .unavailable, .failed])
    guard case .each(let outcomes) = outcome, case .refused(_, let failure) = outcomes[1] else { return }
    #expect(String(decoding: failure.response, as: UTF8.self).contains("mapping"), "the item is the letter's excerpt")
    #expect(failure.status == 400)
  }

  @Test func pathsWalkIntoObjectsAndArrays() {
    let body = #"{"data": [{"rows": [{"s": 200}, {"s": 404}]}]}"#
    #expect(kinds(read(results(status: "s", path: "data.0.rows"), body, records: 2)) == [.accepted, .refused])
  }

  @Test func byIDInAnyOrder() {
    let ids = (0..<3).map { RecordIDs(cluster: "c", topic: "orders", partition: 0).id(ofOffset: $0) }
    let byID = results(id: "id", status: "status")
    func item(_ i: Int, _ status: Int) -> String { "{\"id\": \"\(ids[i].string)\", \"status\": \(status)}" }
    #expect(byID.goesByID)
    let turned = "{\"items\": [\(item(2, 400)), \(item(0, 200)), \(item(1, 503))]}"
    #expect(kinds(read(byID, turned, records: 3, ids: ids)) == [.accepted, .unavailable, .refused])
    let twice = "{\"items\": [\(item(2, 400)), \(item(0, 200)), \(item(0, 503))]}"
    #expect(problem(read(byID, twice, records: 3, ids: ids))?.contains("id") == true)
    let foreign = #"{"items": [{"id": "no", "status": 200}]}"#
    #expect(problem(read(byID, foreign, records: 3, ids: ids))?.contains("id") == true)
    let missing = "{\"items\": [\(item(2, 400))]}"
    #expect(problem(read(byID, missing, records: 3, ids: ids))?.contains("1 results for 3") == true)
  }

  /// Nobody knows what became of which record then: a failed attempt of all.
  @Test(arguments: [
    "", "<html>", "[]", "{}", #"{"items": null}"#, #"{"items": {"a": 1}}"#, #"{"items": []}"#,
    #"{"items": [{"index": {"status": 200}}]}"#,
    #"{"items": [{"index": {"status": 200}}, {"index": {"status": 200}}, {"index": {"status": 200}}]}"#,
    #"{"items": [{"index": {"status": 200}}, {}]}"#, #"{"items": [{"index": {"status": 200}}, 7]}"#,
    #"{"items": [{"index": {"status": "200"}}, {"index": {"status": 200}}]}"#,
    #"{"items": [{"index": {"status": 99999999999}}, {"index": {"status": 200}}]}"#,
    #"{"items": [{"index": {"status": 2e2}}, {"index": {"status": 200}}]}"#,
    #"{"items": [{"index": {"status": -1}}, {"index": {"status": 200}}]}"#,
    #"{"items": [{"index": {"status": 200}}, {"index": {"status": 200}}"#,
  ]) func whatIsNoAnswerForEachIsAFailureOfAll(_ body: String) {
    #expect(problem(read(results(), body, records: 2)) != nil)
  }

  @Test func aResponseThatIsCutSaysNothing() {
    let body = #"{"items": [{"index": {"status": 200}}]}"#
    #expect(kinds(read(results(), body, records: 1)) == [.accepted])
    #expect(problem(read(results(), body, records: 1, isCut: true)) != nil)
  }
}
