import Bridging
import FanOut
import Testing

@testable import topictee

@Suite struct DemoAPITests {
  private static func body(_ id: Int) -> [UInt8] { Array(DemoOrder(id: id, customers: 20).json.utf8) }

  /// What erp's book answers, one request after the other.
  private static func answers(_ bodies: [[UInt8]], down: Range<Int> = 0..<0) -> (statuses: [UInt16], book: APIBook) {
    var book = APIBook()
    let statuses = bodies.indices.map { index in
      book.isDown = down.contains(index)
      return book.answer(bodies[index], rules: .erp, customers: 20).status
    }
    return (statuses, book)
  }

  @Test func ordersAreWhatTheirNumberSays() {
    let order = DemoOrder(id: 7, customers: 20)
    #expect(order == DemoOrder(id: 7, customers: 20))
    #expect(order.json == #"{"id":7,"customer":"\#(order.key)","items":3,"total":29.85}"#)
    #expect(OrderFields(Array(order.json.utf8))?.customer == order.key)
    #expect(DemoOrder(id: 13, customers: 20).json.contains(#""items":0,"total":0.00"#))
    // Enough orders find every customer, and none that there is not.
    let keys = Set((1...1000).map { DemoOrder(id: $0, customers: 20).key })
    #expect(keys == Set((1...20).map { "c\($0)" }))
  }

  @Test(
    arguments: [
      (#"{"id": 1, "total": 9.5}"#, 1, nil), (#" {"items":0,"id":5} "#, 5, 0), (#"{"id":"12"}"#, 12, nil),
      ("{}", nil, nil),
      (#"{"id":9.5,"items" : 2}"#, nil, 2), (#"{"id"}"#, nil, nil), (#"{"id":99999999999999999999}"#, nil, nil),
    ] as [(String, Int?, Int?)]) func whatPeopleTypeIsRead(_ text: String, _ id: Int?, _ items: Int?)
  {
    let fields = OrderFields(Array(text.utf8))
    #expect(fields != nil)
    #expect(fields?.id == id)
    #expect(fields?.items == items)
  }

  @Test(arguments: ["", "hello", "[1]", "{", "}", "1", "\u{0}{}x"]) func whatIsNoObjectIsRefused(_ text: String) {
    #expect(OrderFields(Array(text.utf8)) == nil)
    #expect(Self.answers([Array(text.utf8)]).statuses == [400])
  }

  @Test func erpAnswersAsItsTableSays() {
    #expect(Self.answers([Self.body(7)]).statuses == [201])
    #expect(Self.answers([Self.body(13)]).statuses == [422])
    #expect(Self.answers([Self.body(3), Self.body(3)]).statuses == [500, 201])
    #expect(Self.answers(Array(repeating: Self.body(50), count: 5)).statuses == Array(repeating: 500, count: 5))
    #expect(Self.answers([Self.body(7), Self.body(7)], down: 0..<1).statuses == [503, 201])
    // A request that met the outage is not the one that meets the deadlock.
    #expect(Self.answers(Array(repeating: Self.body(3), count: 4), down: 0..<2).statuses == [503, 503, 500, 201])
  }

  @Test func crmAcceptsAtOnceWhateverComes() {
    var book = APIBook()
    for body in [Self.body(13), Self.body(50), Array("hello".utf8), []] {
      let reply = book.answer(body, rules: .crm, customers: 20)
      #expect(reply.status == 201)
      #expect(reply.delay == .zero)
    }
    #expect(book.accepted == 4)
  }

  @Test func theBookTellsRetriesFromDuplicates() {
    let (statuses, book) = Self.answers([Self.body(3), Self.body(3), Self.body(3), Self.body(7)])
    #expect(statuses == [500, 201, 500, 201])
    #expect((book.requests, book.accepted, book.retries, book.outages) == (4, 2, 1, 0))
    let twice = Self.answers([Self.body(7), Self.body(7)]).book
    #expect((twice.requests, twice.accepted, twice.retries) == (2, 2, 0))
    #expect(twice.acceptedBodies == [BodyKey(Self.body(7)): 2])
    #expect(Self.answers([Self.body(7), Self.body(7)], down: 0..<1).book.outages == 1)
  }

  @Test func anOrderAheadOfAnEarlierOneOfItsCustomerIsSeen() throws {
    let ids = (1...200).filter { DemoOrder(id: $0, customers: 20).key == "c1" && $0 % 20 != 3 && $0 % 40 != 13 }
    let (first, second) = (ids[0], ids[1])
    #expect(Self.answers([Self.body(first), Self.body(second)]).book.outOfOrder == 0)
    #expect(Self.answers([Self.body(second), Self.body(first)]).book.outOfOrder == 1)
    // A second acceptance is a duplicate, not another order; and a stranger's record has no place in the row.
    #expect(Self.answers([Self.body(first), Self.body(second), Self.body(first)]).book.outOfOrder == 0)
    let stranger = Array(#"{"id":1,"customer":"c1"}"#.utf8)
    #expect(Self.answers([Self.body(second), stranger]).book.outOfOrder == 0)
  }
}
