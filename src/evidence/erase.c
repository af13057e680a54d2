/* SPDX-License-Identifier: Apache-2.0 */
#include "erase_parts.h"

#include "base/str.h"
#include "evidence/custody.h"
#include "sys/durable.h"
#include "text/hex.h"
#include "text/timestamp.h"
#include "vault_parts.h"

#define ERASE_ARENA ((size_t)4 << 30)

/* ---- the key files ---------------------------------------------------------------------------- */

static enum onus_code draw(const struct onus_vault *vault, void *out, size_t size,
        struct onus_error *err)
{
    return vault->options.random(vault->options.data, out, size, err);
}

static enum onus_code copy_tree(const struct onus_keytree *from, struct onus_keytree *out,
        struct onus_error *err)
{
    struct onus_buffer text = {0};
    onus_keytree_format(from, &text);
    enum onus_code code = onus_buffer_status(&text, err);
    if (code == ONUS_OK) {
        code = onus_keytree_parse(onus_buffer_view(&text), out, err);
    }
    onus_secret_clear(&text);
    return code;
}

/*
 * The keys of a source without those of the batches of the plan. When a roll-up lost a key, all roll-ups
 * have tombs by now (bury_rollups()): what they were made from goes, and the next ones get another.
 */
static enum onus_code puncture(const struct onus_vault *vault, const struct onus_erase_plan *plan,
        struct vault_source *source, struct onus_error *err)
{
    struct onus_keytree tree;
    bool rollups = false;
    enum onus_code code = copy_tree(&source->public.keys, &tree, err);
    if (code != ONUS_OK) {
        return code;
    }
    for (size_t i = 0; i < plan->part_count && code == ONUS_OK; i++) {
        const struct onus_erase_part *part = &plan->parts[i];
        if (!onus_tag_eq(&part->tag, &source->public.tag)) {
            continue;
        }
        rollups = rollups || part->rollup;
        code = part->rollup ? ONUS_OK : onus_keytree_puncture(&tree, part->first, err);
    }
    if (code == ONUS_OK && rollups) {
        code = draw(vault, tree.rollups.bytes, sizeof(tree.rollups.bytes), err);
    }
    if (code != ONUS_OK) {
        onus_keytree_clear(&tree);
        return code;
    }
    onus_keytree_clear(&source->public.keys);
    source->public.keys = tree;
    return ONUS_OK;
}

static enum onus_code wrap_log_key(const struct onus_vault *vault, struct onus_error *err)
{
    struct onus_buffer text = {0};
    onus_log_key_format(&vault->seed, &text);
    enum onus_code code = onus_buffer_status(&text, err);
    if (code == ONUS_OK) {
        code = onus_secret_write(vault, VAULT_LOG_KEY, onus_buffer_view(&text), err);
    }
    onus_secret_clear(&text);
    return code;
}

/* Every file is written anew, so that none is left that the old age key opens. */
static enum onus_code change_keys(struct onus_vault *vault, const struct onus_erase_plan *plan,
        struct onus_error *err)
{
    struct onus_age_recipient old;
    enum onus_code code = onus_age_recipient_parse(plan->recipient, &old, err);
    if (code == ONUS_OK) {
        code = onus_identity_renew(vault, &old, err);
    }
    for (size_t i = 0; i < vault->source_count && code == ONUS_OK; i++) {
        struct vault_source *source = vault->sources[i];
        if (!source->public.has_keys) {
            return onus_fail(err, ONUS_E_MISSING,
                    "the keys of source '" ONUS_STR_FMT "' are not there",
                    ONUS_STR_ARG(source->public.name));
        }
        code = puncture(vault, plan, source, err);
        if (code == ONUS_OK) {
            code = onus_vault_keys_save(vault, &source->public, &source->public.keys, err);
        }
    }
    if (code == ONUS_OK) {
        code = wrap_log_key(vault, err);
    }
    return code == ONUS_OK ? onus_identity_destroy(vault, &old, err) : code;
}

/* ---- tombs ------------------------------------------------------------------------------------ */

/* Whether a roll-up is in the signed log. One that is not is made again by whoever made it. */
static enum onus_code is_entered(const struct onus_vault *vault, const struct onus_tag *tag,
        const struct onus_rollup_range *range, bool *out, struct onus_error *err)
{
    char path[ONUS_BATCH_PATH_MAX];
    struct onus_arena arena;
    struct onus_manifest manifest;
    struct onus_str note;
    struct onus_checkpoint checkpoint;
    onus_rollup_path(tag, range->first, range->last, ".man", path);
    onus_arena_init(&arena, VAULT_FILE_MAX * 2);
    enum onus_code code = onus_manifest_load(vault->at, path, &arena, &manifest, err);
    if (code == ONUS_OK) {
        code = onus_log_checkpoint(vault->log, &note, &checkpoint, err);
    }
    if (code == ONUS_OK) {
        *out = manifest.entry < checkpoint.size;
    }
    onus_arena_clear(&arena);
    return code;
}

static enum onus_code remove_rollup(const struct onus_vault *vault, const struct onus_tag *tag,
        const struct onus_rollup_range *range, struct onus_error *err)
{
    char path[ONUS_BATCH_PATH_MAX];
    onus_rollup_path(tag, range->first, range->last, ".idx", path);
    enum onus_code code = onus_durable_wipe(vault->at, path, err);
    if (code == ONUS_OK) {
        onus_rollup_path(tag, range->first, range->last, ".man", path);
        code = onus_durable_wipe(vault->at, path, err);
    }
    return code;
}

/* The other roll-ups of a source whose roll-up key goes: each gets its salts written down. */
static enum onus_code bury_rollups(struct onus_vault *vault, const struct onus_tag *tag,
        const struct onus_tomb_act *act, struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_rollup_range *ranges = NULL;
    size_t count = 0;
    const struct onus_source *source = onus_vault_source_tagged(vault, tag);
    onus_arena_init(&arena, ERASE_ARENA);
    enum onus_code code = source ? onus_erase_rollups(vault, tag, &arena, &ranges, &count, err)
                                 : onus_fail(err, ONUS_E_MISSING, "a source is not there");
    for (size_t i = 0; i < count && code == ONUS_OK; i++) {
        char path[ONUS_BATCH_PATH_MAX];
        bool there = false;
        onus_rollup_path(tag, ranges[i].first, ranges[i].last, ".tmb", path);
        code = onus_durable_exists(vault->at, path, &there, err);
        if (code != ONUS_OK || there) {
            continue;
        }
        struct onus_erase_part part = {.rollup = true,
                .tag = *tag,
                .first = ranges[i].first,
                .last = ranges[i].last,
                .generation = 1};
        bool entered = false;
        code = is_entered(vault, tag, &ranges[i], &entered, err);
        if (code == ONUS_OK && entered) {
            code = onus_erase_bury(vault, &part, act, err);
        } else if (code == ONUS_OK) {
            code = remove_rollup(vault, tag, &ranges[i], err);
        }
    }
    onus_arena_clear(&arena);
    return code;
}

static enum onus_code bury_all(struct onus_vault *vault, const struct onus_erase_plan *plan,
        struct onus_error *err)
{
    const struct onus_tomb_act act = {.time = plan->time, .basis = plan->basis};
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < plan->part_count && code == ONUS_OK; i++) {
        code = onus_erase_bury(vault, &plan->parts[i], &act, err);
    }
    for (size_t i = 0; i < plan->part_count && code == ONUS_OK; i++) {
        bool first = plan->parts[i].rollup &&
                     (i == 0 || !plan->parts[i - 1].rollup ||
                             !onus_tag_eq(&plan->parts[i - 1].tag, &plan->parts[i].tag));
        code = first ? bury_rollups(vault, &plan->parts[i].tag, &act, err) : ONUS_OK;
    }
    return code;
}

/* ---- E entries ---------------------------------------------------------------------------------- */

struct finding {
    const struct onus_erase_part *part;
    struct onus_arena *arena;
    struct onus_vault *vault;
    bool found;
    struct onus_erased erased;
};

static enum onus_code look_at(void *data, const char *name, struct onus_error *err)
{
    struct finding *finding = data;
    struct onus_erased named;
    if (finding->found || !onus_erased_name(name, &named) ||
            !onus_tag_eq(&named.tag, &finding->part->tag) || named.seq != finding->part->first ||
            named.generation != finding->part->generation) {
        return ONUS_OK;
    }
    finding->found = true;
    return onus_erased_read(finding->vault, name, finding->arena, &finding->erased, err);
}

static enum onus_code append(struct onus_vault *vault, const struct onus_erased *erased,
        struct onus_error *err)
{
    struct onus_buffer entry = {0};
    struct onus_digest leaf;
    uint64_t index = 0;
    onus_erased_entry(erased, &entry, &leaf);
    enum onus_code code = onus_buffer_status(&entry, err);
    if (code == ONUS_OK && erased->entry != onus_log_size(vault->log)) {
        code = onus_fail(err, ONUS_E_MISMATCH, "the log is not where an erasure left it");
    }
    if (code == ONUS_OK) {
        code = onus_log_append(vault->log, onus_buffer_view(&entry), &index, err);
    }
    if (code == ONUS_OK) {
        code = onus_log_flush(vault->log, err);
    }
    onus_buffer_clear(&entry);
    return code;
}

/* "2026-11-25T14:30:00Z Example Party custody <64 digits>" */
static enum onus_code who_and_when(const struct onus_vault *vault,
        const struct onus_erase_plan *plan, struct onus_buffer *out, struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_custody custody;
    char time[ONUS_TIME_TEXT] = "-";
    if (plan->time <= (uint64_t)INT64_MAX / ONUS_USEC) {
        (void)onus_time_format((int64_t)plan->time * ONUS_USEC, time);
    }
    onus_arena_init(&arena, ONUS_CUSTODY_MAX * 4);
    enum onus_code code = onus_custody_read(vault->at, &arena, &custody, err);
    if (code == ONUS_OK) {
        onus_buffer_printf(out, "%s ", time);
        onus_buffer_add_str(out, plan->who);
        onus_buffer_add_text(out, " custody ");
        onus_hex_add(out, onus_digest_view(&custody.head));
        code = onus_buffer_status(out, err);
    }
    onus_arena_clear(&arena);
    return code;
}

/* The record of one batch: durable under the number its entry will have, then entered. */
static enum onus_code make_entry(struct onus_vault *vault, const struct onus_erase_plan *plan,
        const struct onus_erase_part *part, struct onus_str who, struct onus_error *err)
{
    uint8_t first[8];
    uint8_t lines[8];
    struct onus_buffer text = {0};
    char path[ONUS_ERASED_NAME];
    onus_be64_put(first, part->range_count > 0 ? part->ranges[0].first : 0);
    onus_be64_put(lines, part->lines);
    struct onus_erased erased = {.entry = onus_log_size(vault->log),
            .tag = part->tag,
            .seq = part->first,
            .generation = part->generation,
            .values = {{(const char *)first, 8}, {(const char *)lines, 8}, plan->basis, who}};
    enum onus_code code = draw(vault, erased.salts, sizeof(erased.salts), err);
    if (code == ONUS_OK) {
        onus_erased_path(&erased, path);
        onus_erased_format(&erased, &text);
        code = onus_buffer_status(&text, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_write(vault->at, path, onus_buffer_view(&text), 0600, err);
    }
    onus_buffer_clear(&text);
    return code == ONUS_OK ? append(vault, &erased, err) : code;
}

static enum onus_code enter(struct onus_vault *vault, const struct onus_erase_plan *plan,
        struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_buffer who = {0};
    onus_arena_init(&arena, ERASE_ARENA);
    enum onus_code code = onus_durable_folder(vault->at, ONUS_ERASED_FOLDER, err);
    if (code == ONUS_OK) {
        code = who_and_when(vault, plan, &who, err);
    }
    for (size_t i = 0; i < plan->part_count && code == ONUS_OK; i++) {
        struct finding finding = {.part = &plan->parts[i], .arena = &arena, .vault = vault};
        if (plan->parts[i].rollup) {
            continue;
        }
        code = onus_erase_names(vault->at, ONUS_ERASED_FOLDER, look_at, &finding, err);
        if (code == ONUS_OK && !finding.found) {
            code = make_entry(vault, plan, &plan->parts[i], onus_buffer_view(&who), err);
        } else if (code == ONUS_OK && finding.erased.entry >= onus_log_size(vault->log)) {
            code = append(vault, &finding.erased, err);
        }
    }
    if (code == ONUS_OK && vault->signs_alone) {
        code = onus_vault_sign(vault, err);
    }
    onus_buffer_clear(&who);
    onus_arena_clear(&arena);
    return code;
}

/* ---- all of it ---------------------------------------------------------------------------------- */

static enum onus_code carry(struct onus_vault *vault, const struct onus_erase_plan *plan,
        struct onus_error *err)
{
    char tool[ONUS_CUSTODY_DETAIL_MAX];
    size_t length = plan->tool.len < sizeof(tool) - 1 ? plan->tool.len : sizeof(tool) - 1;
    memcpy(tool, plan->tool.ptr, length);
    tool[length] = '\0';
    enum onus_code code = onus_custody_note_once(vault,
            &(struct onus_custody_event){.what = ONUS_CUSTODY_ERASE,
                    .detail = plan->words,
                    .tool = tool,
                    .now = plan->time},
            err);
    if (code == ONUS_OK) {
        code = bury_all(vault, plan, err);
    }
    if (code == ONUS_OK) {
        code = change_keys(vault, plan, err);
    }
    if (code == ONUS_OK) {
        code = enter(vault, plan, err);
    }
    return code == ONUS_OK ? onus_durable_remove(vault->at, ONUS_ERASE_PATH, err) : code;
}

enum onus_code onus_erase_carry(struct onus_vault *vault, const struct onus_erase_plan *plan,
        struct onus_error *err)
{
    struct onus_buffer text = {0};
    onus_buffer_init(&text, ONUS_ERASE_MAX);
    onus_erase_format(plan, &text);
    enum onus_code code = onus_buffer_status(&text, err);
    if (code == ONUS_OK) {
        code = onus_durable_write(vault->at, ONUS_ERASE_PATH, onus_buffer_view(&text), 0600, err);
    }
    onus_buffer_clear(&text);
    return code == ONUS_OK ? carry(vault, plan, err) : code;
}

enum onus_code onus_erase_pending(const struct onus_vault *vault, bool *out, struct onus_error *err)
{
    return onus_durable_exists(vault->at, ONUS_ERASE_PATH, out, err);
}

enum onus_code onus_erase_resume(struct onus_vault *vault, struct onus_error *err)
{
    bool pending = false;
    struct onus_arena arena;
    struct onus_str text;
    struct onus_erase_plan plan;
    enum onus_code code = onus_erase_pending(vault, &pending, err);
    if (code != ONUS_OK || !pending) {
        return code;
    }
    onus_arena_init(&arena, ERASE_ARENA);
    code = onus_durable_read(vault->at, ONUS_ERASE_PATH, ONUS_ERASE_MAX, &arena, &text, err);
    if (code == ONUS_OK) {
        code = onus_erase_parse(text, &arena, &plan, err);
    }
    if (code == ONUS_OK) {
        code = carry(vault, &plan, err);
    }
    if (code != ONUS_OK) {
        onus_context(err, "finishing the erasure in '%s'", ONUS_ERASE_PATH);
    }
    onus_arena_clear(&arena);
    return code;
}
