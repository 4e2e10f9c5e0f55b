private import CRdKafka
import FanOut

/// Commits that the broker has not answered, by the number that the library carries through.
struct CommitsInFlight {
  private var requests: [UInt: [CommitRequest]] = [:]
  private var next: UInt = 1

  /// The number is never 0, which as a pointer would be none.
  mutating func add(_ list: [CommitRequest]) -> UInt {
    defer { next = next == .max ? 1 : next + 1 }
    requests[next] = list
    return next
  }

  mutating func take(_ number: UInt) -> [CommitRequest] { requests.removeValue(forKey: number) ?? [] }

  mutating func takeAll() -> [CommitRequest] {
    defer { requests = [:] }
    return requests.sorted { $0.key < $1.key }.flatMap(\.value)
  }
}

extension ConsumerLoop {
  /// One request to the broker for all of them; never waits.
  func commit(_ requests: [CommitRequest]) {
    var valid: [CommitRequest] = []
    for request in requests {
      if table.entry(request.id) == nil {
        answer(request, .assignmentGone)
      } else if closing != nil {
        answer(request, .unknown("closing"))
      } else {
        valid.append(request)
      }
    }
    guard !valid.isEmpty else { return }
    guard let list = unsafe rd_kafka_topic_partition_list_new(Int32(clamping: valid.count)) else { return }
    defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
    for request in valid { unsafe add(request, to: list) }
    let number = commits.add(valid)
    let error = unsafe rd_kafka_commit_queue(client, list, control, nil, UnsafeMutableRawPointer(bitPattern: number))
    guard error != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    for request in commits.take(number) { answer(request, .result(ofCode: error.rawValue)) }
  }

  private func add(_ request: CommitRequest, to list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
    guard let place = table.entry(request.id)?.partition else { return }
    guard let part = unsafe rd_kafka_topic_partition_list_add(list, place.topic, place.partition) else { return }
    unsafe part.pointee.offset = request.offset
    guard !request.metadata.isEmpty else { return }
    let bytes = Array(request.metadata.utf8)
    // The list frees it, with C's own allocator.
    guard let copy = unsafe rd_kafka_mem_malloc(nil, bytes.count) else { return }
    unsafe copy.copyMemory(from: bytes, byteCount: bytes.count)
    unsafe part.pointee.metadata = copy
    unsafe part.pointee.metadata_size = bytes.count
  }

  /// A commit's answer. The event's error counts for every partition that has none of its own.
  func committed(_ event: OpaquePointer) {
    let number = unsafe UInt(bitPattern: rd_kafka_event_opaque(event))
    let overall = unsafe rd_kafka_event_error(event)
    let list = unsafe rd_kafka_event_topic_partition_list(event)
    for request in commits.take(number) {
      var code = overall
      if let place = table.entry(request.id)?.partition,
        let part = unsafe rd_kafka_topic_partition_list_find(list, place.topic, place.partition),
        unsafe part.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR
      {
        unsafe code = part.pointee.err
      }
      answer(request, .result(ofCode: code.rawValue))
    }
  }

  func answer(_ request: CommitRequest, _ result: CommitResult) {
    guard let lane = table.lane(of: request.id) else { return }
    tell(lane: lane, .committed(request.id, offset: request.offset, result))
  }
}
