/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: keys have the texts of the specification; what is encrypted is decrypted, by us and
 * by the program `age`, and the other way round; the same random bytes give the same file; every bit and
 * every cut is noticed and nothing of a file that does not check is handed out; headers are read
 * strictly; the answers "not for this key", "changed" and "no age file" are kept apart.
 * Oracles: the examples of C2SP age.md, and Debian's age.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "crypto/age.h"

#include "crypto_help.h"
#include "run_help.h"

/* The same numbers in every run. */
static enum onus_code numbers(void *data, void *out, size_t size, struct onus_error *err)
{
    (void)err;
    fill_bytes(data, out, size);
    return ONUS_OK;
}

static struct onus_random_source from_seed(uint64_t *seed)
{
    return (struct onus_random_source){numbers, seed};
}

static struct onus_age_identity identities[4];
static struct onus_age_recipient recipients[4];

static int make_keys(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (size_t i = 0; i < ONUS_COUNT(identities); i++) {
        assert_int_equal(onus_age_identity_make(from_seed(&seed), &identities[i], NULL), ONUS_OK);
        assert_int_equal(onus_age_recipient_of(&identities[i], &recipients[i], NULL), ONUS_OK);
    }
    return 0;
}

static void keys_have_the_texts_of_the_specification(void **state)
{
    (void)state;
    static const char secret_text[] =
            "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    static const char public_text[] =
            "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    struct onus_age_identity identity;
    struct onus_age_recipient recipient;
    struct onus_age_recipient read;
    char text[ONUS_AGE_IDENTITY_TEXT];
    char point_text[ONUS_AGE_RECIPIENT_TEXT];
    memset(identity.secret, 0x42, sizeof(identity.secret));
    onus_age_identity_format(&identity, text);
    assert_string_equal(text, secret_text);
    assert_int_equal(onus_age_recipient_of(&identity, &recipient, NULL), ONUS_OK);
    onus_age_recipient_format(&recipient, point_text);
    assert_string_equal(point_text, public_text);
    memset(identity.secret, 0, sizeof(identity.secret));
    assert_int_equal(onus_age_identity_parse(ONUS_STR(secret_text), &identity, NULL), ONUS_OK);
    for (size_t i = 0; i < sizeof(identity.secret); i++) {
        assert_int_equal(identity.secret[i], 0x42);
    }
    assert_int_equal(onus_age_recipient_parse(ONUS_STR(public_text), &read, NULL), ONUS_OK);
    assert_memory_equal(read.point, recipient.point, 32);
}

static void a_key_with_any_other_character_is_refused(void **state)
{
    (void)state;
    char text[ONUS_AGE_RECIPIENT_TEXT];
    struct onus_age_recipient read;
    onus_age_recipient_format(&recipients[0], text);
    struct onus_str view = {text, sizeof(text) - 1};
    for (size_t i = 0; i < view.len; i++) {
        char right = text[i];
        for (int c = 0; c < 256; c++) {
            text[i] = (char)c;
            assert_int_equal(onus_age_recipient_parse(view, &read, NULL) == ONUS_OK,
                    (char)c == right);
        }
        text[i] = right;
        assert_int_equal(onus_age_recipient_parse(onus_str_sub(view, 0, i), &read, NULL),
                ONUS_E_FORMAT);
    }
    view.len++;
    assert_int_equal(onus_age_recipient_parse(view, &read, NULL), ONUS_E_FORMAT);
}

/* Bech32 does not notice letters that change case all together; age fixes which one is right. */
static void keys_in_the_other_case_are_refused(void **state)
{
    (void)state;
    char text[ONUS_AGE_IDENTITY_TEXT];
    struct onus_age_identity identity;
    struct onus_age_recipient recipient;
    onus_age_identity_format(&identities[0], text);
    assert_int_equal(onus_age_identity_parse(onus_str_of(text), &identity, NULL), ONUS_OK);
    for (char *c = text; *c != '\0'; c++) {
        *c = onus_lower(*c);
    }
    assert_int_equal(onus_age_identity_parse(onus_str_of(text), &identity, NULL), ONUS_E_FORMAT);
    onus_age_recipient_format(&recipients[0], text);
    for (char *c = text; *c != '\0'; c++) {
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
    }
    assert_int_equal(onus_age_recipient_parse(onus_str_of(text), &recipient, NULL), ONUS_E_FORMAT);
}

static char content[300000];

static struct onus_str content_of(size_t size)
{
    uint64_t seed = size + 1;
    assert_in_range(size, 0, sizeof(content));
    fill_bytes(&seed, content, size);
    return (struct onus_str){content, size};
}

static void encrypt(size_t keys, struct onus_str plain, struct onus_buffer *out)
{
    uint64_t seed = 12;
    onus_buffer_init(out, 0);
    assert_int_equal(onus_age_encrypt(recipients, keys, plain, from_seed(&seed), out, NULL),
            ONUS_OK);
}

static const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 65535, 65536, 65537, 131071, 131072, 131073,
        300000};

static void what_is_encrypted_is_decrypted_by_each_recipient(void **state)
{
    (void)state;
    for (size_t s = 0; s < ONUS_COUNT(sizes); s++) {
        struct onus_buffer file;
        struct onus_buffer out;
        struct onus_str plain = content_of(sizes[s]);
        encrypt(3, plain, &file);
        for (size_t i = 0; i < 3; i++) {
            onus_buffer_init(&out, 0);
            onus_buffer_add_text(&out, "before");
            assert_int_equal(onus_age_decrypt(&identities[i], 1, onus_buffer_view(&file), sizes[s],
                                     &out, NULL),
                    ONUS_OK);
            assert_true(onus_str_eq(onus_str_from(onus_buffer_view(&out), 6), plain));
            onus_buffer_clear(&out);
        }
        onus_buffer_init(&out, 0);
        assert_int_equal(onus_age_decrypt(&identities[3], 1, onus_buffer_view(&file), SIZE_MAX,
                                 &out, NULL),
                ONUS_E_MISSING);
        assert_int_equal(onus_age_decrypt(identities, 0, onus_buffer_view(&file), SIZE_MAX, &out,
                                 NULL),
                ONUS_E_MISSING);
        assert_int_equal(out.len, 0);
        if (sizes[s] > 0) {
            assert_int_equal(onus_age_decrypt(identities, 4, onus_buffer_view(&file), sizes[s] - 1,
                                     &out, NULL),
                    ONUS_E_LIMIT);
        }
        onus_buffer_clear(&out);
        onus_buffer_clear(&file);
    }
}

static void the_same_random_bytes_give_the_same_file(void **state)
{
    (void)state;
    struct onus_buffer a;
    struct onus_buffer b;
    encrypt(2, content_of(1000), &a);
    encrypt(2, content_of(1000), &b);
    assert_true(onus_str_eq(onus_buffer_view(&a), onus_buffer_view(&b)));
    onus_buffer_clear(&a);
    onus_buffer_clear(&b);
}

static enum onus_code decrypt_exact(struct onus_str file, struct onus_buffer *out)
{
    char *exact = malloc(file.len > 0 ? file.len : 1); /* so ASan sees the true end */
    assert_non_null(exact);
    if (file.len > 0) {
        memcpy(exact, file.ptr, file.len);
    }
    enum onus_code code =
            onus_age_decrypt(identities, 1, (struct onus_str){exact, file.len}, 100000, out, NULL);
    free(exact);
    return code;
}

static void every_bit_and_every_cut_is_noticed(void **state)
{
    (void)state;
    struct onus_buffer file;
    struct onus_buffer out;
    size_t answers[3] = {0};
    encrypt(2, content_of(40), &file);
    onus_buffer_init(&out, 0);
    for (size_t bit = 0; bit < file.len * 8; bit++) {
        file.ptr[bit / 8] = (char)(file.ptr[bit / 8] ^ 1 << bit % 8);
        enum onus_code code = decrypt_exact(onus_buffer_view(&file), &out);
        answers[0] += code == ONUS_E_FORMAT;
        answers[1] += code == ONUS_E_MISSING;
        answers[2] += code == ONUS_E_MISMATCH;
        assert_int_equal(out.len, 0);
        file.ptr[bit / 8] = (char)(file.ptr[bit / 8] ^ 1 << bit % 8);
    }
    assert_int_equal(answers[0] + answers[1] + answers[2], file.len * 8);
    assert_true(answers[0] > 0 && answers[1] > 0 && answers[2] > 0);
    for (size_t len = 0; len < file.len; len++) {
        enum onus_code code = decrypt_exact((struct onus_str){file.ptr, len}, &out);
        assert_true(code == ONUS_E_FORMAT || (code == ONUS_E_MISMATCH && len + 40 >= file.len));
        assert_int_equal(out.len, 0);
    }
    assert_int_equal(decrypt_exact(onus_buffer_view(&file), &out), ONUS_OK);
    onus_buffer_clear(&out);
    onus_buffer_add_char(&file, 'x');
    assert_int_equal(decrypt_exact(onus_buffer_view(&file), &out), ONUS_E_MISMATCH);
    onus_buffer_clear(&out);
    onus_buffer_clear(&file);
}

/* Chunks in another order, one missing at the end, an empty one more: each is whole by itself. */
static void chunks_cannot_be_moved_or_dropped(void **state)
{
    (void)state;
    enum {
        CHUNK = 65536 + 16
    };
    static char copy[400000];
    struct onus_buffer file;
    struct onus_buffer out;
    encrypt(1, content_of(131072), &file);
    onus_buffer_init(&out, 0);
    size_t begin = file.len - 2 * CHUNK;
    memcpy(copy, file.ptr, file.len);
    memcpy(copy + begin, file.ptr + begin + CHUNK, CHUNK);
    memcpy(copy + begin + CHUNK, file.ptr + begin, CHUNK);
    assert_int_equal(onus_age_decrypt(identities, 1, (struct onus_str){copy, file.len}, SIZE_MAX,
                             &out, NULL),
            ONUS_E_MISMATCH);
    assert_int_equal(onus_age_decrypt(identities, 1, (struct onus_str){file.ptr, begin + CHUNK},
                             SIZE_MAX, &out, NULL),
            ONUS_E_MISMATCH);
    memcpy(copy, file.ptr, file.len);
    assert_int_equal(onus_age_decrypt(identities, 1, (struct onus_str){copy, file.len + 16},
                             SIZE_MAX, &out, NULL),
            ONUS_E_FORMAT);
    assert_int_equal(out.len, 0);
    onus_buffer_clear(&out);
    onus_buffer_clear(&file);
}

/* Put `text` where the MAC line was, after the stanzas in `header`, and see what the reader says. */
static enum onus_code read_header(const char *header)
{
    struct onus_buffer file;
    struct onus_buffer out;
    onus_buffer_init(&file, 0);
    onus_buffer_init(&out, 0);
    onus_buffer_add_text(&file, header);
    onus_buffer_add(&file, content, 60);
    enum onus_code code =
            onus_age_decrypt(identities, 1, onus_buffer_view(&file), SIZE_MAX, &out, NULL);
    onus_buffer_clear(&file);
    onus_buffer_clear(&out);
    return code;
}

#define VERSION "age-encryption.org/v1\n"
#define SHARE   "TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc"
#define BODY    "EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U"
#define MAC     "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
#define FULL    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

static const char *const good_headers[] = {
        VERSION "-> X25519 " SHARE "\n" BODY "\n" MAC,
        VERSION "-> other\n\n" MAC,
        VERSION "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 18\n" BODY "\n" MAC,
        VERSION "-> a b c !~\n" FULL "\n" MAC,
        VERSION "-> a b c !~\n" FULL FULL "AA\n-> X25519 " SHARE "\n" BODY "\n-> y\nAAA\n" MAC,
};

static const char *const bad_headers[] = {
        "",
        "age-encryption.org/v2\n-> other\n\n" MAC,
        "age-encryption.org/v1\r\n-> other\n\n" MAC,
        VERSION MAC,
        VERSION "-> \n\n" MAC,
        VERSION "->\n\n" MAC,
        VERSION "-> a  b\n\n" MAC,
        VERSION "->  a\n\n" MAC,
        VERSION "-> a \n\n" MAC,
        VERSION "-> a\tb\n\n" MAC,
        VERSION "-> a\x7f\n\n" MAC,
        VERSION "-> a\r\n\n" MAC,
        VERSION "-> a\n" FULL MAC,
        VERSION "-> a\nA" FULL "\n" MAC,
        VERSION "-> a\nA\n" MAC,   /* six bits are no byte */
        VERSION "-> a\nAB\n" MAC,  /* bits behind the last byte */
        VERSION "-> a\nAAB\n" MAC, /* the same */
        VERSION "-> a\nAA==\n" MAC,
        VERSION "-> a\nAA A\n" MAC,
        VERSION "-> a\nAA-_\n" MAC,
        VERSION "-> a\n" MAC,
        VERSION "\n-> a\n\n" MAC,
        VERSION "-> a\n\n\n" MAC,
        VERSION "-> a\n\n---AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        VERSION "-> a\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n",
        VERSION "-> a\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        VERSION "-> a\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\n",
        VERSION "-> a\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        VERSION "-> X25519\n" BODY "\n" MAC,
        VERSION "-> X25519 \n" BODY "\n" MAC,
        VERSION "-> X25519 " SHARE " x\n" BODY "\n" MAC,
        VERSION "-> X25519 " SHARE "A\n" BODY "\n" MAC,
        VERSION "-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCd\n" BODY "\n" MAC,
        VERSION "-> X25519 " SHARE "\nEmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7UAAA\n" MAC,
        VERSION "-> X25519 " SHARE "\n\n" MAC,
        /* a passphrase stands alone */
        VERSION "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 18\n" BODY "\n-> X25519 " SHARE "\n" BODY
                "\n" MAC,
        /* a share of small order */
        VERSION "-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" BODY "\n" MAC,
        VERSION "-> X25519 AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" BODY "\n" MAC,
};

static void headers_are_read_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < ONUS_COUNT(good_headers); i++) {
        if (read_header(good_headers[i]) != ONUS_E_MISSING) {
            fail_msg("refused: %s", good_headers[i]);
        }
    }
    for (size_t i = 0; i < ONUS_COUNT(bad_headers); i++) {
        if (read_header(bad_headers[i]) != ONUS_E_FORMAT) {
            fail_msg("not refused: %s", bad_headers[i]);
        }
    }
}

static void a_header_has_its_limit(void **state)
{
    (void)state;
    static char line[ONUS_AGE_HEADER_MAX + 100];
    struct onus_buffer out;
    onus_buffer_init(&out, 0);
    memset(line, 'a', sizeof(line));
    line[snprintf(line, sizeof(line), "%s-> ", VERSION)] = 'a';
    assert_int_equal(onus_age_decrypt(identities, 1, (struct onus_str){line, sizeof(line)},
                             SIZE_MAX, &out, NULL),
            ONUS_E_LIMIT);
    for (size_t i = strlen(VERSION); i + 8 < sizeof(line); i += 6) {
        (void)snprintf(line + i, sizeof(line) - i, "-> a\n\n");
    }
    assert_int_equal(onus_age_decrypt(identities, 1, (struct onus_str){line, sizeof(line)},
                             SIZE_MAX, &out, NULL),
            ONUS_E_LIMIT);
    onus_buffer_clear(&out);
}

static enum onus_code no_numbers(void *data, void *out, size_t size, struct onus_error *err)
{
    size_t *left = data;
    if (*left == 0) {
        return onus_fail(err, ONUS_E_IO, "no numbers left");
    }
    (*left)--;
    memset(out, 7, size);
    return ONUS_OK;
}

static void failures_leave_nothing_behind(void **state)
{
    (void)state;
    struct onus_buffer out;
    uint64_t seed = 1;
    onus_buffer_init(&out, 0);
    onus_buffer_add_text(&out, "before");
    for (size_t granted = 0; granted < 4; granted++) {
        size_t left = granted;
        struct onus_random_source source = {no_numbers, &left};
        assert_int_equal(onus_age_encrypt(recipients, 2, content_of(100), source, &out, NULL),
                ONUS_E_IO);
        assert_int_equal(out.len, 6);
    }
    struct onus_age_recipient zero = {{0}};
    assert_int_equal(onus_age_encrypt(&zero, 1, content_of(100), from_seed(&seed), &out, NULL),
            ONUS_E_FORMAT);
    assert_int_equal(onus_age_encrypt(recipients, 0, content_of(100), from_seed(&seed), &out, NULL),
            ONUS_E_ARGUMENT);
    assert_int_equal(onus_age_encrypt(recipients, 65, content_of(100), from_seed(&seed), &out,
                             NULL),
            ONUS_E_ARGUMENT);
    assert_int_equal(out.len, 6);
    onus_buffer_clear(&out);
    onus_buffer_init(&out, 400);
    assert_int_equal(onus_age_encrypt(recipients, 1, content_of(1000), from_seed(&seed), &out,
                             NULL),
            ONUS_E_LIMIT);
    assert_int_equal(out.len, 0);
    onus_buffer_clear(&out);
}

/* ---- Debian's age ------------------------------------------------------------------------------ */

static char directory[] = "/tmp/onus-age-XXXXXX";

static const char *in_directory(const char *name, char out[64])
{
    (void)snprintf(out, 64, "%s/%s", directory, name);
    return out;
}

static void need_age(void)
{
    const char *const words[] = {"age", "--version", NULL};
    if (run_program(words, NULL) != 0) {
        print_message("skipped: the program age is not there\n");
        skip();
    }
    (void)strcpy(directory, "/tmp/onus-age-XXXXXX");
    assert_non_null(mkdtemp(directory));
}

static void leave_directory(void)
{
    static const char *const names[] = {"key", "plain", "file", "out"};
    char path[64];
    for (size_t i = 0; i < ONUS_COUNT(names); i++) {
        (void)unlink(in_directory(names[i], path));
    }
    assert_int_equal(rmdir(directory), 0);
}

static void age_reads_what_we_encrypt(void **state)
{
    (void)state;
    static char got[sizeof(content) + 1];
    char key[64];
    char file[64];
    char out[64];
    char text[ONUS_AGE_IDENTITY_TEXT];
    need_age();
    onus_age_identity_format(&identities[1], text);
    assert_true(write_file(in_directory("key", key), text, strlen(text)));
    for (size_t s = 0; s < ONUS_COUNT(sizes); s++) {
        struct onus_buffer made;
        struct onus_str plain = content_of(sizes[s]);
        encrypt(3, plain, &made);
        assert_true(write_file(in_directory("file", file), made.ptr, made.len));
        const char *const words[] = {"age", "-d", "-i", key, file, NULL};
        assert_int_equal(run_program(words, in_directory("out", out)), 0);
        size_t len = read_file(out, got, sizeof(got));
        assert_true(onus_str_eq((struct onus_str){got, len}, plain));
        onus_buffer_clear(&made);
    }
    leave_directory();
}

static void we_read_what_age_encrypts(void **state)
{
    (void)state;
    static char made[sizeof(content) + 5000];
    char plain_path[64];
    char file[64];
    char text[ONUS_AGE_RECIPIENT_TEXT];
    char other[ONUS_AGE_RECIPIENT_TEXT];
    need_age();
    onus_age_recipient_format(&recipients[2], text);
    onus_age_recipient_format(&recipients[3], other);
    for (size_t s = 0; s < ONUS_COUNT(sizes); s++) {
        struct onus_buffer out;
        struct onus_str plain = content_of(sizes[s]);
        assert_true(write_file(in_directory("plain", plain_path), plain.ptr, plain.len));
        const char *const words[] = {"age", "-r", other, "-r", text, plain_path, NULL};
        assert_int_equal(run_program(words, in_directory("file", file)), 0);
        size_t len = read_file(file, made, sizeof(made));
        onus_buffer_init(&out, 0);
        assert_int_equal(onus_age_decrypt(&identities[2], 1, (struct onus_str){made, len}, sizes[s],
                                 &out, NULL),
                ONUS_OK);
        assert_true(onus_str_eq(onus_buffer_view(&out), plain));
        onus_buffer_clear(&out);
    }
    leave_directory();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(keys_have_the_texts_of_the_specification),
            cmocka_unit_test(a_key_with_any_other_character_is_refused),
            cmocka_unit_test(keys_in_the_other_case_are_refused),
            cmocka_unit_test(what_is_encrypted_is_decrypted_by_each_recipient),
            cmocka_unit_test(the_same_random_bytes_give_the_same_file),
            cmocka_unit_test(every_bit_and_every_cut_is_noticed),
            cmocka_unit_test(chunks_cannot_be_moved_or_dropped),
            cmocka_unit_test(headers_are_read_strictly),
            cmocka_unit_test(a_header_has_its_limit),
            cmocka_unit_test(failures_leave_nothing_behind),
            cmocka_unit_test(age_reads_what_we_encrypt),
            cmocka_unit_test(we_read_what_age_encrypts),
    };
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
