#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define CSIMDJSON_NOTHROW noexcept
#else
#define CSIMDJSON_NOTHROW
#endif

/* An index over one JSON text: where its values are. It owns no text; whoever reads one keeps it until the next. Not for
   two threads at a time. No call throws, and none trusts the text. */
typedef struct topictee_json topictee_json;

typedef enum {
  TOPICTEE_JSON_NULL,
  TOPICTEE_JSON_FALSE,
  TOPICTEE_JSON_TRUE,
  TOPICTEE_JSON_NUMBER,
  TOPICTEE_JSON_STRING,
  TOPICTEE_JSON_ARRAY,
  TOPICTEE_JSON_OBJECT,
} topictee_json_kind;

/* A value's bytes as they stand in the text, a string with its quotes. */
typedef struct {
  uint32_t start;
  uint32_t length;
  topictee_json_kind kind;
} topictee_json_span;

enum {
  /* Bytes behind a text that may be read; what they hold does not matter. */
  TOPICTEE_JSON_PADDING = 64,
  /* Levels of nesting; a text that is deeper is refused. */
  TOPICTEE_JSON_DEPTH_MAX = 1024,
};

/* In place of a value. */
#define TOPICTEE_JSON_NONE UINT32_MAX

/* NULL without memory. */
topictee_json *topictee_json_make(void) CSIMDJSON_NOTHROW;
void topictee_json_free(topictee_json *json) CSIMDJSON_NOTHROW;

/* Whether all of `text` is one JSON text (RFC 8259, strict UTF-8; numbers of any size). If so the index is about it. */
bool topictee_json_read(topictee_json *json, const uint8_t *text, size_t length) CSIMDJSON_NOTHROW;

/* Values are named by numbers: the whole text is 0. */

/* The last member of that name; NONE if there is none or `value` is no object. */
uint32_t topictee_json_member(
    const topictee_json *json, uint32_t value, const uint8_t *name, size_t name_length) CSIMDJSON_NOTHROW;

/* The first item of an array; NONE if it is empty or none. */
uint32_t topictee_json_first(const topictee_json *json, uint32_t value) CSIMDJSON_NOTHROW;
/* The item behind one; NONE after the last. */
uint32_t topictee_json_next(const topictee_json *json, uint32_t item) CSIMDJSON_NOTHROW;

/* The name of an object's first member, a string; NONE if it is empty or none. Its value is `name + 2`, and `next` of that
   the name of the member behind. */
uint32_t topictee_json_first_name(const topictee_json *json, uint32_t value) CSIMDJSON_NOTHROW;

topictee_json_span topictee_json_value(const topictee_json *json, uint32_t value) CSIMDJSON_NOTHROW;

/* What a string of a text that was read says, in UTF-8, into `out`, which has room for the string's own length. Gives the
   end, or NULL if it holds half of a surrogate pair: there is no UTF-8 for that. */
uint8_t *topictee_json_unescape(const uint8_t *content, size_t length, uint8_t *out) CSIMDJSON_NOTHROW;

#ifdef __cplusplus
}
#endif
#endif
