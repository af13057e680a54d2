/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: what the JSON writer puts out is JSON whatever bytes go in, and the bytes can be
 * read back from it exactly.
 * Oracle: expected texts written by hand, and a decoder in this file that shares no code with the
 * writer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "text/json_write.h"

static void assert_buffer(const struct onus_buffer *buffer, const char *expected)
{
    assert_int_equal(buffer->len, strlen(expected));
    assert_memory_equal(buffer->ptr, expected, buffer->len);
}

static void escaped(struct onus_str s, unsigned flags, const char *expected)
{
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    onus_buffer_add_char(&buffer, '|');
    onus_json_add_escaped(&buffer, s, flags);
    assert_buffer(&buffer, expected);
    onus_buffer_clear(&buffer);
}

static void commas_and_colons_come_by_themselves(void **state)
{
    (void)state;
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    struct onus_json json;
    onus_json_init(&json, &buffer, 0);
    onus_json_object(&json);
    onus_json_key_str(&json, "a", ONUS_STR("x"));
    onus_json_key(&json, "b");
    onus_json_array(&json);
    onus_json_u64(&json, UINT64_MAX);
    onus_json_i64(&json, INT64_MIN);
    onus_json_object(&json);
    onus_json_object_end(&json);
    onus_json_null(&json);
    onus_json_array_end(&json);
    onus_json_key_bool(&json, "c", true);
    onus_json_key_str_or_null(&json, "d", ONUS_STR_NONE);
    onus_json_object_end(&json);
    assert_int_equal(onus_json_finish(&json, NULL), ONUS_OK);
    assert_buffer(&buffer, "{\"a\":\"x\",\"b\":[18446744073709551615,-9223372036854775808,{},null],"
                           "\"c\":true,\"d\":null}");
    onus_buffer_clear(&buffer);
}

static void pretty_has_one_item_a_line(void **state)
{
    (void)state;
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    struct onus_json json;
    onus_json_init(&json, &buffer, ONUS_JSON_PRETTY);
    onus_json_object(&json);
    onus_json_key(&json, "a");
    onus_json_array(&json);
    onus_json_u64(&json, 1);
    onus_json_u64(&json, 2);
    onus_json_array_end(&json);
    onus_json_key(&json, "e");
    onus_json_array(&json);
    onus_json_array_end(&json);
    onus_json_object_end(&json);
    assert_int_equal(onus_json_finish(&json, NULL), ONUS_OK);
    assert_buffer(&buffer, "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"e\": []\n}\n");
    onus_buffer_clear(&buffer);
}

static void ordinary_text_stands_for_itself(void **state)
{
    (void)state;
    escaped(ONUS_STR("plain"), 0, "|plain");
    escaped(ONUS_STR("Gr\xc3\xbc\xc3\x9f"
                     "e \xe6\x97\xa5 \xf0\x9f\x98\x80"),
            0,
            "|Gr\xc3\xbc\xc3\x9f"
            "e \xe6\x97\xa5 \xf0\x9f\x98\x80");
    escaped(ONUS_STR("DOMAIN\\user \"x\""), 0, "|DOMAIN\\\\user \\\"x\\\"");
}

static void what_acts_on_a_terminal_is_an_escape(void **state)
{
    (void)state;
    escaped(ONUS_STR("\x1b[2J\x7f\n\t\r\x01"), 0, "|\\u001b[2J\\u007f\\n\\t\\r\\u0001");
    escaped((struct onus_str){"a\0b", 3}, 0, "|a\\u0000b");
    escaped(ONUS_STR("\xc2\x9b"
                     "31m\xe2\x80\xae\xe2\x80\xa8"),
            0, "|\\u009b31m\\u202e\\u2028");
    escaped(ONUS_STR("\xf3\xa0\x81\x81"), 0, "|\\udb40\\udc41"); /* U+E0041, a tag */
}

static void a_byte_that_is_not_text_keeps_its_value(void **state)
{
    (void)state;
    escaped(ONUS_STR("a\xad"
                     "b\xff"),
            0, "|a\\uefadb\\uefff");
    escaped(ONUS_STR("\xe2\x80"), 0, "|\\uefe2\\uef80");            /* cut short */
    escaped(ONUS_STR("\xc0\xaf"), 0, "|\\uefc0\\uefaf");            /* too long a form of '/' */
    escaped(ONUS_STR("\xed\xa0\x80"), 0, "|\\uefed\\uefa0\\uef80"); /* a surrogate */
    /* U+EFAD itself is spelled out byte by byte, so it cannot be mistaken for the byte AD. */
    escaped(ONUS_STR("\xee\xbe\xad"), 0, "|\\uefee\\uefbe\\uefad");
}

static void markup_is_an_escape_inside_html(void **state)
{
    (void)state;
    escaped(ONUS_STR("</script>&"), ONUS_JSON_IN_HTML, "|\\u003c/script\\u003e\\u0026");
    escaped(ONUS_STR("</script>&"), 0, "|</script>&");
}

static unsigned hex(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

/* Undo the escapes as docs/json.md tells a reader to. */
static size_t decode(const struct onus_buffer *from, uint8_t *out)
{
    size_t len = 0;
    for (size_t i = 0; i < from->len; i++) {
        if (from->ptr[i] != '\\') {
            out[len++] = (uint8_t)from->ptr[i];
            continue;
        }
        const char *at = from->ptr + i + 1;
        if (*at != 'u') {
            static const char names[] = "n\nr\rt\t\"\"\\\\";
            out[len++] = (uint8_t)strchr(names, *at)[1];
            i++;
            continue;
        }
        unsigned unit = hex(at[1]) << 12 | hex(at[2]) << 8 | hex(at[3]) << 4 | hex(at[4]);
        i += 5;
        if (unit >= 0xef00 && unit <= 0xefff) {
            out[len++] = (uint8_t)unit;
        } else if (unit < 0x80) {
            out[len++] = (uint8_t)unit;
        } else if (unit < 0x800) {
            out[len++] = (uint8_t)(0xc0 | unit >> 6);
            out[len++] = (uint8_t)(0x80 | (unit & 0x3f));
        } else {
            out[len++] = (uint8_t)(0xe0 | unit >> 12);
            out[len++] = (uint8_t)(0x80 | (unit >> 6 & 0x3f));
            out[len++] = (uint8_t)(0x80 | (unit & 0x3f));
        }
    }
    return len;
}

static void every_pair_of_bytes_reads_back(void **state)
{
    (void)state;
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    for (unsigned pair = 0; pair < 65536; pair++) {
        /* between other bytes, so that sequences of three begin and end here as well */
        const char in[4] = {'\xee', (char)(pair >> 8), (char)(pair & 0xff), '\xbe'};
        uint8_t back[4 * 6];
        buffer.len = 0;
        onus_json_add_escaped(&buffer, (struct onus_str){in, sizeof(in)}, pair & 1);
        assert_int_equal(decode(&buffer, back), sizeof(in));
        assert_memory_equal(back, in, sizeof(in));
    }
    onus_buffer_clear(&buffer);
}

/* Plain bytes are copied several at a time: what must not be may stand anywhere among them. */
static void a_byte_is_escaped_wherever_it_stands(void **state)
{
    (void)state;
    enum {
        LENGTH = 40
    };
    for (unsigned byte = 0; byte < 0x80; byte++) {
        struct onus_buffer alone;
        onus_buffer_init(&alone, 0);
        char one = (char)byte;
        onus_json_add_escaped(&alone, (struct onus_str){&one, 1}, ONUS_JSON_IN_HTML);
        for (size_t at = 0; at < LENGTH; at++) {
            char text[LENGTH];
            char expected[LENGTH + 8];
            memset(text, 'x', sizeof(text));
            text[at] = one;
            memset(expected, 'x', at);
            memcpy(expected + at, alone.ptr, alone.len);
            memset(expected + at + alone.len, 'x', LENGTH - at - 1);
            expected[LENGTH - 1 + alone.len] = '|';
            expected[LENGTH + alone.len] = '\0';
            struct onus_buffer buffer;
            onus_buffer_init(&buffer, 0);
            onus_json_add_escaped(&buffer, (struct onus_str){text, sizeof(text)},
                    ONUS_JSON_IN_HTML);
            onus_buffer_add_char(&buffer, '|');
            assert_buffer(&buffer, expected);
            onus_buffer_clear(&buffer);
        }
        onus_buffer_clear(&alone);
    }
}

/* The first failure is the one that is told, although what follows it goes nowhere. */
static void a_place_is_the_string_of_its_parts(void **state)
{
    (void)state;
    static const char *const paths[] = {"", "a.log", "/var/log/auth.log", "with \"quotes\".log",
            "\xff.log", "a\\b", "long/enough/for/many/words/of/eight/bytes.log"};
    static const unsigned flags[] = {0, ONUS_JSON_PRETTY, ONUS_JSON_IN_HTML};
    for (size_t i = 0; i < ONUS_COUNT(paths) * ONUS_COUNT(flags); i++) {
        struct onus_str path = onus_str_of(paths[i / ONUS_COUNT(flags)]);
        struct onus_buffer out[2];
        for (int way = 0; way < 2; way++) {
            struct onus_json json;
            onus_buffer_init(&out[way], 0);
            onus_json_init(&json, &out[way], flags[i % ONUS_COUNT(flags)]);
            onus_json_array(&json);
            for (uint64_t number = 0; number < 2000000; number = number * 7 + 1) {
                if (way == 0) {
                    onus_json_place(&json, path, number);
                    continue;
                }
                onus_json_str_open(&json);
                onus_json_str_part(&json, path);
                onus_buffer_printf(json.out, ":%llu", (unsigned long long)number);
                onus_json_str_close(&json);
            }
            onus_json_array_end(&json);
            assert_int_equal(onus_json_finish(&json, NULL), ONUS_OK);
        }
        assert_int_equal(out[0].len, out[1].len);
        assert_memory_equal(out[0].ptr, out[1].ptr, out[0].len);
        onus_buffer_clear(&out[0]);
        onus_buffer_clear(&out[1]);
    }
}

static void a_buffer_full_after_a_key_is_no_bug(void **state)
{
    (void)state;
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 32);
    struct onus_json json;
    onus_json_init(&json, &buffer, 0);
    onus_json_object(&json);
    onus_json_key_u64(&json, "a", 1);
    onus_json_key_text(&json, "b", "longer than what is left of the buffer");
    onus_json_key_bool(&json, "c", true);
    onus_json_object_end(&json);
    assert_int_equal(onus_json_finish(&json, NULL), ONUS_E_LIMIT);
    onus_buffer_clear(&buffer);
}

static void a_document_left_open_is_a_bug(void **state)
{
    (void)state;
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    struct onus_json json;
    onus_json_init(&json, &buffer, 0);
    onus_json_array(&json);
    assert_int_equal(onus_json_finish(&json, NULL), ONUS_E_BUG);
    onus_json_init(&json, &buffer, 0);
    for (int i = 0; i < ONUS_JSON_MAX_DEPTH; i++) {
        onus_json_array(&json);
    }
    for (int i = 0; i < ONUS_JSON_MAX_DEPTH; i++) {
        onus_json_array_end(&json);
    }
    assert_int_equal(onus_json_finish(&json, NULL), ONUS_E_BUG);
    onus_buffer_clear(&buffer);
}

static void a_full_buffer_is_reported(void **state)
{
    (void)state;
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 8);
    struct onus_json json;
    onus_json_init(&json, &buffer, 0);
    onus_json_text(&json, "more than eight");
    assert_int_equal(onus_json_finish(&json, NULL), ONUS_E_LIMIT);
    onus_buffer_clear(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(commas_and_colons_come_by_themselves),
            cmocka_unit_test(pretty_has_one_item_a_line),
            cmocka_unit_test(ordinary_text_stands_for_itself),
            cmocka_unit_test(what_acts_on_a_terminal_is_an_escape),
            cmocka_unit_test(a_byte_that_is_not_text_keeps_its_value),
            cmocka_unit_test(markup_is_an_escape_inside_html),
            cmocka_unit_test(every_pair_of_bytes_reads_back),
            cmocka_unit_test(a_byte_is_escaped_wherever_it_stands),
            cmocka_unit_test(a_place_is_the_string_of_its_parts),
            cmocka_unit_test(a_buffer_full_after_a_key_is_no_bug),
            cmocka_unit_test(a_document_left_open_is_a_bug),
            cmocka_unit_test(a_full_buffer_is_reported),
    };
    return cmocka_run_group_tests_name("text/json_write", tests, NULL, NULL);
}
