/* SPDX-License-Identifier: Apache-2.0 */
#include "holdings.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "evidence/batch.h"
#include "evidence/rollup.h"
#include "sys/durable.h"
#include "text/decimal.h"
#include "text/hex.h"

enum {
    ANCHOR_MAX = 1 << 20,
    ROLLUPS_MAX = 1 << 20,
};

/* ---- one exhibit ----------------------------------------------------------------------------- */

static enum onus_code show_index(void *data, struct onus_exhibit_index *out, struct onus_error *err)
{
    struct onus_batch *batch = data;
    enum onus_code code = onus_batch_index(batch, &out->index, err);
    if (code == ONUS_OK) {
        out->salts = onus_batch_index_salts(batch);
        out->leaves = onus_batch_row_leaves(batch);
    }
    return code;
}

static enum onus_code show_record(void *data, uint64_t leaf, struct onus_slot out[ONUS_PARTS_MAX],
        size_t *count, struct onus_error *err)
{
    struct onus_batch_slot slots[ONUS_PARTS_MAX];
    enum onus_code code = onus_batch_record(data, leaf, slots, count, err);
    for (size_t i = 0; code == ONUS_OK && i < *count; i++) {
        out[i] = (struct onus_slot){.open = !slots[i].erased,
                .kind = slots[i].kind,
                .salt = slots[i].salt,
                .value = slots[i].value,
                .commitment = slots[i].commit};
    }
    return code;
}

static enum onus_code show_line(void *data, uint64_t number, struct onus_str *out,
        struct onus_error *err)
{
    return onus_batch_line(data, number, out, err);
}

static enum onus_code show_leaves(void *data, struct onus_digests *out, struct onus_error *err)
{
    enum onus_code code = onus_batch_load(data, err);
    if (code == ONUS_OK) {
        *out = onus_batch_line_leaves(data);
    }
    return code;
}

static void close_batch(void *data)
{
    onus_batch_close(data);
}

static const struct onus_exhibit_calls calls = {show_index, show_record, show_line, show_leaves,
        close_batch};

static enum onus_code open_any(struct onus_vault *vault, const struct onus_holding *which,
        struct onus_batch **out, struct onus_error *err)
{
    const struct onus_source *source = onus_vault_source_tagged(vault, &which->tag);
    if (!source) {
        return onus_fail(err, ONUS_E_BUG, "a batch without a source");
    }
    return which->rollup ? onus_rollup_open(vault, source, which->first, which->last, out, err)
                         : onus_batch_open(vault, source, which->first, out, err);
}

static enum onus_code open_holding(void *data, const struct onus_holding *which,
        struct onus_exhibit *out, struct onus_error *err)
{
    struct onus_batch *batch = NULL;
    enum onus_code code = open_any(data, which, &batch, err);
    if (code == ONUS_OK) {
        const struct onus_manifest *manifest = onus_batch_manifest(batch);
        *out = (struct onus_exhibit){.profile = manifest->profile,
                .tag = manifest->tag,
                .first = manifest->first,
                .last = manifest->last,
                .entry = manifest->entry,
                .slot_count = ONUS_MANIFEST_SLOTS,
                .values = manifest->values,
                .salts = onus_batch_salts(batch),
                .commits = onus_batch_slots(batch),
                .calls = &calls,
                .data = batch};
    }
    return code;
}

static enum onus_code path_of(void *data, uint64_t entry, struct onus_proof *out,
        struct onus_error *err)
{
    struct onus_log *log = onus_vault_log(data);
    struct onus_checkpoint checkpoint;
    struct onus_str note;
    enum onus_code code = onus_log_checkpoint(log, &note, &checkpoint, err);
    if (code == ONUS_OK && entry >= checkpoint.size) {
        code = onus_fail(err, ONUS_E_MISSING, "this entry is not in the signed log yet");
    }
    return code == ONUS_OK ? onus_log_inclusion(log, entry, checkpoint.size, out, err) : code;
}

/* ---- the list -------------------------------------------------------------------------------- */

struct listing {
    struct onus_vault *vault;
    struct onus_arena *arena;
    struct onus_holding *list;
    size_t count, room;
    struct onus_error *err;
};

static enum onus_code list_add(struct listing *listing, const struct onus_source *source,
        struct onus_batch *batch)
{
    if (listing->count == listing->room) {
        size_t room = listing->room > 0 ? listing->room * 2 : 256;
        struct onus_holding *list = onus_arena_alloc(listing->arena, room * sizeof(*list));
        if (!list) {
            return onus_arena_reason(listing->arena, listing->err);
        }
        if (listing->count > 0) {
            memcpy(list, listing->list, listing->count * sizeof(*list));
        }
        listing->list = list;
        listing->room = room;
    }
    const struct onus_manifest *manifest = onus_batch_manifest(batch);
    listing->list[listing->count++] = (struct onus_holding){.tag = source->tag,
            .name = source->name,
            .rollup = manifest->profile == ONUS_PROFILE_ROLLUP,
            .first = manifest->first,
            .last = manifest->last,
            .has_time = onus_manifest_value(manifest, ONUS_SLOT_LAST_TIME).len > 0 &&
                        onus_manifest_value(manifest, ONUS_SLOT_FIRST_TIME).len > 0,
            .first_time = onus_manifest_number(manifest, ONUS_SLOT_FIRST_TIME),
            .last_time = onus_manifest_number(manifest, ONUS_SLOT_LAST_TIME),
            .lines = onus_manifest_number(manifest, ONUS_SLOT_LINES)};
    return ONUS_OK;
}

static enum onus_code list_batches(struct listing *listing, const struct onus_source *source)
{
    for (uint64_t seq = 0; seq < source->next_seq; seq++) {
        struct onus_batch *batch = NULL;
        enum onus_code code = onus_batch_open(listing->vault, source, seq, &batch, listing->err);
        if (code == ONUS_OK) {
            code = list_add(listing, source, batch);
        }
        onus_batch_close(batch);
        if (code != ONUS_OK) {
            onus_context(listing->err, "batch %llu of '" ONUS_STR_FMT "'", (unsigned long long)seq,
                    ONUS_STR_ARG(source->name));
            return code;
        }
    }
    return ONUS_OK;
}

/* "5-9.man" */
static bool range_of(const char *name, struct onus_rollup_range *out)
{
    struct onus_str text = onus_str_of(name);
    struct onus_str first;
    return onus_str_drop(&text, ONUS_STR(".man")) && onus_str_cut(&text, '-', &first) &&
           onus_decimal_parse(first, &out->first) && onus_decimal_parse(text, &out->last);
}

static int compare_ranges(const void *a, const void *b)
{
    const struct onus_rollup_range *x = a;
    const struct onus_rollup_range *y = b;
    int first = (x->first > y->first) - (x->first < y->first);
    return first != 0 ? first : (x->last > y->last) - (x->last < y->last);
}

/* The folder of the roll-ups of a source; -1 when it has none. */
static int open_folder(const struct listing *listing, const struct onus_source *source)
{
    char path[ONUS_BATCH_PATH_MAX];
    onus_rollup_path(&source->tag, 0, 0, "", path);
    char *name = strrchr(path, '/');
    if (!name) {
        return -1;
    }
    *name = '\0';
    return openat(onus_vault_at(listing->vault), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int is_manifest(const struct dirent *entry)
{
    struct onus_rollup_range range;
    return range_of(entry->d_name, &range);
}

static enum onus_code find_ranges(struct listing *listing, const struct onus_source *source,
        struct onus_rollup_range **out, size_t *count)
{
    struct dirent **entries = NULL;
    int folder = open_folder(listing, source);
    int found = folder >= 0 ? scandirat(folder, ".", &entries, is_manifest, NULL) : 0;
    if (folder >= 0) {
        (void)close(folder);
    }
    if (found < 0 || found > ROLLUPS_MAX) {
        return onus_fail(listing->err, ONUS_E_IO,
                "the roll-ups of '" ONUS_STR_FMT "' cannot be listed", ONUS_STR_ARG(source->name));
    }
    struct onus_rollup_range *ranges =
            onus_arena_alloc(listing->arena, ((size_t)found + 1) * sizeof(*ranges));
    *count = 0;
    for (int i = 0; i < found; i++) {
        *count += ranges && range_of(entries[i]->d_name, &ranges[*count]);
        free(entries[i]);
    }
    free(entries);
    if (!ranges) {
        return onus_arena_reason(listing->arena, listing->err);
    }
    qsort(ranges, *count, sizeof(*ranges), compare_ranges);
    *out = ranges;
    return ONUS_OK;
}

/* One that is not in the signed log yet is passed over: the batches serve. */
static enum onus_code list_rollups(struct listing *listing, const struct onus_source *source)
{
    struct onus_rollup_range *ranges = NULL;
    size_t count = 0;
    enum onus_code code = find_ranges(listing, source, &ranges, &count);
    for (size_t i = 0; code == ONUS_OK && i < count; i++) {
        struct onus_batch *batch = NULL;
        if (ranges[i].last < ranges[i].first || ranges[i].last >= source->next_seq) {
            continue;
        }
        code = onus_rollup_open(listing->vault, source, ranges[i].first, ranges[i].last, &batch,
                listing->err);
        if (code == ONUS_OK) {
            code = list_add(listing, source, batch);
        } else if (code == ONUS_E_MISSING) {
            code = ONUS_OK;
        }
        onus_batch_close(batch);
    }
    return code;
}

enum onus_code onus_holdings_of_vault(struct onus_vault *vault, struct onus_arena *arena,
        struct onus_holdings *out, struct onus_error *err)
{
    struct listing listing = {.vault = vault, .arena = arena, .err = err};
    struct onus_checkpoint checkpoint;
    struct onus_str note;
    enum onus_code code = onus_log_checkpoint(onus_vault_log(vault), &note, &checkpoint, err);
    if (code == ONUS_E_MISSING) {
        return onus_fail(err, ONUS_E_MISSING,
                "nothing is sealed and signed here yet: onus seal, "
                "then onus checkpoint");
    }
    for (size_t i = 0; code == ONUS_OK && i < onus_vault_source_count(vault); i++) {
        const struct onus_source *source = onus_vault_source_at(vault, i);
        code = list_batches(&listing, source);
        if (code == ONUS_OK) {
            code = list_rollups(&listing, source);
        }
    }
    if (code == ONUS_OK) {
        *out = (struct onus_holdings){.list = listing.list,
                .count = listing.count,
                .checkpoint = note,
                .data = vault,
                .open = open_holding,
                .path = path_of};
    }
    return code;
}

/* ---- anchors --------------------------------------------------------------------------------- */

static enum onus_code read_anchor(struct onus_vault *vault, struct onus_str digest,
        struct onus_arena *arena, struct onus_str *out, struct onus_error *err)
{
    char path[128];
    char hex[65] = "";
    struct onus_digest found;
    onus_hex_put(hex, digest);
    (void)snprintf(path, sizeof(path), "vault/anchors/%s", hex);
    enum onus_code code =
            onus_durable_read(onus_vault_at(vault), path, ANCHOR_MAX, arena, out, err);
    if (code == ONUS_OK) {
        onus_sha256(*out, &found);
        if (!onus_str_eq(onus_digest_view(&found), digest)) {
            code = onus_fail(err, ONUS_E_MISMATCH, "'%s' is not the note of that hash", path);
        }
    }
    return code;
}

enum onus_code onus_holdings_anchor(struct onus_vault *vault, const struct onus_holdings *holdings,
        struct onus_arena *arena, struct onus_str *out, struct onus_error *err)
{
    uint64_t newest = 0;
    *out = ONUS_STR_NONE;
    for (size_t i = 0; i < holdings->count; i++) {
        if (holdings->list[i].rollup) {
            continue;
        }
        struct onus_batch *batch = NULL;
        enum onus_code code = open_any(vault, &holdings->list[i], &batch, err);
        if (code != ONUS_OK) {
            return code;
        }
        const struct onus_manifest *manifest = onus_batch_manifest(batch);
        struct onus_str digest = onus_manifest_value(manifest, ONUS_SLOT_ANCHOR);
        if (digest.len == sizeof(struct onus_digest) && manifest->entry >= newest) {
            struct onus_str note;
            newest = manifest->entry;
            code = read_anchor(vault, digest, arena, &note, err);
            *out = code == ONUS_OK ? note : *out;
        }
        onus_batch_close(batch);
        if (code != ONUS_OK && code != ONUS_E_MISSING) {
            return code;
        }
    }
    return ONUS_OK;
}
