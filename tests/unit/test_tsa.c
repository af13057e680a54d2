/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: requests are those OpenSSL makes; a reply is accepted only for its digest, its nonce
 * and a key that may sign time stamps and nothing else under a trusted certificate; every changed byte
 * is noticed; "does not hold", "no reply" and "cannot tell" are kept apart.
 * Oracles: an authority played by the command line of OpenSSL, and ../shared/standards/rfc3161; without
 * them the tests are skipped and say so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <time.h>

#include "base/str.h"
#include "crypto/tsa.h"

#include "crypto_help.h"
#include "run_help.h"

enum {
    ROOM = 65536
};

static char reply[ROOM];
static char trusted[ROOM];
static char directory[] = "/tmp/onus-tsa-XXXXXX";

static const uint64_t nonce = 0x8fa8dfe6aa80537e;

static const char *in_directory(const char *name, char out[64])
{
    (void)snprintf(out, 64, "%s/%s", directory, name);
    return out;
}

static struct onus_str load(const char *name, char *out)
{
    char path[64];
    return (struct onus_str){out, read_file(in_directory(name, path), out, ROOM)};
}

static struct onus_digest digest_of(const char *text)
{
    struct onus_digest digest;
    onus_sha256(onus_str_of(text), &digest);
    return digest;
}

/* ---- requests ---------------------------------------------------------------------------------- */

static void assert_request(uint64_t number, const char *integer)
{
    struct onus_buffer out;
    uint8_t wanted[80];
    struct onus_digest imprint = digest_of("checkpoint");
    char hex[200];
    onus_buffer_init(&out, 0);
    onus_tsa_request(&imprint, number, &out);
    (void)snprintf(hex, sizeof(hex), "30%02zx0201013031300d060960864801650304020105000420",
            57 + strlen(integer) / 2);
    size_t len = unhex(hex, wanted, sizeof(wanted));
    memcpy(wanted + len, imprint.bytes, 32);
    len += 32;
    len += unhex(integer, wanted + len, sizeof(wanted) - len);
    len += unhex("0101ff", wanted + len, sizeof(wanted) - len);
    assert_int_equal(out.len, len);
    assert_memory_equal(out.ptr, wanted, len);
    assert_int_equal(wanted[1], len - 2);
    onus_buffer_clear(&out);
}

static void a_request_is_der_with_the_shortest_nonce(void **state)
{
    (void)state;
    assert_request(0, "020100");
    assert_request(0x7f, "02017f");
    assert_request(0x80, "02020080");
    assert_request(0x1234, "02021234");
    assert_request(UINT64_C(0x1fa8dfe6aa80537e), "02081fa8dfe6aa80537e");
    assert_request(nonce, "0209008fa8dfe6aa80537e");
    assert_request(UINT64_MAX, "020900ffffffffffffffff");
}

/* ---- an authority played by the command line of OpenSSL ------------------------------------------ */

static const char configuration[] = "[ca]\nbasicConstraints=critical,CA:true\n"
                                    "[good]\nextendedKeyUsage=critical,timeStamping\n"
                                    "[twin]\nextendedKeyUsage=critical,timeStamping\n"
                                    "subjectKeyIdentifier=hash\n"
                                    "[mild]\nextendedKeyUsage=timeStamping\n"
                                    "[more]\nextendedKeyUsage=critical,timeStamping,serverAuth\n"
                                    "[none]\nbasicConstraints=CA:false\n"
                                    "[req]\ndistinguished_name=dn\n[dn]\n"
                                    "[tsa]\ndefault_tsa=stamp\n"
                                    "[stamp]\nserial=%s/serial\ncrypto_device=builtin\n"
                                    "signer_digest=sha256\ndefault_policy=1.2.3.4.1\n"
                                    "other_policies=1.2.3.4.5\ndigests=sha256,sha512\n"
                                    "accuracy=secs:1,millisecs:500,microsecs:100\n"
                                    "ess_cert_id_alg=sha256\n";

#define MUST_RUN(out, ...)                               \
    do {                                                 \
        const char *const words[] = {__VA_ARGS__, NULL}; \
        assert_int_equal(run_program(words, out), 0);    \
    } while (0)

/* All authorities have one key, one name and one number: only their certificates differ. */
static void make_certificate(const char *name)
{
    char certificate[64];
    char request[64];
    char ca[64];
    char ca_key[64];
    char conf[64];
    char file[32];
    (void)snprintf(file, sizeof(file), "%s.pem", name);
    MUST_RUN(NULL, "openssl", "x509", "-req", "-in", in_directory("tsa.csr", request), "-CA",
            in_directory("ca.pem", ca), "-CAkey", in_directory("ca.key", ca_key), "-set_serial",
            "7", "-days", "30", "-extfile", in_directory("conf", conf), "-extensions", name, "-out",
            in_directory(file, certificate));
}

static void make_key(void)
{
    char key[64];
    char request[64];
    char conf[64];
    MUST_RUN(NULL, "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", in_directory("tsa.key", key),
            "-out", in_directory("tsa.csr", request), "-subj", "/CN=Example Time Authority",
            "-config", in_directory("conf", conf));
}

static void make_ca(const char *certificate_name, const char *subject)
{
    char key[64];
    char certificate[64];
    char conf[64];
    in_directory("ca.key", key);
    in_directory(certificate_name, certificate);
    in_directory("conf", conf);
    MUST_RUN(NULL, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", certificate, "-days",
            "30", "-subj", subject, "-config", conf, "-extensions", "ca");
}

/* The reply to a request of ours, in `reply`. */
static struct onus_str ask(const char *text, bool with_certificate)
{
    char query[64];
    char answer[64];
    char signer[64];
    char key[64];
    char conf[64];
    struct onus_buffer request;
    struct onus_digest imprint = digest_of(text);
    onus_buffer_init(&request, 0);
    onus_tsa_request(&imprint, nonce, &request);
    if (!with_certificate) { /* certReq left out is FALSE */
        request.len -= 3;
        request.ptr[1] = (char)(request.ptr[1] - 3);
    }
    assert_true(write_file(in_directory("query", query), request.ptr, request.len));
    onus_buffer_clear(&request);
    in_directory("good.pem", signer);
    in_directory("tsa.key", key);
    MUST_RUN(NULL, "openssl", "ts", "-reply", "-queryfile", query, "-signer", signer, "-inkey", key,
            "-config", in_directory("conf", conf), "-section", "stamp", "-out",
            in_directory("reply", answer));
    struct onus_str got = load("reply", reply);
    assert_true(got.len > 100);
    return got;
}

static bool authority_stands;

static int make_authorities(void **state)
{
    (void)state;
    char text[2000];
    char path[64];
    const char *const version[] = {"openssl", "version", NULL};
    if (run_program(version, NULL) != 0 || !mkdtemp(directory)) {
        return 0;
    }
    int len = snprintf(text, sizeof(text), configuration, directory);
    assert_true(write_file(in_directory("conf", path), text, (size_t)len));
    assert_true(write_file(in_directory("serial", path), "01\n", 3));
    make_ca("other.pem", "/CN=Example Root");
    make_ca("stranger.pem", "/CN=Another Root");
    make_ca("ca.pem", "/CN=Example Root");
    make_key();
    make_certificate("good");
    make_certificate("twin");
    make_certificate("mild");
    make_certificate("more");
    make_certificate("none");
    authority_stands = true;
    return 0;
}

static int remove_authorities(void **state)
{
    (void)state;
    const char *const words[] = {"rm", "-rf", directory, NULL};
    return authority_stands ? run_program(words, NULL) : 0;
}

static void need_authority(void)
{
    if (!authority_stands) {
        print_message("skipped: the program openssl is not there\n");
        skip();
    }
}

static enum onus_code check(struct onus_str bytes, const char *text, const uint64_t *number,
        const char *ca, struct onus_tsa_stamp *out)
{
    struct onus_digest imprint = digest_of(text);
    struct onus_error err = ONUS_ERROR_INIT;
    enum onus_code code = onus_tsa_check(bytes, &imprint, number, load(ca, trusted), out, &err);
    assert_int_equal(code, err.code);
    return code;
}

static void a_good_stamp_holds_and_tells_its_time(void **state)
{
    (void)state;
    need_authority();
    struct onus_tsa_stamp stamp;
    int64_t before = time(NULL);
    struct onus_str got = ask("checkpoint", true);
    assert_int_equal(check(got, "checkpoint", &nonce, "ca.pem", &stamp), ONUS_OK);
    assert_in_range(stamp.time, before, time(NULL));
    assert_string_equal(stamp.policy, "1.2.3.4.1");
    assert_true(stamp.has_accuracy);
    assert_int_equal(stamp.accuracy_us, 1500100);
    assert_int_equal(check(got, "checkpoint", NULL, "ca.pem", &stamp), ONUS_OK);
    /* The authority's own certificate may be the trusted one. */
    assert_int_equal(check(got, "checkpoint", &nonce, "good.pem", &stamp), ONUS_OK);
}

static void another_digest_or_nonce_is_a_mismatch(void **state)
{
    (void)state;
    need_authority();
    struct onus_tsa_stamp stamp = {.time = 5};
    uint64_t other = nonce + 1;
    struct onus_str got = ask("checkpoint", true);
    assert_int_equal(check(got, "another", &nonce, "ca.pem", &stamp), ONUS_E_MISMATCH);
    assert_int_equal(check(got, "checkpoint", &other, "ca.pem", &stamp), ONUS_E_MISMATCH);
    assert_int_equal(stamp.time, 5);
}

/* Put another certificate of the same key, name and number into a reply. */
static struct onus_str exchange_certificate(struct onus_str from, const char *name)
{
    char path[64];
    const unsigned char *at = (const unsigned char *)from.ptr;
    TS_RESP *read = d2i_TS_RESP(NULL, &at, (long)from.len);
    assert_non_null(read);
    FILE *file = fopen(in_directory(name, path), "re");
    assert_non_null(file);
    X509 *other = PEM_read_X509(file, NULL, NULL, NULL);
    assert_non_null(other);
    assert_int_equal(fclose(file), 0);
    STACK_OF(X509) *held = TS_RESP_get_token(read)->d.sign->cert;
    assert_int_equal(sk_X509_num(held), 1);
    X509_free(sk_X509_pop(held));
    assert_int_equal(sk_X509_push(held, other), 1);
    unsigned char *out = (unsigned char *)reply;
    int len = i2d_TS_RESP(read, NULL);
    assert_in_range(len, 100, ROOM);
    assert_int_equal(i2d_TS_RESP(read, &out), len);
    TS_RESP_free(read);
    return (struct onus_str){reply, (size_t)len};
}

static void assert_refused(const char *certificate, const char *reason)
{
    struct onus_tsa_stamp stamp;
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_digest imprint = digest_of("checkpoint");
    struct onus_str got = exchange_certificate(ask("checkpoint", true), certificate);
    enum onus_code code =
            onus_tsa_check(got, &imprint, &nonce, load("ca.pem", trusted), &stamp, &err);
    assert_int_equal(code, ONUS_E_MISMATCH);
    assert_true(onus_str_begins(onus_str_of(err.text), onus_str_of(reason)));
}

/* The certificate fits the key in each case. */
static void a_certificate_that_may_do_more_or_says_so_mildly_is_a_mismatch(void **state)
{
    (void)state;
    need_authority();
    static const char purpose[] = "the certificate of the authority: ";
    struct onus_tsa_stamp stamp;
    assert_refused("mild.pem", purpose);
    assert_refused("more.pem", purpose);
    assert_refused("none.pem", purpose);
    struct onus_str got = exchange_certificate(ask("checkpoint", true), "good.pem");
    assert_int_equal(check(got, "checkpoint", &nonce, "ca.pem", &stamp), ONUS_OK);
}

static void a_certificate_that_is_not_the_one_named_in_the_stamp_is_a_mismatch(void **state)
{
    (void)state;
    need_authority();
    assert_refused("twin.pem", "the signature of the time stamp does not fit");
}

static void an_unknown_issuer_or_a_missing_certificate_cannot_be_told(void **state)
{
    (void)state;
    need_authority();
    struct onus_tsa_stamp stamp;
    struct onus_str got = ask("checkpoint", true);
    assert_int_equal(check(got, "checkpoint", &nonce, "stranger.pem", &stamp), ONUS_E_MISSING);
    assert_int_equal(check(got, "checkpoint", &nonce, "ca.key", &stamp), ONUS_E_FORMAT);
    assert_int_equal(check(got, "checkpoint", &nonce, "not there", &stamp), ONUS_E_FORMAT);
    got = ask("checkpoint", false);
    assert_int_equal(check(got, "checkpoint", &nonce, "ca.pem", &stamp), ONUS_E_MISSING);
}

static void a_key_of_the_same_name_is_not_the_same_authority(void **state)
{
    (void)state;
    need_authority();
    struct onus_tsa_stamp stamp;
    struct onus_str got = ask("checkpoint", true);
    enum onus_code code = check(got, "checkpoint", &nonce, "other.pem", &stamp);
    assert_true(code == ONUS_E_MISMATCH || code == ONUS_E_MISSING);
}

static void every_changed_byte_is_noticed(void **state)
{
    (void)state;
    need_authority();
    struct onus_tsa_stamp first;
    struct onus_tsa_stamp stamp;
    struct onus_str got = ask("checkpoint", true);
    assert_int_equal(check(got, "checkpoint", &nonce, "ca.pem", &first), ONUS_OK);
    size_t unseen = 0;
    for (size_t i = 0; i < got.len; i++) {
        for (unsigned bit = 0; bit < 8; bit += 3) {
            reply[i] = (char)(reply[i] ^ (int)(1u << bit));
            if (check(got, "checkpoint", &nonce, "ca.pem", &stamp) == ONUS_OK) {
                unseen++; /* outside of what is signed: nothing of it may reach the result */
                assert_int_equal(stamp.time, first.time);
                assert_int_equal(stamp.accuracy_us, first.accuracy_us);
                assert_string_equal(stamp.policy, first.policy);
            }
            reply[i] = (char)(reply[i] ^ (int)(1u << bit));
        }
    }
    print_message("changes outside of what is signed: %zu of %zu\n", unseen, got.len * 3);
    assert_in_range(unseen, 0, got.len / 20);
}

static void every_cut_and_trailing_bytes_are_no_reply(void **state)
{
    (void)state;
    need_authority();
    struct onus_tsa_stamp stamp;
    struct onus_str got = ask("checkpoint", true);
    for (size_t len = 0; len < got.len; len++) {
        struct onus_str cut = {got.ptr, len};
        assert_int_equal(check(cut, "checkpoint", &nonce, "ca.pem", &stamp), ONUS_E_FORMAT);
    }
    reply[got.len] = 0;
    got.len++;
    assert_int_equal(check(got, "checkpoint", &nonce, "ca.pem", &stamp), ONUS_E_FORMAT);
    got.len = ONUS_TSA_REPLY_MAX + 1;
    assert_int_equal(onus_tsa_check(got, &(struct onus_digest){{0}}, NULL, ONUS_STR("x"), &stamp,
                             NULL),
            ONUS_E_LIMIT);
}

/* ---- the shared example ------------------------------------------------------------------------- */

static struct onus_str shared(const char *name, char *out)
{
    char path[512];
    const char *root = getenv("SOURCE_ROOT"); /* NOLINT(concurrency-mt-unsafe): one thread */
    (void)snprintf(path, sizeof(path), "%s/../shared/standards/rfc3161/%s", root ? root : ".",
            name);
    size_t len = read_file(path, out, ROOM);
    if (len == 0) {
        print_message("skipped: '%s' is not there\n", path);
        skip();
    }
    return (struct onus_str){out, len};
}

static void the_shared_example_is_judged_right(void **state)
{
    (void)state;
    static char checkpoint[ROOM];
    static char query[ROOM];
    const uint64_t its_nonce = UINT64_C(0x1fa8dfe6aa80537e);
    struct onus_digest imprint;
    struct onus_tsa_stamp stamp;
    struct onus_buffer request;
    onus_sha256(shared("checkpoint.txt", checkpoint), &imprint);
    struct onus_str ca = shared("ca.pem", trusted);

    onus_buffer_init(&request, 0);
    onus_tsa_request(&imprint, its_nonce, &request);
    assert_true(onus_str_eq(onus_buffer_view(&request), shared("request.tsq", query)));
    onus_buffer_clear(&request);

    struct onus_str good = shared("response.tsr", reply);
    assert_int_equal(onus_tsa_check(good, &imprint, &its_nonce, ca, &stamp, NULL), ONUS_OK);
    assert_int_equal(stamp.time, 1795321068); /* 2026-11-22 04:17:48 UTC */
    assert_string_equal(stamp.policy, "1.3.6.1.4.1.99999.1");
    assert_int_equal(stamp.accuracy_us, 1000000);
    struct onus_str rejected = shared("rejected.tsr", reply);
    assert_int_equal(onus_tsa_check(rejected, &imprint, &its_nonce, ca, &stamp, NULL),
            ONUS_E_MISSING);
    struct onus_str other = shared("other.tsr", reply);
    assert_int_equal(onus_tsa_check(other, &imprint, NULL, ca, &stamp, NULL), ONUS_E_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_request_is_der_with_the_shortest_nonce),
            cmocka_unit_test(a_good_stamp_holds_and_tells_its_time),
            cmocka_unit_test(another_digest_or_nonce_is_a_mismatch),
            cmocka_unit_test(a_certificate_that_may_do_more_or_says_so_mildly_is_a_mismatch),
            cmocka_unit_test(a_certificate_that_is_not_the_one_named_in_the_stamp_is_a_mismatch),
            cmocka_unit_test(an_unknown_issuer_or_a_missing_certificate_cannot_be_told),
            cmocka_unit_test(a_key_of_the_same_name_is_not_the_same_authority),
            cmocka_unit_test(every_changed_byte_is_noticed),
            cmocka_unit_test(every_cut_and_trailing_bytes_are_no_reply),
            cmocka_unit_test(the_shared_example_is_judged_right),
    };
    return cmocka_run_group_tests(tests, make_authorities, remove_authorities);
}
