#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

/* Swift sees no variadic function and hardly an anonymous union: the message is put together here.
   `key` and `value` NULL mean Kafka's null; an empty part is a pointer with length 0.
   The headers pass to the library only when NULL is returned. */
static inline rd_kafka_error_t *topictee_produce(
    rd_kafka_t *client, const char *topic, const void *key, size_t key_size, const void *value, size_t value_size,
    rd_kafka_headers_t *headers, void *opaque) {
  rd_kafka_vu_t parts[6];
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic;
  parts[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[1].u.i = RD_KAFKA_MSG_F_COPY;
  parts[2].vtype = RD_KAFKA_VTYPE_KEY;
  parts[2].u.mem.ptr = (void *)key;
  parts[2].u.mem.size = key_size;
  parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[3].u.mem.ptr = (void *)value;
  parts[3].u.mem.size = value_size;
  parts[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[4].u.ptr = opaque;
  parts[5].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[5].u.headers = headers;
  return rd_kafka_produceva(client, parts, headers ? 6 : 5);
}

#ifdef __linux__
#include <sys/prctl.h>
#else
#include <pthread.h>
#endif

/* Names the calling thread, for ps and perf; Linux keeps 15 bytes. */
static inline void topictee_name_thread(const char *name) {
#ifdef __linux__
  prctl(PR_SET_NAME, name);
#else
  pthread_setname_np(name);
#endif
}
