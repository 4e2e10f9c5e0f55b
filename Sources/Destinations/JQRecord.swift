import FanOut
import HTTPWire
import Payload
import Settings

/// What a jq program is given of a record (contract, "Expressions").
enum JQRecord {
  static func input(_ record: Record, _ view: RecordView, _ context: RenderContext) -> JQInput {
    var input = JQInput()
    if record.hasValue {
      unsafe record.withValue { unsafe input.set("value", toJSON: $0) }
    } else {
      input.setNull("value")
    }
    if record.hasKey {
      unsafe record.withKey { unsafe input.set("key", toText: $0) }
    } else {
      input.setNull("key")
    }
    input.set("headers", to: headers(record))
    input.set("topic", to: context.origin.place.topic)
    input.set("partition", to: Int64(context.origin.place.partition))
    input.set("offset", to: record.offset)
    input.set("timestamp", to: record.timestampMilliseconds)
    unsafe view.id(of: record, from: context.origin).withBytes { unsafe input.set("id", toText: $0) }
    input.set("attempt", to: Int64(context.attempt))
    return input
  }

  /// The last of equal names; one whose value is Kafka's null is not among them.
  private static func headers(_ record: Record) -> JQInput {
    var headers = JQInput()
    guard record.hasHeaders else { return headers }
    unsafe record.withHeaders { fields in
      unsafe fields.forEach { field in
        guard let value = unsafe field.value else { return }
        unsafe headers.set(field.name, toText: value)
      }
    }
    return headers
  }
}

/// A body that a jq program makes: its first result, as compact JSON. Belongs to one lane.
final class JQBody {
  /// Larger than any record that Kafka's defaults let through, with room for what a program adds.
  static let bytesMax = 16 << 20
  private let program: JQProgram?
  private let destination: String

  /// - Parameter program: one that `JQProgram.check` finds good.
  init(_ program: JQText, of destination: String) {
    self.program = try? JQProgram(program.program, for: .output)
    self.destination = destination
  }

  /// Appends the body, or gives what is wrong with the record.
  func append(_ source: TemplateSource, to body: inout ByteBuffer) -> Outcome? {
    guard let program else { return .unavailable(AttemptFailure(message: "body.jq does not compile")) }
    let input = JQRecord.input(source.record, source.view, source.context)
    switch source.view.meter.time(destination, { program.json(of: input, bytesMax: Self.bytesMax) }) {
    case .success(let json):
      body.append(json)
      return nil
    case .failure(let failure):
      return .unsendable(.template, AttemptFailure(message: "body.jq: \(failure.message)", detail: failure.detail))
    }
  }
}
