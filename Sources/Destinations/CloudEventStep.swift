import FanOut
import HTTPWire
import Payload
import Settings

/// Makes a CloudEvent 1.0 of a request (HTTP protocol binding 1.0.2). A record that is one already passes through as
/// itself, with its own id, source, type and extensions, whichever mode the destination wants; one that only says that it
/// is fails in every mode.
///
/// | Mode | The attributes | The body |
/// |---|---|---|
/// | binary | `ce-…` headers | as it was |
/// | structured | in the body | a JSON object; `data` if what it is about is JSON, else `data_base64` |
/// | batched | in the body | an array of such objects, which `append(_:_:to:)` writes one by one |
///
/// It belongs to one lane and keeps its memory.
struct CloudEventStep {
  /// What an event is about.
  @unsafe struct Data {
    /// Nil for a record without a value, or a request without a body.
    var bytes: UnsafeRawBufferPointer?
    var contentType: [UInt8]?
    /// Whether it is the record's value as it stands, and not what a body of the file makes of it.
    var isRecordValue: Bool
  }

  static let structuredType: StaticString = "application/cloudevents+json"
  private let mode: CloudEventSettings.Mode
  private let type: TemplateProgram
  private let source: TemplateProgram
  private let subject: TemplateProgram?
  private let document = JSONDocument()
  private var attributes = CloudEventAttributes()
  private var text = ByteBuffer()

  init(_ settings: CloudEventSettings) {
    mode = settings.mode
    type = Self.program(settings.type, .text)
    // A value is part of a URI, unless it is the whole of it.
    source = Self.program(settings.source, settings.source.lone == nil ? .query : .text)
    subject = settings.subject.map { Self.program($0, .text) }
  }

  private static func program(_ text: TemplateText, _ place: TemplatePlace) -> TemplateProgram {
    var program = TemplateProgram()
    program.append(text, place)
    return program
  }

  // MARK: Requests

  /// Makes the request an event's; it is finished but for compression, signatures and authorization.
  /// - Returns: what stands in the way, or nil.
  mutating func apply(
    to draft: inout RequestDraft, _ source: TemplateSource, isRecordValue: Bool
  ) -> Outcome? {
    let form = CloudEventForm(source.record)
    if mode == .binary {
      if let obstacle = collect(source, form) { return obstacle }
      attributes.appendHeaders(to: &draft.headers)
      // What is not there has no type, but one that the record says.
      if isRecordValue, !source.record.hasValue, ContentType.ofHeader(source.record) == nil {
        _ = draft.takeHeader("content-type")
      }
      return form == .structured && isRecordValue ? unwrap(source, &draft) : nil
    }
    if isRecordValue, form == .foreign { return nil }
    if isRecordValue, form == .structured { return collect(source, form) }
    let contentType = draft.takeHeader("content-type")
    text.clear()
    var event = ByteBuffer()
    swap(&event, &text)
    let hasData = draft.hasBody && (!isRecordValue || source.record.hasValue)
    let obstacle = unsafe draft.body.withBytes { bytes in
      let data = unsafe Data(
        bytes: hasData ? bytes : nil, contentType: contentType, isRecordValue: isRecordValue)
      return unsafe append(source, data, to: &event)
    }
    swap(&event, &draft.body)
    swap(&event, &text)
    draft.hasBody = true
    draft.headers.append("Content-Type: ")
    draft.headers.append(Self.structuredType)
    draft.headers.append("\r\n")
    return obstacle
  }

  /// Appends one event as JSON.
  /// - Returns: what stands in the way, or nil; then what was appended is of no use.
  mutating func append(_ source: TemplateSource, _ data: Data, to buffer: inout ByteBuffer) -> Outcome? {
    let form = CloudEventForm(source.record)
    if let obstacle = collect(source, form) { return obstacle }
    if form == .structured, unsafe data.isRecordValue {
      unsafe source.record.withValue { unsafe buffer.append($0) }
      return nil
    }
    buffer.append("{")
    attributes.appendMembers(to: &buffer)
    if let bytes = unsafe data.bytes { unsafe append(bytes, data, source, to: &buffer) }
    buffer.append("}")
    return nil
  }

  private func append(
    _ bytes: UnsafeRawBufferPointer, _ data: Data, _ source: TemplateSource, to buffer: inout ByteBuffer
  ) {
    if let contentType = unsafe data.contentType {
      buffer.append(",\"datacontenttype\":")
      unsafe contentType.withUnsafeBytes { unsafe buffer.append(jsonString: $0) }
    }
    if unsafe isJSON(bytes, data, source) {
      buffer.append(",\"data\":")
      unsafe buffer.append(bytes)
    } else {
      buffer.append(",\"data_base64\":\"")
      unsafe buffer.append(base64: bytes)
      buffer.append("\"")
    }
  }

  private func isJSON(_ bytes: UnsafeRawBufferPointer, _ data: Data, _ source: TemplateSource) -> Bool {
    if let type = unsafe data.contentType, !CloudEventForm.isJSON(type) { return false }
    if unsafe data.isRecordValue { return source.view.json(of: source.record) != nil }
    return unsafe document.read(copying: bytes)
  }

  // MARK: Attributes

  private static func unsendable(_ reason: DeadLetterReason, _ message: String) -> Outcome {
    .unsendable(reason, AttemptFailure(message: message))
  }

  private mutating func collect(_ source: TemplateSource, _ form: CloudEventForm) -> Outcome? {
    attributes.clear()
    switch form {
    case .plain: return make(source)
    case .binary: return takeHeaders(of: source.record)
    case .structured: return takeMembers(source)
    case .foreign: return Self.unsendable(.template, "the record is a CloudEvent in a format other than JSON")
    }
  }

  /// The attributes of an event that is made here.
  private mutating func make(_ source: TemplateSource) -> Outcome? {
    attributes.set("specversion") { $0.append("1.0") }
    attributes.set("id") { source.view.id(of: source.record, from: source.context.origin).append(to: &$0) }
    if let obstacle = set("source", self.source, source) ?? set("type", type, source) { return obstacle }
    if let subject {
      if let obstacle = set("subject", subject, source) { return obstacle }
    } else {
      unsafe source.record.withKey { key in
        guard unsafe !key.isEmpty && UTF8Text.isValid(key) else { return }
        attributes.set("subject") { unsafe $0.append(key) }
      }
    }
    if source.record.timestampMilliseconds >= 0,
      let time = UTCTime(milliseconds: source.record.timestampMilliseconds)
    {
      attributes.set("time") { time.appendRFC3339(to: &$0) }
    }
    return nil
  }

  private mutating func set(_ name: StaticString, _ program: TemplateProgram, _ source: TemplateSource) -> Outcome? {
    text.clear()
    if let problem = program.append(source, to: &text) { return problem.outcome }
    guard !text.isEmpty else { return Self.unsendable(.template, "the CloudEvent's \(name) becomes empty") }
    let text = self.text
    attributes.set(name) { buffer in unsafe text.withBytes { unsafe buffer.append($0) } }
    return nil
  }

  /// Those of an event whose attributes are headers (Kafka binding, 3.2.3).
  private mutating func takeHeaders(of record: Record) -> Outcome? {
    var obstacle: Outcome?
    unsafe record.withHeaders { headers in
      unsafe headers.forEach { field in
        guard let value = unsafe field.value, unsafe field.name.starts(with: "ce_".utf8) else { return }
        let name = unsafe UnsafeRawBufferPointer(rebasing: field.name[3...])
        // What is no attribute's name is no attribute; these two say what the body is.
        guard unsafe CloudEventAttributes.isName(name), unsafe !name.elementsEqual("data".utf8),
          unsafe !name.elementsEqual("datacontenttype".utf8)
        else { return }
        if unsafe !UTF8Text.isValid(value) {
          obstacle = Self.unsendable(.unsafe, "a ce_ header of the record is not UTF-8")
        } else if unsafe !attributes.set(name, to: value) {
          obstacle = Self.tooMany
        }
      }
    }
    return obstacle
  }

  private static let tooMany = unsendable(
    .template, "the record is a CloudEvent of more than \(CloudEventAttributes.countMax) attributes")

  // MARK: Events that are the record's value

  private static func malformed(_ what: String) -> Outcome {
    unsendable(.template, "the record's content-type says that it is a CloudEvent, but \(what)")
  }

  /// Those of an event that is the record's value (JSON event format 1.0.2).
  private mutating func takeMembers(_ source: TemplateSource) -> Outcome? {
    guard let json = source.view.json(of: source.record), let root = json.root, root.kind == .object else {
      return Self.malformed("its value is no JSON object")
    }
    var required = CloudEventForm.Required()
    var obstacle: Outcome?
    json.forEachMember(of: root) { name, value in
      obstacle = take(name, value, json, &required)
      return obstacle == nil
    }
    if let obstacle { return obstacle }
    return required.isComplete ? nil : Self.malformed("it lacks specversion 1.0, id, source or type")
  }

  private mutating func take(
    _ name: JSONDocument.Value, _ value: JSONDocument.Value, _ json: JSONDocument,
    _ required: inout CloudEventForm.Required
  ) -> Outcome? {
    unsafe json.withBytes(of: name) { quoted in
      let name = unsafe UnsafeRawBufferPointer(rebasing: quoted[1..<quoted.count - 1])
      // They are the body and its type.
      if unsafe name.elementsEqual("data".utf8) { return nil }
      if unsafe name.elementsEqual("data_base64".utf8) { return Self.isBase64(value, json) ? nil : Self.notBase64 }
      if unsafe name.elementsEqual("datacontenttype".utf8) {
        return value.kind == .string || value.kind == .null
          ? nil : Self.malformed("its datacontenttype is no string")
      }
      guard unsafe CloudEventAttributes.isName(name), value.kind != .object, value.kind != .array else {
        return Self.malformed("a member of it is no attribute")
      }
      if value.kind != .string { unsafe required.take(name, UnsafeRawBufferPointer(start: nil, count: 0)) }
      // As if it were not there.
      if value.kind == .null { return nil }
      return unsafe json.withText(of: value) { text in
        guard let text = unsafe text else { return Self.malformed("an attribute holds half of a surrogate pair") }
        if value.kind == .string { unsafe required.take(name, text) }
        return unsafe attributes.set(name, to: text, isText: value.kind == .string) ? nil : Self.tooMany
      }
    }
  }

  private static let notBase64 = malformed("its data_base64 is not Base64")

  private static func isBase64(_ value: JSONDocument.Value, _ json: JSONDocument) -> Bool {
    guard value.kind == .string else { return value.kind == .null }
    return unsafe json.withText(of: value) { unsafe $0.flatMap { unsafe Base64.decode($0) } } != nil
  }

  /// Puts the event's data in the body's place, and its type in that of the event's.
  private func unwrap(_ source: TemplateSource, _ draft: inout RequestDraft) -> Outcome? {
    guard let json = source.view.json(of: source.record) else { return nil }
    draft.body.clear()
    _ = draft.takeHeader("content-type")
    var type: [UInt8]?
    if let value = json.find(JSONPath(["datacontenttype"])), value.kind == .string {
      let isWhole = unsafe json.withText(of: value) { text in
        guard let text = unsafe text else { return false }
        if unsafe !ContentType.isBlank(text) { type = unsafe Array(text) }
        return true
      }
      guard isWhole else { return Self.malformed("its datacontenttype holds half of a surrogate pair") }
      if let flaw = type.flatMap({ ContentType.flaw(in: $0) }) {
        return Self.unsendable(.unsafe, "the CloudEvent's datacontenttype \(flaw)")
      }
    }
    if let data = json.find(JSONPath(["data"])), data.kind != .null {
      // A string of a type that is not JSON is the text itself.
      let isText = data.kind == .string && !(type.map(CloudEventForm.isJSON) ?? true)
      let isWhole =
        unsafe isText
        ? json.withText(of: data) { unsafe Self.append($0, to: &draft.body) }
        : json.withBytes(of: data) { unsafe Self.append($0, to: &draft.body) }
      guard isWhole else { return Self.malformed("its data holds half of a surrogate pair") }
      type = type ?? Array("application/json".utf8)
    } else if let data = json.find(JSONPath(["data_base64"])), data.kind == .string {
      let bytes = unsafe json.withText(of: data) { unsafe $0.flatMap { unsafe Base64.decode($0) } }
      guard let bytes else { return Self.notBase64 }
      draft.body.append(bytes)
      type = type ?? Array("application/octet-stream".utf8)
    }
    if let type {
      draft.headers.append("Content-Type: ")
      draft.headers.append(type)
      draft.headers.append("\r\n")
    }
    return nil
  }

  private static func append(_ bytes: UnsafeRawBufferPointer?, to buffer: inout ByteBuffer) -> Bool {
    guard let bytes = unsafe bytes else { return false }
    unsafe buffer.append(bytes)
    return true
  }
}
