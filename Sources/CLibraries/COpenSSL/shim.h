#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

/* Swift sees no macros: one inline function for each that the TLS layer needs. */

static inline int topictee_ctx_min_tls12(SSL_CTX *context) {
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
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
