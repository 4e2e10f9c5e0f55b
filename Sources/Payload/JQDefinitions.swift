/// What is defined before each program: jq's own functions again where they would reach out, end the process or never end
/// for an input that a record may hold.
///
/// jq forgets a definition that the program does not use, so none of them costs anything then.
enum JQDefinitions {
  /// What an old function is called in the new one's body, where its own name is the new one.
  static let mark = "topictee_"

  /// Why a name is refused, by `name/parameters`.
  static let refused: [(name: String, parameters: Int, reason: String)] = [
    ("env", 0, outside), ("input", 0, outside), ("inputs", 0, outside), ("input_filename", 0, outside),
    ("input_line_number", 0, outside), ("get_search_list", 0, outside), ("modulemeta", 0, outside),
    ("stderr", 0, "there is nowhere to write to"), ("halt", 0, nothing), ("halt_error", 0, nothing),
    ("halt_error", 1, nothing),
  ]
  static let outside = "nothing but the input is within reach"
  private static let nothing = "there is nothing to end here"

  /// For every program.
  static let common: String = {
    let refusals = refused.map { entry in
      "def \(entry.name)\(entry.parameters == 0 ? "" : "(f)"): $\(mark)\(entry.name);"
    }
    return (refusals + formats + (JQInput.keepsDigits ? [] : endless)).joined(separator: " ")
  }()

  /// For a program whose numbers go out, in a jq that knows doubles only: a text's digits are not rounded either.
  static let exact =
    JQInput.keepsDigits
    ? ""
    : """
     def \(mark)tonumber: tonumber; def tonumber: \(mark)tonumber as $n | if type == "string" \
    and ($n | fabs) >= 9007199254740992 and (explode | all(. == 45 or . >= 48 and . <= 57)) \
    then error("tonumber: an integer beyond 2^53, which this jq would round") else $n end; \
    def \(mark)fromjson: fromjson; def fromjson: \(mark)fromjson as $v \
    | if any($v | .. | numbers; fabs >= 9007199254740992 and . == floor) \
    then error("fromjson: an integer beyond 2^53, which this jq would round") else $v end;
    """

  /// jq breaks down over a time beyond the calendar and over a format that is no text.
  private static let formats: [String] =
    ["strftime", "strflocaltime"].map { name in
      """
      def \(mark)\(name)($f): \(name)($f); \
      def \(name)($f): if ($f | type) != "string" then error("\(name): the format is no text") \
      elif type == "number" and (isnan or fabs > 6.7e16) then error("\(name): a time beyond the calendar") \
      else \(mark)\(name)($f) end;
      """
    } + ["def todateiso8601: strftime(\"%Y-%m-%dT%H:%M:%SZ\"); def todate: todateiso8601; def date: todate;"]

  /// jq 1.6 looks for ever for an empty text. Where an expression matches nothing it replaces that for ever, and reads
  /// beyond the text if there is a letter of more than one byte: it is tried on plain letters first.
  private static let endless: [String] =
    ["indices", "index", "rindex"].map { name in
      """
      def \(mark)\(name)($i): \(name)($i); \
      def \(name)($i): if $i == "" and type == "string" then \(name == "indices" ? "[]" : "null") \
      else \(mark)\(name)($i) end;
      """
    } + [
      """
      def \(mark)sound($re; $f; $plain): . as $text | if type == "string" and ($f // "" | contains("g")) \
      and ($plain or (explode | any(. > 127))) and any((97, 126) as $letter | $text | explode \
      | map(if . > 127 then $letter else . end) | implode | length as $size | match($re; $f) \
      | .length == 0 and .offset < $size; .) \
      then error("the expression matches nothing at a place, which this jq cannot do") else . end; \
      def \(mark)match($re; $f): match($re; $f); \
      def match($re; $f): \(mark)sound($re; $f; false) | \(mark)match($re; $f); \
      def match($a): if ($a | type) == "array" then match($a[0]; $a[1]) else match($a; null) end; \
      def \(mark)capture($re; $f): capture($re; $f); \
      def capture($re; $f): \(mark)sound($re; $f; false) | \(mark)capture($re; $f); \
      def capture($a): if ($a | type) == "array" then capture($a[0]; $a[1]) else capture($a; null) end; \
      def \(mark)scan($re): scan($re); def scan($re): \(mark)sound($re; "g"; false) | \(mark)scan($re); \
      def \(mark)split($re; $f): split($re; $f); \
      def split($re; $f): \(mark)sound($re; ($f // "") + "g"; false) | \(mark)split($re; $f); \
      def splits($re; $f): split($re; $f) | .[]; def splits($re): splits($re; null); \
      def \(mark)sub($re; s; $f): sub($re; s; $f); \
      def sub($re; s; $f): \(mark)sound($re; $f; true) | \(mark)sub($re; s; $f); \
      def gsub($re; s; $f): sub($re; s; $f + "g"); def gsub($re; s): sub($re; s; "g");
      """
    ]
}
