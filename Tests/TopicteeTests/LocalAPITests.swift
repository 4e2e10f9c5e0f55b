import Bridging
import FanOut
import Foundation
import Synchronization
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Over real HTTP, by a client that is not ours.
@Suite(.timeLimit(.minutes(1))) struct LocalAPITests {
  private static func post(_ api: LocalAPI, _ body: Data) async throws -> (status: Int, body: String) {
    var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(api.port)/orders?x=1")))
    request.httpMethod = "POST"
    request.httpBody = body
    let (data, response) = try await URLSession.shared.data(for: request)
    return (try #require(response as? HTTPURLResponse).statusCode, String(decoding: data, as: UTF8.self))
  }

  @Test func theHandlerSeesTheRequestAndItsReplyArrives() async throws {
    let seen = Mutex<[LocalAPI.Request]>([])
    let api = try LocalAPI { request in
      seen.withLock { $0.append(request) }
      return LocalAPI.Reply(status: 422, body: #"{"error":"ü"}"#)
    }
    let body = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0) })
    let answer = try await Self.post(api, body)
    #expect(answer == (422, #"{"error":"ü"}"#))
    #expect(seen.withLock { $0 } == [LocalAPI.Request(method: "POST", path: "/orders", body: Array(body))])
    api.close()
  }

  @Test func aBodyBeyondTheLimitIsRefusedWithoutTheHandler() async throws {
    let calls = Mutex(0)
    let api = try LocalAPI { _ in
      calls.withLock { $0 += 1 }
      return LocalAPI.Reply(status: 200, body: "{}")
    }
    #expect(try await Self.post(api, Data(count: (1 << 20) + 1)).status == 413)
    #expect(calls.withLock { $0 } == 0)
    #expect(try await Self.post(api, Data(count: 1 << 20)).status == 200)
    api.close()
  }

  @Test func answersThatTakeTheirTimeDoNotWaitForOneAnother() async throws {
    let api = try LocalAPI { _ in LocalAPI.Reply(status: 200, body: "{}", delay: .milliseconds(500)) }
    let begin = ContinuousClock.now
    // Six, for URLSession opens no more connections to one host.
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<6 { group.addTask { try await Self.post(api, Data("{}".utf8)).status } }
      for try await status in group { #expect(status == 200) }
    }
    let took = ContinuousClock.now - begin
    #expect(took >= .milliseconds(500))
    #expect(took < .milliseconds(2500), "one after the other would take 3 s")
    api.close()
  }

  @Test func closingAnswersWhatIsHeldAndIsNotDoneTwice() async throws {
    let calls = Mutex(0)
    let (held, isHeld) = AsyncStream<Void>.makeStream()
    let api = try LocalAPI { _ in
      // The server has one thread: when the second request comes, the first one is held.
      if calls.withLock({ count in
        count += 1; return count == 2
      }) {
        isHeld.yield()
      }
      return LocalAPI.Reply(status: 200, body: "{}", delay: .seconds(3600))
    }
    async let first = Self.post(api, Data("{}".utf8))
    async let second = Self.post(api, Data("{}".utf8))
    for await _ in held { break }
    api.close()
    api.close()
    // Either the answer or a closed connection, but not in an hour.
    for answer in [try? await first, try? await second] { #expect(answer == nil || answer?.status == 200) }
  }
}
