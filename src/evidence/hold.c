/* SPDX-License-Identifier: Apache-2.0 */
#include "hold.h"

#include "base/str.h"
#include "evidence/fields.h"
#include "evidence/tomb.h"
#include "sys/durable.h"

#define MAGIC "onus/holds/v1"

/* ---- the file -------------------------------------------------------------------------------- */

void onus_holds_format(const struct onus_holds *holds, struct onus_buffer *out)
{
    size_t start = out->len;
    onus_buffer_add_text(out, MAGIC "\n");
    for (size_t i = 0; i < holds->count; i++) {
        const struct onus_hold *hold = &holds->items[i];
        onus_buffer_add_text(out, "hold");
        onus_fields_put_number(out, hold->time);
        if (hold->all) {
            onus_buffer_add_text(out, " all");
        } else {
            onus_fields_put_hex(out, hold->tag.bytes, sizeof(hold->tag.bytes));
            onus_fields_put_number(out, hold->first);
            onus_fields_put_number(out, hold->last);
        }
        onus_buffer_add_text(out, "\nthread ");
        onus_buffer_add_str(out, hold->thread);
        onus_buffer_add_text(out, "\nreason ");
        onus_buffer_add_str(out, hold->reason);
        onus_buffer_add_char(out, '\n');
    }
    onus_fields_put_sum(out, start);
}

static bool words_valid(struct onus_str words, size_t most)
{
    return words.len <= most && onus_basis_valid(words);
}

static bool take_hold(struct onus_fields *fields, struct onus_hold *out)
{
    struct onus_fields before;
    struct onus_str word;
    if (!onus_fields_number(fields, &out->time)) {
        return false;
    }
    before = *fields;
    out->last = ONUS_SEQ_MAX;
    out->all = onus_fields_word(fields, &word) && onus_str_eq(word, ONUS_STR("all"));
    if (!out->all) {
        *fields = before;
        if (!onus_fields_hex(fields, out->tag.bytes, sizeof(out->tag.bytes)) ||
                !onus_fields_number(fields, &out->first) ||
                !onus_fields_number(fields, &out->last)) {
            return false;
        }
    }
    return onus_fields_done(fields) && out->first <= out->last && out->last <= ONUS_SEQ_MAX &&
           onus_fields_line(fields, "thread") && onus_fields_rest(fields, &out->thread) &&
           words_valid(out->thread, ONUS_HOLD_THREAD_MAX) && onus_fields_line(fields, "reason") &&
           onus_fields_rest(fields, &out->reason) && words_valid(out->reason, ONUS_HOLD_REASON_MAX);
}

enum onus_code onus_holds_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_holds *out, struct onus_error *err)
{
    struct onus_fields fields;
    size_t most = 1;
    for (size_t i = 0; i < text.len; i++) {
        most += text.ptr[i] == '\n';
    }
    onus_fields_init(&fields, text, "list of holds");
    struct onus_hold *items = onus_arena_alloc(arena, most * sizeof(*items));
    if (!items) {
        return onus_arena_reason(arena, err);
    }
    size_t count = 0;
    bool right = onus_fields_exact(&fields, MAGIC);
    while (right && onus_fields_line(&fields, "hold")) {
        right = count < ONUS_HOLDS_MAX && take_hold(&fields, &items[count]);
        count++;
    }
    if (!right || !onus_fields_sum(&fields)) {
        return onus_fields_fail(&fields, err);
    }
    *out = (struct onus_holds){items, count};
    return ONUS_OK;
}

enum onus_code onus_holds_read(int at, struct onus_arena *arena, struct onus_holds *out,
        struct onus_error *err)
{
    struct onus_str text;
    bool there = false;
    enum onus_code code = onus_durable_exists(at, ONUS_HOLDS_PATH, &there, err);
    if (code == ONUS_OK && !there) {
        *out = (struct onus_holds){.count = 0};
        return ONUS_OK;
    }
    if (code == ONUS_OK) {
        code = onus_durable_read(at, ONUS_HOLDS_PATH, ONUS_HOLDS_SIZE_MAX, arena, &text, err);
    }
    if (code == ONUS_OK) {
        code = onus_holds_parse(text, arena, out, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", ONUS_HOLDS_PATH);
        }
    }
    return code;
}

static enum onus_code write(int at, const struct onus_holds *holds, struct onus_error *err)
{
    struct onus_buffer text = {0};
    onus_buffer_init(&text, ONUS_HOLDS_SIZE_MAX);
    onus_holds_format(holds, &text);
    enum onus_code code = onus_buffer_status(&text, err);
    if (code == ONUS_OK) {
        code = onus_durable_write(at, ONUS_HOLDS_PATH, onus_buffer_view(&text), 0600, err);
    }
    onus_buffer_clear(&text);
    return code;
}

/* ---- setting and lifting --------------------------------------------------------------------- */

/* The list with room for one more. */
static enum onus_code load(const struct onus_vault *vault, struct onus_arena *arena,
        struct onus_hold **items, size_t *count, struct onus_error *err)
{
    struct onus_holds holds = {.count = 0};
    onus_arena_init(arena, ONUS_HOLDS_SIZE_MAX * 32);
    enum onus_code code = onus_holds_read(onus_vault_at(vault), arena, &holds, err);
    if (code != ONUS_OK) {
        return code;
    }
    *items = onus_arena_alloc(arena, (holds.count + 1) * sizeof(**items));
    if (!*items) {
        return onus_arena_reason(arena, err);
    }
    if (holds.count > 0) {
        memcpy(*items, holds.items, holds.count * sizeof(**items));
    }
    *count = holds.count;
    return ONUS_OK;
}

enum onus_code onus_hold_add(const struct onus_vault *vault, const struct onus_hold *hold,
        struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_hold *items = NULL;
    size_t count = 0;
    if (!words_valid(hold->thread, ONUS_HOLD_THREAD_MAX) ||
            !words_valid(hold->reason, ONUS_HOLD_REASON_MAX)) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "a thread has 1 to %d bytes and a reason 1 to %d, of text that shows",
                ONUS_HOLD_THREAD_MAX, ONUS_HOLD_REASON_MAX);
    }
    enum onus_code code = load(vault, &arena, &items, &count, err);
    if (code == ONUS_OK && count == ONUS_HOLDS_MAX) {
        code = onus_fail(err, ONUS_E_LIMIT, "a case has at most %d holds", ONUS_HOLDS_MAX);
    }
    if (code == ONUS_OK) {
        items[count] = *hold;
        code = write(onus_vault_at(vault), &(struct onus_holds){items, count + 1}, err);
    }
    onus_arena_clear(&arena);
    return code;
}

enum onus_code onus_hold_remove(const struct onus_vault *vault, struct onus_str thread,
        size_t *lifted, struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_hold *items = NULL;
    size_t count = 0;
    size_t kept = 0;
    enum onus_code code = load(vault, &arena, &items, &count, err);
    for (size_t i = 0; i < count && code == ONUS_OK; i++) {
        if (!onus_str_eq(items[i].thread, thread)) {
            items[kept++] = items[i];
        }
    }
    if (code == ONUS_OK && kept == count) {
        code = onus_fail(err, ONUS_E_MISSING, "the thread '" ONUS_STR_FMT "' has no hold",
                ONUS_STR_ARG(thread));
    }
    if (code == ONUS_OK) {
        code = write(onus_vault_at(vault), &(struct onus_holds){items, kept}, err);
    }
    if (code == ONUS_OK) {
        *lifted = count - kept;
    }
    onus_arena_clear(&arena);
    return code;
}

const struct onus_hold *onus_holds_find(const struct onus_holds *holds, const struct onus_tag *tag,
        uint64_t seq)
{
    for (size_t i = 0; i < holds->count; i++) {
        const struct onus_hold *hold = &holds->items[i];
        if (hold->all ||
                (onus_tag_eq(&hold->tag, tag) && seq >= hold->first && seq <= hold->last)) {
            return hold;
        }
    }
    return NULL;
}
