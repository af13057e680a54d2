/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_IPDB_SOURCE_H
#define ONUS_NET_IPDB_SOURCE_H

/*
 * A file somebody published: what form it has, what it is called, from when it is, and how it
 * becomes a compiled table.
 */

#include "ipdb_file.h"
#include "ipdb_read.h"

enum onus_ipdb_form {
    ONUS_IPDB_FORM_NONE = 0, /* by its name not a table or list */
    ONUS_IPDB_FORM_COMPILED,
    ONUS_IPDB_FORM_CSV,
    ONUS_IPDB_FORM_TOR,
    ONUS_IPDB_FORM_MMDB,
    ONUS_IPDB_FORM_LIBLOC,
    ONUS_IPDB_FORM_PLAIN,
    ONUS_IPDB_FORM_INTERVALS,
    ONUS_IPDB_FORM_MISP,
};

/* By name only: no byte is read. */
enum onus_ipdb_form onus_ipdb_form_of(struct onus_str file_name);

/* Raises with every change of a reader, so that compiled tables are made anew. */
#define ONUS_IPDB_READERS_VERSION 2u

/* Identifies a state of a file: name, size, time of last change, and the version of this program. */
ONUS_NODISCARD enum onus_code onus_ipdb_source_key(const char *path, uint64_t *out,
        struct onus_error *err);

/*
 * Read a file (decompressed on the way) and append its compiled form to *out.
 *
 * date           overrides what the file says; NULL to take the file's own
 * ONUS_END       well-formed, but not about addresses.
 * ONUS_E_MISSING the file has no date and none was given.
 * ONUS_E_FORMAT  it is not in its form.
 */
ONUS_NODISCARD enum onus_code onus_ipdb_source_compile(const char *path,
        const struct onus_ipdb_date *date, struct onus_buffer *out, struct onus_error *err);

/* The whole of a file, decompressed, appended to *out. */
ONUS_NODISCARD enum onus_code onus_ipdb_source_read(const char *path, struct onus_buffer *out,
        struct onus_error *err);

/* The part of a path behind its last '/'. */
struct onus_str onus_ipdb_base_name(const char *path);

#endif
