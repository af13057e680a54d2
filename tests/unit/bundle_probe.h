/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEST_BUNDLE_PROBE_H
#define ONUS_TEST_BUNDLE_PROBE_H

/* One bundle through the checker: the answer, the reason, the text. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"
#include "bundle_scene.h"
#include "proof/bundle_text.h"

struct probe {
    struct scene scene;
    struct onus_arena arena; /* of the policies */
    struct onus_policy policy;
    struct onus_policy policy_none;
    struct onus_buffer bundle; /* being written */
    struct onus_buffer text;   /* what the last one that holds says */
    struct onus_error err;
    unsigned shown;
};

static inline void probe_parse_policy(struct onus_str text, struct onus_arena *arena,
        struct onus_policy *out)
{
    struct onus_error err = ONUS_ERROR_INIT;
    if (onus_policy_parse(text, arena, out, &err) != ONUS_OK) {
        fail_msg("policy: %s", err.text);
    }
}

static inline int probe_setup(void **state)
{
    struct probe *p = calloc(1, sizeof(*p));
    if (!p) {
        return 1;
    }
    scene_init(&p->scene);
    onus_arena_init(&p->arena, (size_t)1 << 24);
    probe_parse_policy(p->scene.policy, &p->arena, &p->policy);
    probe_parse_policy(p->scene.policy_none, &p->arena, &p->policy_none);
    *state = p;
    return 0;
}

static inline int probe_teardown(void **state)
{
    struct probe *p = *state;
    onus_buffer_clear(&p->bundle);
    onus_buffer_clear(&p->text);
    onus_arena_clear(&p->arena);
    scene_clear(&p->scene);
    free(p);
    return 0;
}

/* The bytes are handed over in a block of exactly their size, so that the sanitizers see the end. */
static inline enum onus_code probe_check(struct probe *p, const struct onus_policy *policy,
        struct onus_str bytes)
{
    char *exact = malloc(bytes.len > 0 ? bytes.len : 1);
    assert_non_null(exact);
    if (bytes.len > 0) {
        memcpy(exact, bytes.ptr, bytes.len);
    }
    struct onus_arena arena;
    struct onus_bundle_facts facts;
    onus_arena_init(&arena, ONUS_BUNDLE_ARENA_LIMIT);
    p->err = (struct onus_error)ONUS_ERROR_INIT;
    p->text.len = 0;
    enum onus_code code =
            onus_bundle_check(policy, (struct onus_str){exact, bytes.len}, &arena, &facts, &p->err);
    if (code == ONUS_OK) {
        onus_bundle_text(&p->text, &facts, NULL);
    }
    onus_arena_clear(&arena);
    free(exact);
    return code;
}

/* ---- writing --------------------------------------------------------------------------------- */

static inline void put(struct probe *p, const char *text)
{
    onus_buffer_add_text(&p->bundle, text);
}

static inline void put_key(struct probe *p, struct onus_key key)
{
    scene_key_text(&p->bundle, key);
}

/* A new bundle: the first line and the checkpoint. */
static inline void begin(struct probe *p)
{
    p->bundle.len = 0;
    scene_begin(&p->bundle, &p->scene);
}

/* A new bundle with this checkpoint. */
static inline void begin_with(struct probe *p, struct onus_str checkpoint)
{
    p->bundle.len = 0;
    put(p, "onus/bundle/v1\n");
    scene_note(&p->bundle, "checkpoint", checkpoint);
}

static inline void head(struct probe *p, enum scene_place place, uint32_t open)
{
    scene_head(&p->bundle, &p->scene, place, open);
}

static inline void record(struct probe *p, enum scene_place place, size_t leaf, uint32_t open)
{
    scene_record(&p->bundle, &p->scene, place, leaf, open);
}

static inline void row(struct probe *p, enum scene_place place, size_t row, uint32_t open)
{
    scene_row(&p->bundle, &p->scene, place, row, open);
}

static inline void end(struct probe *p, unsigned shown)
{
    scene_end(&p->bundle, shown);
}

/* Replace the first `from` in the bundle by `to`. */
static inline void swap(struct probe *p, const char *from, const char *to)
{
    struct onus_str bytes = onus_buffer_view(&p->bundle);
    size_t at = onus_str_find(bytes, onus_str_of(from));
    if (at == ONUS_STR_NPOS) {
        fail_msg("'%s' is not in the bundle", from);
    }
    struct onus_buffer made = {.limit = 0};
    onus_buffer_add_str(&made, onus_str_sub(bytes, 0, at));
    onus_buffer_add_text(&made, to);
    onus_buffer_add_str(&made, onus_str_from(bytes, at + strlen(from)));
    onus_buffer_clear(&p->bundle);
    p->bundle = made;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static inline void must_hold_by(struct probe *p, const struct onus_policy *policy)
{
    enum onus_code code = probe_check(p, policy, onus_buffer_view(&p->bundle));
    if (code != ONUS_OK) {
        fail_msg("%s: %s\n%.*s", onus_code_name(code), p->err.text, (int)p->bundle.len,
                p->bundle.ptr);
    }
}

static inline void must_hold(struct probe *p)
{
    must_hold_by(p, &p->policy);
}

static inline void must_say(struct probe *p, const char *line)
{
    must_hold(p);
    if (!onus_str_has(onus_buffer_view(&p->text), onus_str_of(line))) {
        fail_msg("'%s' is not in\n%.*s", line, (int)p->text.len, p->text.ptr);
    }
}

static inline void must_not_say(struct probe *p, const char *line)
{
    must_hold(p);
    if (onus_str_has(onus_buffer_view(&p->text), onus_str_of(line))) {
        fail_msg("'%s' is in\n%.*s", line, (int)p->text.len, p->text.ptr);
    }
}

/* It is refuted, and for this reason. */
static inline void must_refute(struct probe *p, const char *reason)
{
    enum onus_code code = probe_check(p, &p->policy, onus_buffer_view(&p->bundle));
    if (code != ONUS_E_MISMATCH || p->err.code != code || !strstr(p->err.text, reason)) {
        fail_msg("%s: %s (wanted: %s)", onus_code_name(code), p->err.text, reason);
    }
}

#endif
