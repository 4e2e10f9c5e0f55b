#include <expat.h>
#include <stdint.h>

// Where the parser is. From 2.9 on the function whose width is the platform's is deprecated; before, there is no other.
static inline int64_t topictee_xml_byte_index(XML_Parser parser) {
#if XML_MAJOR_VERSION > 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION >= 9)
  return XML_GetCurrentByteIndex64(parser);
#else
  return XML_GetCurrentByteIndex(parser);
#endif
}
