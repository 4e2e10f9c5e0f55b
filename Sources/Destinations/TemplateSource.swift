import FanOut
import HTTPWire
import Payload
import Settings

/// The record that templates are filled from.
struct TemplateSource {
  let record: Record
  let view: RecordView
  let context: RenderContext

  /// Appends what a reference gives, escaped for its place.
  func append(
    _ reference: CompiledReference, _ place: TemplatePlace, to buffer: inout ByteBuffer
  ) -> TemplateProblem? {
    let writer = TemplateWriter(reference: reference, place: place)
    switch reference.root {
    case .value: return appendValue(writer, to: &buffer)
    case .key:
      guard record.hasKey else { return unsafe writer.write(.null, to: &buffer) }
      return unsafe record.withKey { unsafe writer.write(Self.text($0), to: &buffer) }
    case .headers: return appendHeader(writer, to: &buffer)
    case .topic:
      var topic = context.origin.place.topic
      return topic.withUTF8 { unsafe writer.write(.text(UnsafeRawBufferPointer($0)), to: &buffer) }
    case .id:
      return unsafe view.id(of: record, from: context.origin).withBytes { unsafe writer.write(.text($0), to: &buffer) }
    case .partition: writer.write(Int64(context.origin.place.partition), to: &buffer)
    case .offset: writer.write(record.offset, to: &buffer)
    case .timestamp: writer.write(record.timestampMilliseconds, to: &buffer)
    case .attempt: writer.write(Int64(context.attempt), to: &buffer)
    }
    return nil
  }

  private func appendValue(_ writer: TemplateWriter, to buffer: inout ByteBuffer) -> TemplateProblem? {
    let path = writer.reference.path
    guard let document = view.json(of: record) else {
      guard record.hasValue else {
        return path.isEmpty
          ? unsafe writer.write(.null, to: &buffer) : writer.reference.problem("of a record without a value")
      }
      guard path.isEmpty else { return writer.reference.problem("of a value that is not JSON") }
      return unsafe record.withValue { unsafe writer.write(Self.text($0), to: &buffer) }
    }
    guard let value = document.find(path) else { return unsafe writer.write(.missing, to: &buffer) }
    switch value.kind {
    case .null: return unsafe writer.write(.null, to: &buffer)
    case .string: return unsafe writer.write(.string(value, document), to: &buffer)
    case .number, .boolean:
      return unsafe document.withBytes(of: value) { unsafe writer.write(.scalar($0), to: &buffer) }
    case .array, .object:
      return unsafe document.withBytes(of: value) { unsafe writer.write(.structure($0), to: &buffer) }
    }
  }

  /// The last of equal names, letter for letter.
  private func appendHeader(_ writer: TemplateWriter, to buffer: inout ByteBuffer) -> TemplateProblem? {
    unsafe record.withHeaders { headers in
      var found = unsafe TemplateValue.missing
      unsafe headers.forEach { field in
        guard unsafe field.name.elementsEqual(writer.reference.headerName) else { return }
        unsafe found = unsafe field.value.map { unsafe Self.text($0) } ?? .null
      }
      return unsafe writer.write(found, to: &buffer)
    }
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> TemplateValue {
    unsafe UTF8Text.isValid(bytes) ? .text(bytes) : .notUTF8
  }
}
