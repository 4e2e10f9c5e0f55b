#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

// rd_kafka_vu_t is a union that Swift cannot fill, and rd_kafka_producev is variadic.
typedef struct {
  const char *name;
  const void *value; // NULL for a null value
  size_t size;
} topictee_header;

static inline rd_kafka_error_t *topictee_produce(
    rd_kafka_t *rk, const char *topic, const void *key, size_t key_size, const void *value, size_t value_size,
    const topictee_header *headers, size_t header_count, void *opaque) {
  rd_kafka_headers_t *list = rd_kafka_headers_new(header_count);
  for (size_t i = 0; i < header_count; i++)
    rd_kafka_header_add(list, headers[i].name, -1, headers[i].value, headers[i].size);
  rd_kafka_vu_t vus[6];
  vus[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  vus[0].u.cstr = topic;
  vus[1].vtype = RD_KAFKA_VTYPE_VALUE;
  vus[1].u.mem.ptr = (void *)value;
  vus[1].u.mem.size = value_size;
  vus[2].vtype = RD_KAFKA_VTYPE_KEY;
  vus[2].u.mem.ptr = (void *)key;
  vus[2].u.mem.size = key_size;
  vus[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  vus[3].u.i = RD_KAFKA_MSG_F_COPY;
  vus[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
  vus[4].u.ptr = opaque;
  vus[5].vtype = RD_KAFKA_VTYPE_HEADERS;
  vus[5].u.headers = list;
  rd_kafka_error_t *error = rd_kafka_produceva(rk, vus, 6);
  if (error)
    rd_kafka_headers_destroy(list); // else the message owns them
  return error;
}
