/* SPDX-License-Identifier: Apache-2.0 */
#include "graves.h"

#include "erase_parts.h"
#include "evidence/custody.h"

#include <stdio.h>
#include <stdlib.h>

struct loading {
    const struct onus_vault *vault;
    onus_fault_found fault;
    void *data;
    struct onus_arena *arena;
    const struct onus_custody *custody; /* NULL: it is not whole */
    struct onus_grave *items;
    size_t count, room;
};

static enum onus_code add(struct loading *loading, const struct onus_erased *erased,
        struct onus_error *err)
{
    if (loading->count == loading->room) {
        size_t room = loading->room == 0 ? 64 : loading->room * 2;
        struct onus_grave *bigger = onus_arena_alloc(loading->arena, room * sizeof(*bigger));
        if (!bigger) {
            return onus_arena_reason(loading->arena, err);
        }
        if (loading->count > 0) {
            memcpy(bigger, loading->items, loading->count * sizeof(*bigger));
        }
        loading->items = bigger;
        loading->room = room;
    }
    loading->items[loading->count++] = (struct onus_grave){.entry = erased->entry,
            .tag = erased->tag,
            .seq = erased->seq,
            .lines = onus_be64_get(erased->values[1].ptr)};
    return ONUS_OK;
}

/* The entry of the log is this record's. One that is not signed yet is entered again when it is. */
static enum onus_code check_entry(const struct loading *loading, const struct onus_erased *erased,
        struct onus_error *err)
{
    const struct onus_log *log = onus_vault_log(loading->vault);
    struct onus_digest leaf;
    struct onus_digest logged;
    if (erased->entry >= onus_log_size(log)) {
        return ONUS_OK;
    }
    onus_erased_entry(erased, NULL, &leaf);
    enum onus_code code = onus_log_leaf(log, erased->entry, &logged, err);
    if (code == ONUS_OK && !onus_digest_eq(&leaf, &logged)) {
        code = onus_fail(err, ONUS_E_MISMATCH, "it is not what entry %llu of the log commits to",
                (unsigned long long)erased->entry);
    }
    return code;
}

static void check_custody(const struct loading *loading, const struct onus_erased *erased,
        const char *path)
{
    struct onus_digest head;
    uint64_t number = 0;
    if (!onus_erased_head(erased, &head)) {
        loading->fault(loading->data, ONUS_E_FORMAT, path, "it names no head of the custody log");
    } else if (loading->custody && !onus_custody_has(loading->custody, &head, &number)) {
        loading->fault(loading->data, ONUS_E_MISMATCH, ONUS_CUSTODY_PATH,
                "it lacks a line whose hash an erasure recorded");
    }
}

static enum onus_code see(void *data, const char *name, struct onus_error *err)
{
    struct loading *loading = data;
    struct onus_erased erased;
    struct onus_error mine = ONUS_ERROR_INIT;
    char path[ONUS_ERASED_NAME];
    if (!onus_erased_name(name, &erased)) {
        return ONUS_OK; /* left by a write, or nobody's; a record that is missed is told by its entry */
    }
    (void)snprintf(path, sizeof(path), ONUS_ERASED_FOLDER "/%.100s", name);
    enum onus_code code = onus_erased_read(loading->vault, name, loading->arena, &erased, &mine);
    if (code == ONUS_OK) {
        code = check_entry(loading, &erased, &mine);
    }
    if (code == ONUS_E_MEMORY) {
        return onus_fail(err, code, "out of memory");
    }
    if (code != ONUS_OK) {
        loading->fault(loading->data, code, path, mine.text);
        return ONUS_OK;
    }
    check_custody(loading, &erased, path);
    return add(loading, &erased, err);
}

static int by_entry(const void *left, const void *right)
{
    uint64_t a = ((const struct onus_grave *)left)->entry;
    uint64_t b = ((const struct onus_grave *)right)->entry;
    return (a > b) - (a < b);
}

enum onus_code onus_graves_load(const struct onus_vault *vault, onus_fault_found fault, void *data,
        struct onus_arena *arena, struct onus_graves *out, struct onus_error *err)
{
    struct onus_custody custody;
    struct onus_error mine = ONUS_ERROR_INIT;
    struct loading loading = {.vault = vault, .fault = fault, .data = data, .arena = arena};
    enum onus_code code = onus_custody_read(onus_vault_at(vault), arena, &custody, &mine);
    if (code == ONUS_OK) {
        loading.custody = &custody;
    } else if (code == ONUS_E_MEMORY) {
        return onus_fail(err, code, "out of memory");
    } else {
        fault(data, code, ONUS_CUSTODY_PATH, mine.text);
    }
    bool pending = false;
    code = onus_erase_pending(vault, &pending, err);
    if (code == ONUS_OK && pending) {
        fault(data, ONUS_E_MISSING, ONUS_ERASE_PATH,
                "an erasure is not finished: the next command that writes to the case finishes it");
    }
    if (code == ONUS_OK) {
        code = onus_erase_names(onus_vault_at(vault), ONUS_ERASED_FOLDER, see, &loading, err);
    }
    if (code == ONUS_OK) {
        if (loading.count > 0) {
            qsort(loading.items, loading.count, sizeof(*loading.items), by_entry);
        }
        *out = (struct onus_graves){loading.items, loading.count, pending};
    }
    return code;
}

bool onus_graves_has(const struct onus_graves *graves, uint64_t entry)
{
    const struct onus_grave key = {.entry = entry};
    return graves->count > 0 &&
           bsearch(&key, graves->items, graves->count, sizeof(key), by_entry) != NULL;
}

uint64_t onus_graves_lines(const struct onus_graves *graves, const struct onus_tag *tag,
        uint64_t seq)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < graves->count; i++) {
        if (graves->items[i].seq == seq && onus_tag_eq(&graves->items[i].tag, tag)) {
            lines += graves->items[i].lines;
        }
    }
    return lines;
}
