/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a trace result becomes a JSON document with the keys other programs rely on, in
 * the same bytes each time, and no text in it can leave its string.
 * Oracle: expected fragments written by hand. The schema itself is checked by tests/schema/run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "model/trace_json.h"
#include "sample_result.h"

static struct onus_buffer written(const struct onus_trace_result *result, unsigned flags)
{
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    struct onus_json json;
    onus_json_init(&json, &buffer, flags);
    onus_trace_json_add(result, &json);
    assert_int_equal(onus_json_finish(&json, NULL), ONUS_OK);
    return buffer;
}

static void assert_has(const struct onus_buffer *buffer, const char *part)
{
    if (!onus_str_has(onus_buffer_view(buffer), onus_str_of(part))) {
        print_error("not found: %s\n", part);
        fail();
    }
}

static void the_promised_keys_are_there(void **state)
{
    (void)state;
    struct onus_trace_result result;
    sample_result(&(struct sample_options){0}, &result);
    struct onus_buffer buffer = written(&result, 0);
    assert_has(&buffer,
            "{\"schema\":\"onus.trace/1\",\"inputs\":[{\"path\":\"/var/log/auth.log.1\","
            "\"format\":\"sshd+sudo\",\"bytes\":8123456,\"lines\":91234,\"parsed\":80000,"
            "\"ignored\":11200,\"unparsed\":34,\"first\":\"2026-01-09T00:00:00Z\","
            "\"last\":\"2026-01-12T00:00:00Z\",\"zone\":\"UTC\"");
    assert_has(&buffer, "\"totals\":{\"bytes\":63123567,\"lines\":401236,");
    assert_has(&buffer, "\"events\":389000,\"attempts\":8674,\"succeeded\":1,\"sources\":5,");
    assert_has(&buffer, "{\"id\":\"i-44dd55ee66ff\",\"kind\":\"password-spraying\","
                        "\"technique\":\"T1110.003\",\"service\":\"ssh\","
                        "\"first\":\"2026-01-09T02:00:00Z\",\"last\":\"2026-01-09T07:00:00Z\","
                        "\"attempts\":96,\"succeeded\":0,\"sources\":3,\"accounts\":51,");
    assert_has(&buffer, "\"lines\":[\"/var/log/auth.log.1:102\",\"/var/log/auth.log.1:90002\"]");
    assert_has(&buffer, "\"source_list\":[\"2001:db8:77::1\",\"198.51.100.7\",\"203.0.113.9\"]");
    assert_has(&buffer, "{\"code\":\"AA\",\"sources\":2,\"attempts\":8219,");
    assert_has(&buffer, "{\"id\":\"c-5a5a5a5a5a5a\",\"incidents\":[\"i-0a1b2c3d4e5f\","
                        "\"i-44dd55ee66ff\"]");
    assert_has(&buffer, "{\"name\":\"sample-asn\",\"date\":\"2025-06\"");
    onus_buffer_clear(&buffer);
    onus_arena_clear(&result.arena);
}

static void a_network_fact_comes_with_its_table_and_date(void **state)
{
    (void)state;
    struct onus_trace_result result;
    sample_result(&(struct sample_options){0}, &result);
    struct onus_buffer buffer = written(&result, 0);
    assert_has(&buffer, "\"asn\":64501,\"operator\":\"Beispielnetz AG\",\"country\":\"XX\","
                        "\"asn_table\":{\"name\":\"sample-asn\",\"date\":\"2025-06\","
                        "\"distance_days\":-208},\"country_table\":{\"name\":\"sample-country\","
                        "\"date\":\"2026-01\",\"distance_days\":5}");
    assert_has(&buffer, "\"prefix\":null,\"asn\":null,\"operator\":null,\"country\":null,"
                        "\"asn_table\":null,\"country_table\":null,\"shared\":[],"
                        "\"handshake\":false");
    assert_has(&buffer, "\"handshake\":null,\"benign\":true");
    onus_buffer_clear(&buffer);
    onus_arena_clear(&result.arena);
}

static void no_text_leaves_its_string(void **state)
{
    (void)state;
    struct onus_trace_result result;
    sample_result(&(struct sample_options){.hostile = true}, &result);
    struct onus_buffer buffer = written(&result, ONUS_JSON_IN_HTML);
    for (size_t i = 0; i < buffer.len; i++) {
        uint8_t byte = (uint8_t)buffer.ptr[i];
        assert_true(byte >= 0x20 && byte < 0x7f); /* the sample has no visible text beyond ASCII */
        assert_null(strchr("<>&", byte));
    }
    assert_has(&buffer, "\"country\":\"=\\u003cscript\\u003ealert('x')\\u003c/script\\u003e\\\""
                        "\\u0026\\u001b[31m\\r\\n\\t\\uefff\\u202e\\\\x41XX\"");
    onus_buffer_clear(&buffer);
    onus_arena_clear(&result.arena);
}

static void nothing_found_is_a_whole_document_too(void **state)
{
    (void)state;
    struct onus_trace_result result;
    sample_result_empty(&result);
    struct onus_buffer buffer = written(&result, 0);
    assert_has(&buffer, "\"first\":null,\"last\":null},\"incidents\":[],\"sources\":[],");
    assert_has(&buffer, "\"problem\":\"the file is empty\"");
    onus_buffer_clear(&buffer);
    onus_arena_clear(&result.arena);
}

static void an_index_that_points_nowhere_is_a_question_mark(void **state)
{
    (void)state;
    struct onus_trace_result result;
    sample_result(&(struct sample_options){0}, &result);
    result.incidents[0].refs[0].input = 3;
    result.incidents[0].sources[0] = 5;
    result.campaigns[0].incidents[0] = 5;
    struct onus_buffer buffer = written(&result, 0);
    assert_has(&buffer, "\"lines\":[\"?:100\",");
    assert_has(&buffer, "\"source_list\":[\"?\"]");
    assert_has(&buffer, "\"incidents\":[\"?\",\"i-44dd55ee66ff\"]");
    onus_buffer_clear(&buffer);
    onus_arena_clear(&result.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_promised_keys_are_there),
            cmocka_unit_test(a_network_fact_comes_with_its_table_and_date),
            cmocka_unit_test(no_text_leaves_its_string),
            cmocka_unit_test(nothing_found_is_a_whole_document_too),
            cmocka_unit_test(an_index_that_points_nowhere_is_a_question_mark),
    };
    return cmocka_run_group_tests_name("model/trace_json", tests, NULL, NULL);
}
