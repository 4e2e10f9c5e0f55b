private import CRdKafka
import FanOut

/// The headers of one message on their way to librdkafka, which owns them once it took the message.
@safe final class HeaderList {
  let pointer: OpaquePointer?
  /// The library has it now.
  var isTaken = false

  init(capacity: Int) { unsafe pointer = rd_kafka_headers_new(capacity) }

  deinit {
    if !isTaken, let pointer = unsafe pointer { unsafe rd_kafka_headers_destroy(pointer) }
  }

  func add(_ headers: [OutgoingHeader]) {
    for header in headers {
      var name = header.name
      name.withUTF8 { name in
        let nameBytes = UnsafeRawBufferPointer(name)
        guard let value = header.value else {
          unsafe add(name: nameBytes, value: nil)
          return
        }
        unsafe value.withUnsafeBytes { unsafe add(name: nameBytes, value: $0) }
      }
    }
  }

  func add(headersOf record: Record, _ reserved: ReservedNames?) {
    unsafe record.withHeaders { original in
      unsafe original.forEach { header in
        guard let moved = unsafe reserved?.moved(header.name) else {
          return unsafe add(name: header.name, value: header.value)
        }
        unsafe moved.withUnsafeBytes { unsafe add(name: $0, value: header.value) }
      }
    }
  }

  /// Both are copied; `nil` is Kafka's null.
  func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) {
    // An address of nothing is a null value to the library, so an empty one needs some address; so does a name.
    let nowhere = unsafe UnsafeRawPointer(bitPattern: 1)
    let nameStart = unsafe (name.baseAddress ?? nowhere)?.assumingMemoryBound(to: CChar.self)
    let valueStart = unsafe value == nil ? nil : (value?.baseAddress ?? nowhere)
    unsafe rd_kafka_header_add(pointer, nameStart, name.count, valueStart, value?.count ?? 0)
  }
}
