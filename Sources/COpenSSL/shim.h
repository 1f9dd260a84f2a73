#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

// What OpenSSL offers as macros only, which Swift does not see.

static inline long hearth_ctx_set_mode(SSL_CTX *context, long mode) { return SSL_CTX_set_mode(context, mode); }
static inline int hearth_ctx_set_versions(SSL_CTX *context, int lowest, int highest) {
  return SSL_CTX_set_min_proto_version(context, lowest) && SSL_CTX_set_max_proto_version(context, highest);
}
static inline int hearth_ctx_set_groups(SSL_CTX *context, const char *names) {
  return (int)SSL_CTX_set1_groups_list(context, names);
}
static inline long hearth_ctx_cache_off(SSL_CTX *context) {
  return SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}
static inline long hearth_set_host_name(SSL *ssl, const char *name) { return SSL_set_tlsext_host_name(ssl, name); }
static inline void hearth_bio_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void hearth_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline EVP_PKEY *hearth_new_rsa_key(unsigned int bits) { return EVP_RSA_gen((size_t)bits); }
static inline EVP_PKEY *hearth_new_p256_key(void) { return EVP_EC_gen("P-256"); }
static inline EVP_PKEY *hearth_new_ed25519_key(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }
static inline int hearth_public_key_parts(void) { return EVP_PKEY_PUBLIC_KEY; }
static inline unsigned long long hearth_option_no_renegotiation(void) { return SSL_OP_NO_RENEGOTIATION; }
static inline unsigned long long hearth_option_no_compression(void) { return SSL_OP_NO_COMPRESSION; }
static inline unsigned long long hearth_option_server_preference(void) { return SSL_OP_CIPHER_SERVER_PREFERENCE; }
static inline unsigned long long hearth_option_prioritize_chacha(void) { return SSL_OP_PRIORITIZE_CHACHA; }
static inline long hearth_mode_release_buffers(void) { return SSL_MODE_RELEASE_BUFFERS; }
static inline long hearth_mode_moving_buffer(void) { return SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER; }
static inline int hearth_error_is_plain_http(int reason) {
  return reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST;
}

// The builder keeps the names it is given, so these must outlive it: they are constants here.
static inline int hearth_push_rsa(OSSL_PARAM_BLD *builder, const BIGNUM *modulus, const BIGNUM *exponent) {
  return OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus)
      && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent);
}
static inline int hearth_push_p256(OSSL_PARAM_BLD *builder, const void *point, size_t count) {
  return OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0)
      && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, count);
}
