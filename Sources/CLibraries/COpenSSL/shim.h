#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

/* Swift sees no macros: one inline function for each that the TLS layer needs. */

static inline int topictee_ctx_min_version(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_min_proto_version(context, version);
}

static inline int topictee_set_server_name(SSL *ssl, const char *name) {
  return (int)SSL_set_tlsext_host_name(ssl, name);
}

static inline long topictee_bio_contents(BIO *bio, char **start) { return BIO_get_mem_data(bio, start); }

static inline void topictee_bio_clear(BIO *bio) { (void)BIO_reset(bio); }

static inline void topictee_bio_empty_is_retry(BIO *bio) { (void)BIO_set_mem_eof_return(bio, -1); }

static inline void topictee_release_buffers(SSL_CTX *context) {
  (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

/* `asked`, where it is not NULL, becomes 1 when a password was wanted. */
static inline int topictee_no_password(char *buffer, int size, int is_writing, void *asked) {
  (void)buffer, (void)size, (void)is_writing;
  if (asked) *(int *)asked = 1;
  return -1;
}

/* Otherwise OpenSSL asks whoever sits at the terminal, and waits. */
static inline void topictee_ask_for_no_password(SSL_CTX *context, int *asked) {
  SSL_CTX_set_default_passwd_cb(context, topictee_no_password);
  SSL_CTX_set_default_passwd_cb_userdata(context, asked);
}

static inline EVP_PKEY *topictee_read_key(BIO *bio) {
  return PEM_read_bio_PrivateKey(bio, NULL, topictee_no_password, NULL);
}

static inline void topictee_print_name(BIO *bio, const X509_NAME *name) {
  (void)X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
}

/* One hash of three kinds in progress: copied by assignment, without an allocation, which the newer interface cannot. */

typedef enum topictee_hash_kind { TOPICTEE_SHA1, TOPICTEE_SHA256, TOPICTEE_SHA512 } topictee_hash_kind;

typedef struct topictee_hash {
  topictee_hash_kind kind;
  union {
    SHA_CTX sha1;
    SHA256_CTX sha256;
    SHA512_CTX sha512;
  } state;
} topictee_hash;

static inline topictee_hash topictee_hash_new(topictee_hash_kind kind) {
  topictee_hash hash = {.kind = kind};
  switch (kind) {
    case TOPICTEE_SHA1: (void)SHA1_Init(&hash.state.sha1); break;
    case TOPICTEE_SHA256: (void)SHA256_Init(&hash.state.sha256); break;
    case TOPICTEE_SHA512: (void)SHA512_Init(&hash.state.sha512); break;
  }
  return hash;
}

static inline void topictee_hash_update(topictee_hash *hash, const void *bytes, size_t count) {
  switch (hash->kind) {
    case TOPICTEE_SHA1: (void)SHA1_Update(&hash->state.sha1, bytes, count); break;
    case TOPICTEE_SHA256: (void)SHA256_Update(&hash->state.sha256, bytes, count); break;
    case TOPICTEE_SHA512: (void)SHA512_Update(&hash->state.sha512, bytes, count); break;
  }
}

/* `digest` has room for 64 bytes. */
static inline void topictee_hash_finish(topictee_hash *hash, unsigned char *digest) {
  switch (hash->kind) {
    case TOPICTEE_SHA1: (void)SHA1_Final(digest, &hash->state.sha1); break;
    case TOPICTEE_SHA256: (void)SHA256_Final(digest, &hash->state.sha256); break;
    case TOPICTEE_SHA512: (void)SHA512_Final(digest, &hash->state.sha512); break;
  }
}

/* The reason of an error of the TLS layer itself, 0 for one of another library. */
static inline int topictee_ssl_reason(unsigned long code) {
  return ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
}
