/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a bundle, judged by the keys of the seeds. The answer is one of the three; a bundle that
 * holds says so in a text that ends in "holds", has only bytes that show, and is the same each time.
 */
#include "fuzz.h"

#include "base/str.h"
#include "proof/bundle_text.h"

/* The keys of tests/unit/bundle_scene.c. */
static const char keys[] =
        "log acme.example/evidence+ac6035f1+AcBQxWN6RPqGKf/zzMziMAyzYqY9mdlfxUFFJm9DMkRa\n"
        "log other.example/log+0a7923e9+ASASy5DKYOjl2Nr2biJy0iM+BIbVV+jGYUHtiSAXfX63\n"
        "witness one w1.example+9f231231+BPgMzNzkrhwHriCKKt+ZoxCuQgfgMG+gI2EQsGgnu7jQ\n"
        "witness two w2.example+d191b305+BJ9JQ56dsJW8QRHtJdNXldgxvFWgR/Sx1/au43d7tBIg\n"
        "witness three w3.example+8cc049b0+BMaCJjfH0xDsV2J74AuiWdJTdJ9Kr2REcM/75To19zJC\n"
        "quorum none\n";

static void check_text(const struct onus_bundle_facts *facts)
{
    struct onus_buffer text = {.limit = 0};
    struct onus_buffer document = {.limit = 0};
    struct onus_json json;
    onus_bundle_text(&text, facts, NULL);
    FUZZ_CHECK(onus_str_ends(onus_buffer_view(&text), ONUS_STR("\nholds\n")));
    for (size_t i = 0; i < text.len; i++) {
        FUZZ_CHECK(text.ptr[i] == '\n' || (text.ptr[i] >= 0x20 && text.ptr[i] <= 0x7e));
    }
    onus_json_init(&json, &document, 0);
    onus_json_object(&json);
    onus_bundle_json(&json, facts, NULL);
    onus_json_object_end(&json);
    FUZZ_CHECK(onus_json_finish(&json, NULL) == ONUS_OK);
    onus_buffer_clear(&text);
    onus_buffer_clear(&document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_str bytes = {(const char *)data, size};
    struct onus_arena arena;
    struct onus_arena policy_arena;
    struct onus_policy policy;
    struct onus_bundle_facts facts;
    struct onus_error err = ONUS_ERROR_INIT;
    onus_arena_init(&arena, (size_t)1 << 26);
    onus_arena_init(&policy_arena, (size_t)1 << 20);
    FUZZ_CHECK(onus_policy_parse(onus_str_of(keys), &policy_arena, &policy, NULL) == ONUS_OK);
    enum onus_code code = onus_bundle_check(&policy, bytes, &arena, &facts, &err);
    if (code == ONUS_OK) {
        check_text(&facts);
    } else {
        FUZZ_CHECK(code == ONUS_E_MISMATCH || code == ONUS_E_MISSING || code == ONUS_E_LIMIT);
        FUZZ_CHECK(err.code == code && err.text[0] != '\0');
        FUZZ_CHECK(err.offset == ONUS_NO_OFFSET || err.offset <= size);
    }
    onus_arena_clear(&arena);
    onus_arena_clear(&policy_arena);
    return 0;
}
