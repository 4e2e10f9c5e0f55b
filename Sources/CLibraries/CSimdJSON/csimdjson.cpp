// simdjson's own front ends do not fit: the DOM refuses numbers that no double holds and keeps no bytes, and On Demand
// neither checks what it passes over nor finds a member twice without walking there again. So its first stage, which is
// where the speed is (structure and UTF-8 by SIMD, chosen at run time), and a second one of our own that checks the
// grammar and notes which bracket closes which. The first stage's interface is the same in simdjson 1 to 3 (and behind
// `dom::parser`); nothing that it says about the text is relied on but positions in rising order.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "csimdjson.h"

using Stage1 = simdjson::internal::dom_parser_implementation;
static_assert(simdjson::SIMDJSON_PADDING <= TOPICTEE_JSON_PADDING, "a record's padding is too small");

struct topictee_json {
  std::unique_ptr<Stage1> stage1;
  // For the position of an opening bracket the one of its closing bracket.
  std::unique_ptr<uint32_t[]> closing;
  size_t capacity = 0;
  const uint8_t *text = nullptr;
  uint32_t length = 0;
  bool hasEscapes = false;

  uint32_t count() const noexcept { return stage1->n_structural_indexes; }
  uint32_t position(uint32_t at) const noexcept { return at < count() ? stage1->structural_indexes[at] : length; }
  uint8_t byte(uint32_t at) const noexcept { return at < count() ? text[stage1->structural_indexes[at]] : 0; }
};

namespace {

constexpr size_t smallCapacity = 4096;
// What is kept for the next text: positions take eight times the bytes of the largest text.
constexpr size_t keptCapacity = 1 << 20;

bool isSpace(uint8_t byte) noexcept { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }
bool isDigit(uint8_t byte) noexcept { return byte >= '0' && byte <= '9'; }

bool hasRoom(topictee_json &json, size_t length) noexcept {
  const bool isWasteful = json.capacity > keptCapacity && length <= keptCapacity;
  if (length <= json.capacity && !isWasteful) return true;
  size_t wanted = smallCapacity;
  while (wanted < length) wanted *= 2;
  json.capacity = 0;
  json.closing.reset(new (std::nothrow) uint32_t[wanted]);
  if (!json.closing) return false;
  const simdjson::error_code error =
      json.stage1 ? json.stage1->set_capacity(wanted)
                  : simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1, json.stage1);
  if (error != simdjson::SUCCESS) return false;
  json.capacity = wanted;
  return true;
}

// The end of the token that begins at a position: the next one, without the space before it.
const uint8_t *tokenEnd(const topictee_json &json, uint32_t at) noexcept {
  const uint8_t *start = json.text + json.position(at);
  const uint8_t *end = json.text + json.position(at + 1);
  while (end > start && isSpace(end[-1])) end -= 1;
  return end;
}

int hexDigit(uint8_t byte) noexcept {
  if (isDigit(byte)) return byte - '0';
  const uint8_t lower = byte | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool areEscapesRight(const uint8_t *at, const uint8_t *end) noexcept {
  while (at < end && (at = static_cast<const uint8_t *>(memchr(at, '\\', end - at))) != nullptr) {
    if (end - at < 2) return false;
    const uint8_t kind = at[1];
    at += 2;
    if (kind == 'u') {
      if (end - at < 4) return false;
      for (int i = 0; i < 4; i++) {
        if (hexDigit(at[i]) < 0) return false;
      }
      at += 4;
    } else if (memchr("\"\\/bfnrt", kind, 8) == nullptr) {
      return false;
    }
  }
  return true;
}

bool isString(const topictee_json &json, uint32_t at) noexcept {
  const uint8_t *start = json.text + json.position(at);
  const uint8_t *end = tokenEnd(json, at);
  if (*start != '"' || end - start < 2 || end[-1] != '"') return false;
  return !json.hasEscapes || areEscapesRight(start + 1, end - 1);
}

const uint8_t *skipDigits(const uint8_t *at, const uint8_t *end) noexcept {
  while (at < end && isDigit(*at)) at += 1;
  return at;
}

bool isNumber(const uint8_t *at, const uint8_t *end) noexcept {
  if (at < end && *at == '-') at += 1;
  const uint8_t *whole = at;
  at = skipDigits(at, end);
  if (at == whole || (*whole == '0' && at - whole > 1)) return false;
  if (at < end && *at == '.') {
    const uint8_t *fraction = at + 1;
    at = skipDigits(fraction, end);
    if (at == fraction) return false;
  }
  if (at < end && (*at | 0x20) == 'e') {
    at += 1;
    if (at < end && (*at == '+' || *at == '-')) at += 1;
    const uint8_t *exponent = at;
    at = skipDigits(exponent, end);
    if (at == exponent) return false;
  }
  return at == end;
}

bool isWord(const uint8_t *start, const uint8_t *end, const char *word, size_t length) noexcept {
  return static_cast<size_t>(end - start) == length && memcmp(start, word, length) == 0;
}

bool isScalar(const topictee_json &json, uint32_t at) noexcept {
  const uint8_t *start = json.text + json.position(at);
  const uint8_t *end = tokenEnd(json, at);
  switch (json.byte(at)) {
    case '"': return isString(json, at);
    case 't': return isWord(start, end, "true", 4);
    case 'f': return isWord(start, end, "false", 5);
    case 'n': return isWord(start, end, "null", 4);
    default: return isNumber(start, end);
  }
}

// The grammar over the positions, without recursion: hostile nesting ends in "no".
bool isText(topictee_json &json) noexcept {
  uint32_t opened[TOPICTEE_JSON_DEPTH_MAX];
  uint32_t depth = 0, at = 0;
  while (true) {
    // At a value.
    const uint8_t first = json.byte(at);
    if (first == '{' || first == '[') {
      if (depth == TOPICTEE_JSON_DEPTH_MAX) return false;
      opened[depth++] = at++;
      const uint8_t inside = json.byte(at);
      if (inside != (first == '{' ? '}' : ']')) {
        if (first == '[') continue;
        if (inside != '"' || !isString(json, at) || json.byte(at + 1) != ':') return false;
        at += 2;
        continue;
      }
    } else {
      if (at >= json.count() || !isScalar(json, at)) return false;
      at += 1;
    }
    // Behind a value, or at the bracket that closes an empty one.
    while (true) {
      if (depth == 0) return at == json.count();
      const bool isObject = json.byte(opened[depth - 1]) == '{';
      const uint8_t next = json.byte(at);
      if (next == ',') {
        at += 1;
        if (!isObject) break;
        if (json.byte(at) != '"' || !isString(json, at) || json.byte(at + 1) != ':') return false;
        at += 2;
        break;
      }
      if (next != (isObject ? '}' : ']')) return false;
      json.closing[opened[--depth]] = at++;
    }
  }
}

// Behind the value at a position.
uint32_t after(const topictee_json &json, uint32_t at) noexcept {
  const uint8_t first = json.byte(at);
  return (first == '{' || first == '[' ? json.closing[at] : at) + 1;
}

// One character of a string's content; `out` has room for four bytes. Gives its bytes, 0 for half of a surrogate pair.
size_t takeCharacter(const uint8_t *&at, const uint8_t *end, uint8_t *out) noexcept {
  if (*at != '\\') {
    out[0] = *at++;
    return 1;
  }
  const uint8_t kind = at[1];
  at += 2;
  switch (kind) {
    case 'b': out[0] = '\b'; return 1;
    case 'f': out[0] = '\f'; return 1;
    case 'n': out[0] = '\n'; return 1;
    case 'r': out[0] = '\r'; return 1;
    case 't': out[0] = '\t'; return 1;
    case 'u': break;
    default: out[0] = kind; return 1;
  }
  auto unit = [&at]() noexcept {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) value = value << 4 | static_cast<uint32_t>(hexDigit(*at++));
    return value;
  };
  uint32_t scalar = unit();
  if (scalar >= 0xD800 && scalar < 0xE000) {
    if (scalar >= 0xDC00 || end - at < 6 || at[0] != '\\' || at[1] != 'u') return 0;
    at += 2;
    const uint32_t low = unit();
    if (low < 0xDC00 || low >= 0xE000) return 0;
    scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00);
  }
  if (scalar < 0x80) {
    out[0] = static_cast<uint8_t>(scalar);
    return 1;
  }
  size_t length = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
  for (size_t i = length; --i > 0; scalar >>= 6) out[i] = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
  static constexpr uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
  out[0] = static_cast<uint8_t>(lead[length] | scalar);
  return length;
}

bool isNamed(const topictee_json &json, uint32_t at, const uint8_t *name, size_t nameLength) noexcept {
  const uint8_t *start = json.text + json.position(at) + 1;
  const uint8_t *end = tokenEnd(json, at) - 1;
  const size_t length = static_cast<size_t>(end - start);
  if (!json.hasEscapes || memchr(start, '\\', length) == nullptr) {
    return length == nameLength && memcmp(start, name, length) == 0;
  }
  size_t compared = 0;
  while (start < end) {
    uint8_t bytes[4];
    const size_t taken = takeCharacter(start, end, bytes);
    if (taken == 0 || taken > nameLength - compared || memcmp(bytes, name + compared, taken) != 0) return false;
    compared += taken;
  }
  return compared == nameLength;
}

}  // namespace

topictee_json *topictee_json_make(void) noexcept {
  topictee_json *json = new (std::nothrow) topictee_json;
  if (json != nullptr && hasRoom(*json, 1)) return json;
  delete json;
  return nullptr;
}

void topictee_json_free(topictee_json *json) noexcept { delete json; }

bool topictee_json_read(topictee_json *json, const uint8_t *text, size_t length) noexcept {
  if (length == 0 || length > UINT32_MAX / 4 || !hasRoom(*json, length)) return false;
  json->text = text;
  json->length = static_cast<uint32_t>(length);
  if (json->stage1->stage1(text, length, simdjson::stage1_mode::regular) != simdjson::SUCCESS) return false;
  json->hasEscapes = memchr(text, '\\', length) != nullptr;
  return isText(*json);
}

uint32_t topictee_json_member(
    const topictee_json *json, uint32_t value, const uint8_t *name, size_t name_length) noexcept {
  if (json->byte(value) != '{') return TOPICTEE_JSON_NONE;
  uint32_t found = TOPICTEE_JSON_NONE;
  for (uint32_t at = value + 1; json->byte(at) == '"';) {
    if (isNamed(*json, at, name, name_length)) found = at + 2;
    at = after(*json, at + 2) + 1;
  }
  return found;
}

uint32_t topictee_json_first(const topictee_json *json, uint32_t value) noexcept {
  return json->byte(value) != '[' || json->byte(value + 1) == ']' ? TOPICTEE_JSON_NONE : value + 1;
}

uint32_t topictee_json_next(const topictee_json *json, uint32_t item) noexcept {
  const uint32_t behind = after(*json, item);
  return json->byte(behind) == ',' ? behind + 1 : TOPICTEE_JSON_NONE;
}

uint32_t topictee_json_first_name(const topictee_json *json, uint32_t value) noexcept {
  return json->byte(value) != '{' || json->byte(value + 1) == '}' ? TOPICTEE_JSON_NONE : value + 1;
}

topictee_json_span topictee_json_value(const topictee_json *json, uint32_t value) noexcept {
  const uint32_t start = json->position(value);
  auto span = [&](const uint8_t *end, topictee_json_kind kind) noexcept {
    return topictee_json_span{start, static_cast<uint32_t>(end - json->text) - start, kind};
  };
  const uint8_t first = json->byte(value);
  switch (first) {
    case '{': return span(json->text + json->position(json->closing[value]) + 1, TOPICTEE_JSON_OBJECT);
    case '[': return span(json->text + json->position(json->closing[value]) + 1, TOPICTEE_JSON_ARRAY);
    case '"': return span(tokenEnd(*json, value), TOPICTEE_JSON_STRING);
    case 't': return span(tokenEnd(*json, value), TOPICTEE_JSON_TRUE);
    case 'f': return span(tokenEnd(*json, value), TOPICTEE_JSON_FALSE);
    case 'n': return span(tokenEnd(*json, value), TOPICTEE_JSON_NULL);
    default: return span(tokenEnd(*json, value), TOPICTEE_JSON_NUMBER);
  }
}

uint8_t *topictee_json_unescape(const uint8_t *content, size_t length, uint8_t *out) noexcept {
  const uint8_t *end = content + length;
  while (content < end) {
    const uint8_t *escape = static_cast<const uint8_t *>(memchr(content, '\\', end - content));
    const size_t plain = static_cast<size_t>((escape == nullptr ? end : escape) - content);
    memcpy(out, content, plain);
    out += plain;
    content += plain;
    if (content == end) break;
    uint8_t bytes[4];
    const size_t taken = takeCharacter(content, end, bytes);
    if (taken == 0) return nullptr;
    memcpy(out, bytes, taken);
    out += taken;
  }
  return out;
}
