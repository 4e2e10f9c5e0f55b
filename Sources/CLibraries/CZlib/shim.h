#include <string.h>
#include <zlib.h>

/* Swift sees no macro functions. */

/// Makes a fresh stream write gzip members (RFC 1952) that depend on nothing but the data: no time, no system.
static inline int topictee_gzip_begin(z_stream *stream, gz_header *header, int level) {
  memset(stream, 0, sizeof *stream);
  memset(header, 0, sizeof *header);
  header->os = 255;
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
