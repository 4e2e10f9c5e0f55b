import FanOut
import HTTPWire
import Payload
import Settings

/// Events that are the record's value (JSON event format 1.0.2): their attributes, whether they are events at all, and
/// their data.
extension CloudEventStep {
  private static func malformed(_ what: String) -> Outcome {
    unsendable(.template, "the record's content-type says that it is a CloudEvent, but \(what)")
  }

  /// The attributes; what is no event is an obstacle.
  mutating func takeMembers(_ source: TemplateSource) -> Outcome? {
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
  func unwrap(_ source: TemplateSource, _ draft: inout RequestDraft) -> Outcome? {
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
