/* SPDX-License-Identifier: Apache-2.0 */
#include "ipdb_set.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/str.h"
#include "ipdb_cache.h"
#include "ipdb_source.h"

enum {
    FILES_MAX = 4096,
    DEPTH_MAX = 3,
    SET_TEXT_MAX = 16777216
};

struct onus_ipdb *onus_ipdb_set_new(void)
{
    struct onus_ipdb *ipdb = calloc(1, sizeof(*ipdb));
    if (ipdb) {
        onus_arena_init(&ipdb->arena, SET_TEXT_MAX);
    }
    return ipdb;
}

static enum onus_code note(struct onus_ipdb *ipdb, const char *text, bool refused,
        struct onus_error *err)
{
    if (ipdb->note_count == ipdb->note_room) {
        size_t wanted = ipdb->note_room * 2 + 16;
        struct onus_ipdb_note *bigger = reallocarray(ipdb->notes, wanted, sizeof(*bigger));
        if (!bigger) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
        ipdb->notes = bigger;
        ipdb->note_room = wanted;
    }
    struct onus_str copy;
    enum onus_code code = onus_arena_copy(&ipdb->arena, onus_str_of(text), &copy, err);
    if (code == ONUS_OK) {
        ipdb->notes[ipdb->note_count++] = (struct onus_ipdb_note){copy, refused};
    }
    return code;
}

static enum onus_code room_for_file(struct onus_ipdb *ipdb, struct onus_error *err)
{
    if (ipdb->file_count < ipdb->file_room) {
        return ONUS_OK;
    }
    if (ipdb->file_count >= FILES_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "more than %d tables", FILES_MAX);
    }
    size_t wanted = ipdb->file_room * 2 + 16;
    struct onus_ipdb_file *bigger = reallocarray(ipdb->files, wanted, sizeof(*bigger));
    if (!bigger) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    ipdb->files = bigger;
    ipdb->file_room = wanted;
    return ONUS_OK;
}

enum onus_code onus_ipdb_set_add_file(struct onus_ipdb *ipdb, const char *path, const char *beside,
        struct onus_error *err)
{
    enum onus_ipdb_form form = onus_ipdb_form_of(onus_ipdb_base_name(path));
    if (form == ONUS_IPDB_FORM_NONE) {
        return ONUS_OK;
    }
    enum onus_code code = room_for_file(ipdb, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_error why = ONUS_ERROR_INIT;
    struct onus_ipdb_file *file = &ipdb->files[ipdb->file_count];
    code = form == ONUS_IPDB_FORM_COMPILED
                   ? onus_ipdb_file_open(path, file, &why)
                   : onus_ipdb_cache_open(path, beside, ipdb->lazily, file, &why);
    if (code == ONUS_OK) {
        ipdb->file_count++;
        return ONUS_OK;
    }
    if (code == ONUS_E_MEMORY) {
        return onus_fail(err, code, "%s", why.text);
    }
    if (code == ONUS_END) {
        (void)onus_fail(&why, code, "'%s' holds no addresses", path);
    }
    return note(ipdb, why.text, code != ONUS_END, err);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort(): it follows the locale */
}

static enum onus_code add_folder(struct onus_ipdb *ipdb, const char *folder, const char *top,
        unsigned depth, struct onus_error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, visible, compare_names);
    if (count < 0) {
        return depth == 0 ? onus_fail(err, ONUS_E_IO, "cannot read the directory '%s'", folder)
                          : ONUS_OK;
    }
    enum onus_code code = ONUS_OK;
    for (int i = 0; i < count; i++) {
        char path[ONUS_IPDB_PATH];
        struct stat st;
        int n = snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
        if (code != ONUS_OK || n < 0 || n >= ONUS_IPDB_PATH || stat(path, &st) != 0) {
            continue;
        }
        if (S_ISREG(st.st_mode)) {
            code = onus_ipdb_set_add_file(ipdb, path, top, err);
        } else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX) {
            code = add_folder(ipdb, path, top, depth + 1, err);
        }
    }
    free(entries);
    return code;
}

enum onus_code onus_ipdb_set_add_directory(struct onus_ipdb *ipdb, const char *directory,
        struct onus_error *err)
{
    return add_folder(ipdb, directory, directory, 0, err);
}

static int compare_entries(const void *left, const void *right)
{
    const struct onus_ipdb_table *a = &((const struct onus_ipdb_entry *)left)->about;
    const struct onus_ipdb_table *b = &((const struct onus_ipdb_entry *)right)->about;
    if (a->day != b->day) {
        return a->day < b->day ? -1 : 1;
    }
    int order = onus_str_compare(a->name, b->name);
    return order != 0 ? order : onus_str_compare(a->source, b->source);
}

static int compare_lists(const void *left, const void *right)
{
    const struct onus_ipdb_about *a = &(*(const struct onus_ipdb_file *const *)left)->about;
    const struct onus_ipdb_about *b = &(*(const struct onus_ipdb_file *const *)right)->about;
    int order = onus_str_compare(a->list_kind, b->list_kind);
    order = order != 0 ? order : onus_str_compare(a->name, b->name);
    order = order != 0 ? order : (a->date.day > b->date.day) - (a->date.day < b->date.day);
    return order != 0 ? order : onus_str_compare(a->source, b->source);
}

static enum onus_code join_sources(struct onus_ipdb *ipdb, struct onus_ipdb_table *table,
        struct onus_str more, struct onus_error *err)
{
    size_t size = table->source.len + 3 + more.len;
    char *text = onus_arena_alloc(&ipdb->arena, size);
    if (!text) {
        return onus_arena_reason(&ipdb->arena, err);
    }
    static const char plus[3] = {' ', '+', ' '};
    memcpy(text, table->source.ptr, table->source.len);
    memcpy(text + table->source.len, plus, sizeof(plus));
    memcpy(text + table->source.len + sizeof(plus), more.ptr, more.len);
    table->source = (struct onus_str){text, size};
    return ONUS_OK;
}

/* The table of the same name and date that lacks what this file has. */
static struct onus_ipdb_entry *partner(struct onus_ipdb *ipdb, const struct onus_ipdb_file *file,
        bool *taken)
{
    *taken = false;
    for (size_t i = 0; i < ipdb->table_count; i++) {
        struct onus_ipdb_entry *entry = &ipdb->tables[i];
        if (!onus_str_eq(entry->about.name, file->about.name) ||
                !onus_str_eq(entry->about.date, onus_str_of(file->about.date.text))) {
            continue;
        }
        *taken = (entry->v4 && file->v4.rows > 0) || (entry->v6 && file->v6.rows > 0);
        return entry;
    }
    return NULL;
}

static enum onus_code place_table(struct onus_ipdb *ipdb, const struct onus_ipdb_file *file,
        struct onus_error *err)
{
    bool taken = false;
    struct onus_ipdb_entry *entry = partner(ipdb, file, &taken);
    if (taken) {
        struct onus_error why = ONUS_ERROR_INIT;
        (void)onus_fail(&why, ONUS_E_FORMAT,
                "'" ONUS_STR_FMT "' is another table named '" ONUS_STR_FMT "' of %s",
                ONUS_STR_ARG(file->about.source), ONUS_STR_ARG(file->about.name),
                file->about.date.text);
        return note(ipdb, why.text, true, err);
    }
    enum onus_code code = ONUS_OK;
    if (entry) {
        code = join_sources(ipdb, &entry->about, file->about.source, err);
    } else {
        entry = &ipdb->tables[ipdb->table_count++];
        entry->about = (struct onus_ipdb_table){.name = file->about.name,
                .date = onus_str_of(file->about.date.text),
                .day = file->about.date.day,
                .source = file->about.source};
    }
    entry->about.knows |= file->about.knows;
    entry->about.overlaps += file->about.overlaps;
    entry->about.left_out += file->about.left_out;
    entry->about.rows += file->v4.rows + file->v6.rows;
    entry->v4 = file->v4.rows > 0 ? file : entry->v4;
    entry->v6 = file->v6.rows > 0 ? file : entry->v6;
    return code;
}

enum onus_code onus_ipdb_set_finish(struct onus_ipdb *ipdb, struct onus_error *err)
{
    if (ipdb->file_count == 0) {
        return ONUS_OK;
    }
    /* NOLINTBEGIN(bugprone-sizeof-expression): they are tables of pointers */
    ipdb->tables = onus_arena_alloc(&ipdb->arena, ipdb->file_count * sizeof(ipdb->tables[0]));
    ipdb->lists = onus_arena_alloc(&ipdb->arena, ipdb->file_count * sizeof(ipdb->lists[0]));
    /* NOLINTEND(bugprone-sizeof-expression) */
    if (!ipdb->tables || !ipdb->lists) {
        return onus_arena_reason(&ipdb->arena, err);
    }
    for (size_t i = 0; i < ipdb->file_count; i++) {
        const struct onus_ipdb_file *file = &ipdb->files[i];
        if (file->about.list_kind.len > 0) {
            ipdb->lists[ipdb->list_count++] = file;
            continue;
        }
        enum onus_code code = place_table(ipdb, file, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    /* NOLINTBEGIN(bugprone-sizeof-expression): they are tables of pointers */
    qsort(ipdb->tables, ipdb->table_count, sizeof(ipdb->tables[0]), compare_entries);
    qsort(ipdb->lists, ipdb->list_count, sizeof(ipdb->lists[0]), compare_lists);
    /* NOLINTEND(bugprone-sizeof-expression) */
    return ONUS_OK;
}
