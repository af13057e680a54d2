/* SPDX-License-Identifier: Apache-2.0 */
#include "tsa.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <time.h>

enum {
    TRUSTED_MAX = 256
};

/* ---- the request ------------------------------------------------------------------------------- */

/* A positive DER INTEGER: as short as it goes, with a zero byte where the top bit would be a sign. */
static size_t put_integer(uint8_t *out, uint64_t value)
{
    unsigned size = 1;
    while (size < 9 && value >> (8 * size - 1) != 0) {
        size++;
    }
    out[0] = 0x02;
    out[1] = (uint8_t)size;
    for (unsigned i = 0; i < size; i++) {
        unsigned byte = size - 1 - i;
        out[2 + i] = (uint8_t)(byte < 8 ? value >> (8 * byte) : 0);
    }
    return 2 + size;
}

static size_t put_request(const struct onus_digest *imprint, uint64_t nonce, uint8_t out[80])
{
    /* version 1; SHA-256 without parameters but NULL, and where the digest goes */
    static const uint8_t fixed[] = {0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
            0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    static const uint8_t asked[] = {0x01, 0x01, 0xff}; /* certReq TRUE */
    size_t at = 2;
    memcpy(out + at, fixed, sizeof(fixed));
    at += sizeof(fixed);
    memcpy(out + at, imprint->bytes, sizeof(imprint->bytes));
    at += sizeof(imprint->bytes);
    at += put_integer(out + at, nonce);
    memcpy(out + at, asked, sizeof(asked));
    at += sizeof(asked);
    out[0] = 0x30;
    out[1] = (uint8_t)(at - 2);
    return at;
}

void onus_tsa_request(const struct onus_digest *imprint, uint64_t nonce, struct onus_buffer *out)
{
    uint8_t bytes[80];
    onus_buffer_add(out, bytes, put_request(imprint, nonce, bytes));
}

/* ---- what is needed to judge a reply -------------------------------------------------------------- */

/* All that libcrypto gave and that must be given back. */
struct job {
    TS_RESP *reply;
    TS_REQ *request;
    X509_STORE *trusted;
    TS_VERIFY_CTX *verify;
    STACK_OF(X509) * signers;
    TS_TST_INFO *info;        /* of the reply */
    PKCS7 *token;             /* of the reply */
    STACK_OF(X509) * offered; /* certificates in the token; NULL when there are none */
};

static void clear_job(struct job *job)
{
    TS_VERIFY_CTX_free(job->verify); /* owns the store once it has it */
    X509_STORE_free(job->trusted);
    sk_X509_free(job->signers);
    TS_REQ_free(job->request);
    TS_RESP_free(job->reply);
    ERR_clear_error();
}

static enum onus_code no_memory(struct onus_error *err)
{
    return onus_fail(err, ONUS_E_MEMORY, "out of memory");
}

/* The code of what libcrypto just complained about: its lack of memory, or the answer itself. */
static enum onus_code complaint(enum onus_code answer, const char *text, struct onus_error *err)
{
    bool memory = ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
    ERR_clear_error();
    return memory ? no_memory(err) : onus_fail(err, answer, "%s", text);
}

/* Without this libcrypto would ask at the terminal for the password of what is encrypted. */
static int no_password(char *out, int size, int writing, void *data)
{
    (void)writing;
    (void)data;
    if (size > 0) {
        out[0] = '\0';
    }
    return -1;
}

static enum onus_code add_trusted(X509_STORE *store, BIO *pem, struct onus_error *err)
{
    size_t count = 0;
    for (; count <= TRUSTED_MAX; count++) {
        X509 *certificate = PEM_read_bio_X509(pem, NULL, no_password, NULL);
        if (!certificate) {
            break;
        }
        int added = X509_STORE_add_cert(store, certificate);
        X509_free(certificate);
        if (added != 1) {
            return no_memory(err);
        }
    }
    if (count > TRUSTED_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "more than %d trusted certificates", TRUSTED_MAX);
    }
    /* The end of the text is the one way to stop that is not an error. */
    bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (count == 0 || !ended) {
        return complaint(ONUS_E_FORMAT, "the trusted certificates cannot be read", err);
    }
    ERR_clear_error();
    return ONUS_OK;
}

static enum onus_code read_trusted(struct onus_str pem, X509_STORE **out, struct onus_error *err)
{
    if (pem.len == 0 || pem.len > INT32_MAX) {
        return onus_fail(err, ONUS_E_FORMAT, "the trusted certificates cannot be read");
    }
    BIO *text = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    X509_STORE *store = X509_STORE_new();
    enum onus_code code = text && store ? add_trusted(store, text, err) : no_memory(err);
    BIO_free(text);
    if (code != ONUS_OK) {
        X509_STORE_free(store);
        return code;
    }
    *out = store;
    return ONUS_OK;
}

/* ---- reading the reply ------------------------------------------------------------------------------- */

static enum onus_code parse_reply(struct onus_str bytes, struct job *job, struct onus_error *err)
{
    if (bytes.len > ONUS_TSA_REPLY_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "the reply is longer than %d bytes",
                ONUS_TSA_REPLY_MAX);
    }
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    const unsigned char *end = at + bytes.len;
    job->reply = bytes.len > 0 ? d2i_TS_RESP(NULL, &at, (long)bytes.len) : NULL;
    if (!job->reply || at != end) {
        return complaint(ONUS_E_FORMAT, "this is no reply of a time stamping authority", err);
    }
    long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(job->reply)));
    if (status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS) {
        return onus_fail(err, ONUS_E_MISSING, "the authority refused with status %ld", status);
    }
    job->token = TS_RESP_get_token(job->reply);
    job->info = TS_RESP_get_tst_info(job->reply);
    if (!job->token || !job->info || !PKCS7_type_is_signed(job->token) || !job->token->d.sign) {
        return onus_fail(err, ONUS_E_FORMAT, "the reply says it has a time stamp and has none");
    }
    job->offered = job->token->d.sign->cert;
    return ONUS_OK;
}

/* YYYYMMDDhhmmss, perhaps a fraction, Z. (RFC 3161, 2.4.2) */
static bool read_time(const ASN1_GENERALIZEDTIME *from, int64_t *out)
{
    struct tm parts = {.tm_sec = 0};
    int len = from ? ASN1_STRING_length(from) : 0;
    const unsigned char *text = from ? ASN1_STRING_get0_data(from) : NULL;
    if (len < 15 || text[len - 1] != 'Z' || ASN1_TIME_to_tm(from, &parts) != 1) {
        return false;
    }
    *out = timegm(&parts);
    return true;
}

static bool read_accuracy_part(const ASN1_INTEGER *part, uint64_t unit, uint64_t *sum)
{
    uint64_t value = 0;
    if (!part) {
        return true;
    }
    return ASN1_INTEGER_get_uint64(&value, part) == 1 &&
           !__builtin_mul_overflow(value, unit, &value) &&
           !__builtin_add_overflow(*sum, value, sum);
}

static enum onus_code read_info(TS_TST_INFO *info, struct onus_tsa_stamp *out,
        struct onus_error *err)
{
    struct onus_tsa_stamp read = {.time = 0};
    TS_ACCURACY *accuracy = TS_TST_INFO_get_accuracy(info);
    bool good = read_time(TS_TST_INFO_get_time(info), &read.time);
    if (accuracy) {
        read.has_accuracy = true;
        good = good &&
               read_accuracy_part(TS_ACCURACY_get_seconds(accuracy), 1000000, &read.accuracy_us) &&
               read_accuracy_part(TS_ACCURACY_get_millis(accuracy), 1000, &read.accuracy_us) &&
               read_accuracy_part(TS_ACCURACY_get_micros(accuracy), 1, &read.accuracy_us);
    }
    int len = OBJ_obj2txt(read.policy, sizeof(read.policy), TS_TST_INFO_get_policy_id(info), 1);
    if (!good || len <= 0 || (size_t)len >= sizeof(read.policy)) {
        ERR_clear_error();
        return onus_fail(err, ONUS_E_FORMAT,
                "time, accuracy or policy of the stamp cannot be read");
    }
    *out = read;
    return ONUS_OK;
}

/* ---- judging it -------------------------------------------------------------------------------------- */

static enum onus_code check_imprint(TS_TST_INFO *info, const struct onus_digest *imprint,
        struct onus_error *err)
{
    TS_MSG_IMPRINT *stamped = TS_TST_INFO_get_msg_imprint(info);
    const ASN1_OBJECT *hash = NULL;
    X509_ALGOR_get0(&hash, NULL, NULL, TS_MSG_IMPRINT_get_algo(stamped));
    ASN1_OCTET_STRING *digest = TS_MSG_IMPRINT_get_msg(stamped);
    if (OBJ_obj2nid(hash) != NID_sha256 ||
            ASN1_STRING_length(digest) != (int)sizeof(imprint->bytes) ||
            memcmp(ASN1_STRING_get0_data(digest), imprint->bytes, sizeof(imprint->bytes)) != 0) {
        return onus_fail(err, ONUS_E_MISMATCH, "the time stamp is over another digest");
    }
    return ONUS_OK;
}

static enum onus_code check_nonce(TS_TST_INFO *info, const uint64_t *nonce, struct onus_error *err)
{
    uint64_t stamped = 0;
    const ASN1_INTEGER *number = TS_TST_INFO_get_nonce(info);
    if (nonce && (!number || ASN1_INTEGER_get_uint64(&stamped, number) != 1 || stamped != *nonce)) {
        ERR_clear_error();
        return onus_fail(err, ONUS_E_MISMATCH, "the time stamp answers another request");
    }
    return ONUS_OK;
}

static enum onus_code check_hash(PKCS7 *token, struct onus_error *err)
{
    STACK_OF(PKCS7_SIGNER_INFO) *infos = PKCS7_get_signer_info(token);
    X509_ALGOR *algorithm = NULL;
    const ASN1_OBJECT *hash = NULL;
    if (sk_PKCS7_SIGNER_INFO_num(infos) != 1) {
        return onus_fail(err, ONUS_E_FORMAT, "a time stamp has one signature, this one has %d",
                sk_PKCS7_SIGNER_INFO_num(infos));
    }
    PKCS7_SIGNER_INFO_get0_algs(sk_PKCS7_SIGNER_INFO_value(infos, 0), NULL, &algorithm, NULL);
    X509_ALGOR_get0(&hash, NULL, NULL, algorithm);
    int name = OBJ_obj2nid(hash);
    if (name != NID_sha256 && name != NID_sha384 && name != NID_sha512) {
        return onus_fail(err, ONUS_E_REFUSED,
                "the time stamp is signed with a hash that is not accepted");
    }
    return ONUS_OK;
}

/* Whether a chain of certificates is broken, or only not complete. */
static enum onus_code judge_chain(int reason, struct onus_error *err)
{
    switch (reason) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return onus_fail(err, ONUS_E_MISSING,
                "none of the trusted certificates issued that of the authority");
    case X509_V_ERR_OUT_OF_MEM:
        return no_memory(err);
    default:
        return onus_fail(err, ONUS_E_MISMATCH, "the certificate of the authority: %s",
                X509_verify_cert_error_string(reason));
    }
}

/* The signer's certificate leads to a trusted one and may sign time stamps, only those, critically. */
static enum onus_code check_chain(struct job *job, struct onus_error *err)
{
    job->signers = PKCS7_get0_signers(job->token, NULL, 0);
    if (!job->signers || sk_X509_num(job->signers) != 1) {
        return complaint(ONUS_E_MISSING, "the certificate of the authority is not in its reply",
                err);
    }
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (!context ||
            X509_STORE_CTX_init(context, job->trusted, sk_X509_value(job->signers, 0),
                    job->offered) != 1 ||
            X509_STORE_CTX_set_purpose(context, X509_PURPOSE_TIMESTAMP_SIGN) != 1) {
        X509_STORE_CTX_free(context);
        return no_memory(err);
    }
    int good = X509_verify_cert(context);
    int reason = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return good == 1 ? ONUS_OK : judge_chain(reason, err);
}

/* Signature, imprint and nonce once more, and that the certificate is the one that was signed for. */
static enum onus_code check_signature(struct job *job, const struct onus_digest *imprint,
        uint64_t nonce, bool has_nonce, struct onus_error *err)
{
    uint8_t bytes[80];
    const unsigned char *at = bytes;
    size_t size = put_request(imprint, nonce, bytes);
    job->request = d2i_TS_REQ(NULL, &at, (long)size);
    job->verify = job->request ? TS_REQ_to_TS_VERIFY_CTX(job->request, NULL) : NULL;
    if (!job->verify) {
        return no_memory(err);
    }
    unsigned checks = TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_SIGNATURE | TS_VFY_SIGNER;
    checks |= has_nonce ? TS_VFY_NONCE : 0;
    (void)TS_VERIFY_CTX_set_flags(job->verify, (int)checks);
    (void)TS_VERIFY_CTX_set_store(job->verify, job->trusted);
    job->trusted = NULL;
    if (TS_RESP_verify_response(job->verify, job->reply) != 1) {
        return complaint(ONUS_E_MISMATCH, "the signature of the time stamp does not fit", err);
    }
    return ONUS_OK;
}

static enum onus_code judge(struct job *job, const struct onus_digest *imprint,
        const uint64_t *nonce, int64_t time, struct onus_error *err)
{
    enum onus_code code = check_imprint(job->info, imprint, err);
    if (code == ONUS_OK) {
        code = check_nonce(job->info, nonce, err);
    }
    if (code == ONUS_OK) {
        code = check_hash(job->token, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    X509_VERIFY_PARAM *rules = X509_STORE_get0_param(job->trusted);
    X509_VERIFY_PARAM_set_time(rules, time);
    X509_VERIFY_PARAM_set_auth_level(rules, 2); /* RSA below 2,048 bits and SHA-1 are out */
    if (X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN) != 1) {
        return no_memory(err);
    }
    code = check_chain(job, err);
    return code == ONUS_OK ? check_signature(job, imprint, nonce ? *nonce : 0, nonce != NULL, err)
                           : code;
}

enum onus_code onus_tsa_check(struct onus_str reply, const struct onus_digest *imprint,
        const uint64_t *nonce, struct onus_str trusted_pem, struct onus_tsa_stamp *out,
        struct onus_error *err)
{
    struct job job = {.reply = NULL};
    struct onus_tsa_stamp read = {.time = 0};
    enum onus_code code = parse_reply(reply, &job, err);
    if (code == ONUS_OK) {
        code = read_info(job.info, &read, err);
    }
    if (code == ONUS_OK) {
        code = read_trusted(trusted_pem, &job.trusted, err);
    }
    if (code == ONUS_OK) {
        code = judge(&job, imprint, nonce, read.time, err);
    }
    clear_job(&job);
    if (code == ONUS_OK) {
        *out = read;
    }
    return code;
}
