/* SPDX-License-Identifier: Apache-2.0 */
#include "custody.h"

#include "base/str.h"
#include "sys/durable.h"
#include "text/decimal.h"
#include "text/hex.h"
#include "text/utf8.h"

#include <time.h>

#define MAGIC "onus/custody/v1\n"
#define LOCK  "vault/custody.lock"

enum {
    FIELDS = 8,
    TRIES = 100,
    PAUSE_NS = 20000000
};

/* ---- one line -------------------------------------------------------------------------------- */

/* number, time, tool, act, party, detail, sum before, sum: with a tab between. */
static bool split(struct onus_str line, struct onus_str fields[static FIELDS])
{
    for (size_t i = 0; i + 1 < FIELDS; i++) {
        if (!onus_str_cut(&line, '\t', &fields[i])) {
            return false;
        }
    }
    fields[FIELDS - 1] = line;
    return true;
}

/* Texts as they are written: UTF-8 in which nothing is hidden, so that one text has one spelling. */
static bool visible(struct onus_str text)
{
    while (text.len > 0) {
        uint32_t character = 0;
        size_t size = onus_utf8_next(text, &character);
        if (size == 0 || onus_utf8_is_hidden(character)) {
            return false;
        }
        text = onus_str_from(text, size);
    }
    return true;
}

static bool take_line(struct onus_str line, struct onus_custody_line *out)
{
    struct onus_str fields[FIELDS];
    struct onus_digest sum;
    if (!split(line, fields) || !onus_decimal_parse(fields[0], &out->number) ||
            !onus_decimal_parse(fields[1], &out->time) ||
            !onus_hex_exact(fields[6], out->before.bytes, sizeof(out->before.bytes)) ||
            !onus_hex_exact(fields[7], out->sum.bytes, sizeof(out->sum.bytes))) {
        return false;
    }
    out->tool = fields[2];
    out->what = fields[3];
    out->party = fields[4];
    out->detail = fields[5];
    onus_sha256((struct onus_str){line.ptr, (size_t)(fields[7].ptr - line.ptr)}, &sum);
    return onus_digest_eq(&sum, &out->sum) && visible(out->tool) && visible(out->what) &&
           visible(out->party) && visible(out->detail);
}

static void first_head(struct onus_digest *out)
{
    onus_sha256(ONUS_STR(MAGIC), out);
}

/* ---- all lines ------------------------------------------------------------------------------- */

static size_t count_lines(struct onus_str text)
{
    size_t count = 0;
    for (size_t at = onus_str_find_char(text, '\n'); at != ONUS_STR_NPOS;
            at = onus_str_find_char(text, '\n')) {
        text = onus_str_from(text, at + 1);
        count++;
    }
    return count;
}

static enum onus_code check_line(const struct onus_custody_line *line, uint64_t number,
        const struct onus_digest *head, struct onus_error *err)
{
    unsigned long long expected = number;
    if (line->number > number) {
        return onus_fail(err, ONUS_E_MISMATCH, "line %llu of the custody log is missing", expected);
    }
    if (line->number != number) {
        return onus_fail(err, ONUS_E_MISMATCH,
                "line %llu of the custody log stands where line "
                "%llu belongs",
                (unsigned long long)line->number, expected);
    }
    if (!onus_digest_eq(&line->before, head)) {
        return onus_fail(err, ONUS_E_MISMATCH,
                "line %llu of the custody log does not follow the line before it", expected);
    }
    return ONUS_OK;
}

/*
 * What stands behind the last line end. A crash leaves the beginning of a line there; a whole line with
 * something else in the place of its end was changed.
 */
static bool ends_changed(struct onus_str tail)
{
    struct onus_custody_line line;
    return tail.len > 0 && take_line(onus_str_sub(tail, 0, tail.len - 1), &line);
}

enum onus_code onus_custody_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_custody *out, struct onus_error *err)
{
    struct onus_custody made = {.lines = NULL};
    struct onus_str rest = text;
    first_head(&made.head);
    if (onus_str_begins(ONUS_STR(MAGIC), text)) {
        made.cut = text.len < sizeof(MAGIC) - 1 ? text.len : 0;
        made.used = text.len - made.cut;
        *out = made;
        return ONUS_OK;
    }
    if (!onus_str_skip(&rest, ONUS_STR(MAGIC))) {
        return onus_fail_at(err, ONUS_E_FORMAT, 0, "no custody log of version 1");
    }
    struct onus_custody_line *lines =
            onus_arena_alloc(arena, (count_lines(rest) + 1) * sizeof(*lines));
    if (!lines) {
        return onus_arena_reason(arena, err);
    }
    struct onus_str text_of_line;
    while (onus_str_cut(&rest, '\n', &text_of_line)) {
        struct onus_custody_line *line = &lines[made.count];
        if (!take_line(text_of_line, line)) {
            return onus_fail_at(err, ONUS_E_MISMATCH, (uint64_t)(text_of_line.ptr - text.ptr),
                    "line %zu of the custody log was changed", made.count + 1);
        }
        enum onus_code code = check_line(line, made.count + 1, &made.head, err);
        if (code != ONUS_OK) {
            return code;
        }
        made.head = line->sum;
        made.count++;
    }
    if (ends_changed(rest)) {
        return onus_fail(err, ONUS_E_MISMATCH, "line %zu of the custody log was changed at its end",
                made.count + 1);
    }
    made.lines = lines;
    made.cut = rest.len;
    made.used = text.len - rest.len;
    *out = made;
    return ONUS_OK;
}

/* The visible form, at most so many bytes of it; never half a character. */
static void add_visible(struct onus_buffer *out, struct onus_str text, size_t most)
{
    struct onus_buffer shown = {0};
    (void)onus_utf8_add_visible(&shown, text, SIZE_MAX);
    struct onus_str view = onus_buffer_view(&shown);
    if (onus_buffer_status(&shown, NULL) != ONUS_OK) {
        out->failed = shown.failed;
    } else if (view.len <= most) {
        onus_buffer_add_str(out, view);
    } else {
        size_t end = most;
        while (end > 0 && ((uint8_t)view.ptr[end] & 0xc0) == 0x80) {
            end--;
        }
        onus_buffer_add_str(out, onus_str_sub(view, 0, end));
        onus_buffer_add_text(out, "...");
    }
    onus_buffer_clear(&shown);
}

void onus_custody_add(const struct onus_custody *custody, struct onus_str party,
        const struct onus_custody_event *event, struct onus_buffer *out)
{
    if (custody->used == 0) {
        onus_buffer_add_text(out, MAGIC);
    }
    size_t start = out->len;
    struct onus_digest sum;
    onus_buffer_add_u64(out, custody->count + 1);
    onus_buffer_add_char(out, '\t');
    onus_buffer_add_u64(out, event->now);
    onus_buffer_add_char(out, '\t');
    add_visible(out, onus_str_of(event->tool), ONUS_CUSTODY_DETAIL_MAX);
    onus_buffer_add_char(out, '\t');
    add_visible(out, onus_str_of(event->what), ONUS_CUSTODY_DETAIL_MAX);
    onus_buffer_add_char(out, '\t');
    add_visible(out, party, ONUS_CUSTODY_DETAIL_MAX);
    onus_buffer_add_char(out, '\t');
    add_visible(out, event->detail, ONUS_CUSTODY_DETAIL_MAX);
    onus_buffer_add_char(out, '\t');
    onus_hex_add(out, onus_digest_view(&custody->head));
    onus_buffer_add_char(out, '\t');
    if (out->failed == ONUS_OK) {
        onus_sha256((struct onus_str){out->ptr + start, out->len - start}, &sum);
        onus_hex_add(out, onus_digest_view(&sum));
        onus_buffer_add_char(out, '\n');
    }
}

bool onus_custody_has(const struct onus_custody *custody, const struct onus_digest *head,
        uint64_t *number)
{
    for (size_t i = custody->count; i-- > 0;) {
        if (onus_digest_eq(&custody->lines[i].sum, head)) {
            *number = custody->lines[i].number;
            return true;
        }
    }
    struct onus_digest none;
    first_head(&none);
    *number = 0;
    return onus_digest_eq(&none, head);
}

/* ---- on a disk ------------------------------------------------------------------------------- */

enum onus_code onus_custody_read(int at, struct onus_arena *arena, struct onus_custody *out,
        struct onus_error *err)
{
    struct onus_str text = ONUS_STR_NONE;
    enum onus_code code =
            onus_durable_read(at, ONUS_CUSTODY_PATH, ONUS_CUSTODY_MAX, arena, &text, err);
    if (code == ONUS_E_MISSING) {
        text = ONUS_STR_NONE;
        code = ONUS_OK;
        if (err) {
            *err = (struct onus_error)ONUS_ERROR_INIT;
        }
    }
    if (code == ONUS_OK) {
        code = onus_custody_parse(text, arena, out, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", ONUS_CUSTODY_PATH);
        }
    }
    return code;
}

static enum onus_code append(int at, size_t used, struct onus_str text, struct onus_error *err)
{
    struct onus_durable_append file;
    enum onus_code code = onus_append_open(&file, at, ONUS_CUSTODY_PATH, used, err);
    if (code != ONUS_OK) {
        return code;
    }
    code = onus_append_add(&file, text, err);
    if (code == ONUS_OK) {
        code = onus_append_sync(&file, err);
    }
    onus_append_close(&file);
    return code;
}

static bool is_noted(const struct onus_custody *custody, const struct onus_custody_event *event,
        struct onus_arena *arena)
{
    struct onus_buffer detail = {0};
    struct onus_str kept = ONUS_STR_NONE;
    bool found = false;
    add_visible(&detail, event->detail, ONUS_CUSTODY_DETAIL_MAX);
    if (onus_buffer_status(&detail, NULL) == ONUS_OK &&
            onus_arena_copy(arena, onus_buffer_view(&detail), &kept, NULL) == ONUS_OK) {
        for (size_t i = custody->count; i-- > 0 && !found;) {
            const struct onus_custody_line *line = &custody->lines[i];
            found = line->time == event->now && onus_str_eq(line->what, onus_str_of(event->what)) &&
                    onus_str_eq(line->detail, kept);
        }
    }
    onus_buffer_clear(&detail);
    return found;
}

/* Others hold the lock for the time of one line. */
static enum onus_code take_lock(int at, int *lock, struct onus_error *err)
{
    enum onus_code code = onus_lock_take(at, LOCK, lock, err);
    for (unsigned i = 0; i < TRIES && code == ONUS_E_REFUSED; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        code = onus_lock_take(at, LOCK, lock, err);
    }
    if (code == ONUS_OK && err) {
        *err = (struct onus_error)ONUS_ERROR_INIT;
    }
    return code;
}

static enum onus_code note(const struct onus_vault *vault, const struct onus_custody_event *event,
        bool once, struct onus_error *err)
{
    int at = onus_vault_at(vault);
    int lock = 0;
    struct onus_arena arena;
    struct onus_custody custody = {.count = 0};
    struct onus_buffer text = {0};
    enum onus_code code = take_lock(at, &lock, err);
    if (code != ONUS_OK) {
        return code;
    }
    onus_arena_init(&arena, ONUS_CUSTODY_MAX * 4);
    code = onus_custody_read(at, &arena, &custody, err);
    if (code == ONUS_OK && !(once && is_noted(&custody, event, &arena))) {
        onus_custody_add(&custody, onus_vault_party(vault), event, &text);
        code = onus_buffer_status(&text, err);
        if (code == ONUS_OK) {
            code = append(at, custody.used, onus_buffer_view(&text), err);
        }
    }
    onus_lock_release(lock);
    onus_buffer_clear(&text);
    onus_arena_clear(&arena);
    return code;
}

enum onus_code onus_custody_note(const struct onus_vault *vault,
        const struct onus_custody_event *event, struct onus_error *err)
{
    return note(vault, event, false, err);
}

enum onus_code onus_custody_note_once(const struct onus_vault *vault,
        const struct onus_custody_event *event, struct onus_error *err)
{
    return note(vault, event, true, err);
}
