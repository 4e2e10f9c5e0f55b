private import CYAML

/// What libyaml says, in Swift's types. Positions are counted in Unicode scalars from the start of the text.
struct YAMLEvent {
  enum Kind {
    case documentStart
    case scalar(text: String, isPlain: Bool)
    case sequenceStart, mappingStart, collectionEnd
    case alias(String)
  }
  var kind: Kind
  var anchor: String?
  var isTagged = false
  var start: Int
  var end: Int
}

/// Why libyaml stopped, and where.
struct YAMLProblem: Error {
  var message: String
  var position: Int
}

/// Reads valid UTF-8 and hands out its events until `body` returns `false`.
enum YAMLEvents {
  static func read(_ text: [UInt8], _ body: (YAMLEvent) -> Bool) throws(YAMLProblem) {
    let problem = unsafe text.withUnsafeBufferPointer { buffer -> YAMLProblem? in
      let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
      defer { unsafe parser.deallocate() }
      guard unsafe yaml_parser_initialize(parser) == 1 else {
        return YAMLProblem(message: "out of memory", position: 0)
      }
      defer { unsafe yaml_parser_delete(parser) }
      unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      unsafe yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
      return unsafe run(parser, body)
    }
    if let problem { throw problem }
  }

  private static func run(_ parser: UnsafeMutablePointer<yaml_parser_t>, _ body: (YAMLEvent) -> Bool) -> YAMLProblem? {
    while true {
      var raw = unsafe yaml_event_t()
      guard unsafe yaml_parser_parse(parser, &raw) == 1 else { return unsafe problem(of: parser.pointee) }
      defer { unsafe yaml_event_delete(&raw) }
      if unsafe raw.type == YAML_STREAM_END_EVENT || raw.type == YAML_NO_EVENT { return nil }
      if let event = unsafe event(from: raw), !body(event) { return nil }
    }
  }

  private static func problem(of parser: yaml_parser_t) -> YAMLProblem {
    guard let text = unsafe parser.problem else { return YAMLProblem(message: "not YAML", position: 0) }
    return unsafe YAMLProblem(
      message: String(cString: text), position: Int(clamping: parser.problem_mark.index))
  }

  private static func event(from raw: yaml_event_t) -> YAMLEvent? {
    var event = unsafe YAMLEvent(
      kind: .documentStart, start: Int(clamping: raw.start_mark.index), end: Int(clamping: raw.end_mark.index))
    switch unsafe raw.type {
    case YAML_DOCUMENT_START_EVENT: break
    case YAML_SCALAR_EVENT:
      let scalar = unsafe raw.data.scalar
      let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      event.kind = unsafe .scalar(
        text: String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      unsafe event.anchor = string(scalar.anchor)
      event.isTagged = unsafe scalar.tag != nil
    case YAML_SEQUENCE_START_EVENT:
      event.kind = .sequenceStart
      unsafe event.anchor = string(raw.data.sequence_start.anchor)
      event.isTagged = unsafe raw.data.sequence_start.tag != nil
    case YAML_MAPPING_START_EVENT:
      event.kind = .mappingStart
      unsafe event.anchor = string(raw.data.mapping_start.anchor)
      event.isTagged = unsafe raw.data.mapping_start.tag != nil
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: event.kind = .collectionEnd
    case YAML_ALIAS_EVENT: event.kind = unsafe .alias(string(raw.data.alias.anchor) ?? "")
    default: return nil
    }
    return event
  }

  private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let text = unsafe text else { return nil }
    return unsafe String(cString: text)
  }
}
