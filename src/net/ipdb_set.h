/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_IPDB_SET_H
#define ONUS_NET_IPDB_SET_H

/* How a set is put together; callers of the set use ipdb.h. */

#include "ipdb.h"
#include "ipdb_file.h"

/* A table: one compiled file for both families, or one for each. */
struct onus_ipdb_entry {
    struct onus_ipdb_table about;
    const struct onus_ipdb_file *v4, *v6;
};

struct onus_ipdb {
    bool lazily; /* what this program compiled is checked as it is used */
    struct onus_arena arena;
    struct onus_ipdb_file *files;
    size_t file_count, file_room;
    struct onus_ipdb_entry *tables; /* by day, then name */
    size_t table_count;
    const struct onus_ipdb_file **lists; /* by kind, name, date */
    size_t list_count;
    struct onus_ipdb_note *notes;
    size_t note_count, note_room;
};

/* NULL when out of memory. Release with onus_ipdb_close(). */
struct onus_ipdb *onus_ipdb_set_new(void);

/*
 * Every table and list in a directory and the folders in it, in the order of their names. A file that
 * cannot be used becomes a note. ONUS_E_LIMIT when there are more files than anyone would keep.
 */
ONUS_NODISCARD enum onus_code onus_ipdb_set_add_directory(struct onus_ipdb *ipdb,
        const char *directory, struct onus_error *err);

/* One file; `beside` as for onus_ipdb_cache_open(). */
ONUS_NODISCARD enum onus_code onus_ipdb_set_add_file(struct onus_ipdb *ipdb, const char *path,
        const char *beside, struct onus_error *err);

/* Pair the families, order everything. No file may be added afterwards. */
ONUS_NODISCARD enum onus_code onus_ipdb_set_finish(struct onus_ipdb *ipdb, struct onus_error *err);

#endif
