/* SPDX-License-Identifier: Apache-2.0 */
#include "ipdb_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/str.h"
#include "ipdb_kind.h"
#include "sys/reader.h"

#define SOURCE_MAX 1073741824u /* bytes of a decompressed source */

enum {
    READ_SIZE = 262144
};

struct form_rule {
    struct onus_str suffix;
    enum onus_ipdb_form form;
};

static const struct form_rule forms[] = {
        {{".csv", 4}, ONUS_IPDB_FORM_CSV},
        {{".mmdb", 5}, ONUS_IPDB_FORM_MMDB},
        {{".db", 3}, ONUS_IPDB_FORM_LIBLOC},
        {{".json", 5}, ONUS_IPDB_FORM_MISP},
        {{".txt", 4}, ONUS_IPDB_FORM_PLAIN},
        {{".tsv", 4}, ONUS_IPDB_FORM_INTERVALS},
        {{".ipdb", 5}, ONUS_IPDB_FORM_COMPILED},
};

struct onus_str onus_ipdb_base_name(const char *path)
{
    struct onus_str all = onus_str_of(path);
    size_t slash = onus_str_rfind_char(all, '/');
    return slash == ONUS_STR_NPOS ? all : onus_str_from(all, slash + 1);
}

static struct onus_str without_compression(struct onus_str name)
{
    static const struct onus_str suffixes[] = {{".zst", 4}, {".gz", 3}, {".xz", 3}, {".bz2", 4}};
    for (size_t i = 0; i < ONUS_COUNT(suffixes); i++) {
        if (onus_str_drop(&name, suffixes[i])) {
            break;
        }
    }
    return name;
}

static bool is_tor(struct onus_str name)
{
    return onus_str_eq(name, ONUS_STR("geoip")) || onus_str_eq(name, ONUS_STR("geoip6"));
}

enum onus_ipdb_form onus_ipdb_form_of(struct onus_str file_name)
{
    struct onus_str name = without_compression(file_name);
    for (size_t i = 0; i < ONUS_COUNT(forms); i++) {
        if (name.len > forms[i].suffix.len && onus_str_ends(name, forms[i].suffix)) {
            return forms[i].form;
        }
    }
    return is_tor(name) ? ONUS_IPDB_FORM_TOR : ONUS_IPDB_FORM_NONE;
}

static onus_ipdb_reader *reader_of(enum onus_ipdb_form form)
{
    switch (form) {
    case ONUS_IPDB_FORM_CSV:
        return onus_ipdb_read_csv;
    case ONUS_IPDB_FORM_TOR:
        return onus_ipdb_read_tor;
    case ONUS_IPDB_FORM_MMDB:
        return onus_ipdb_read_mmdb;
    case ONUS_IPDB_FORM_LIBLOC:
        return onus_ipdb_read_libloc;
    case ONUS_IPDB_FORM_PLAIN:
        return onus_ipdb_read_plain;
    case ONUS_IPDB_FORM_INTERVALS:
        return onus_ipdb_read_intervals;
    case ONUS_IPDB_FORM_MISP:
        return onus_ipdb_read_misp;
    case ONUS_IPDB_FORM_NONE:
    case ONUS_IPDB_FORM_COMPILED:
    default:
        return NULL;
    }
}

static bool is_list(enum onus_ipdb_form form)
{
    return form == ONUS_IPDB_FORM_PLAIN || form == ONUS_IPDB_FORM_INTERVALS ||
           form == ONUS_IPDB_FORM_MISP;
}

enum onus_code onus_ipdb_source_key(const char *path, uint64_t *out, struct onus_error *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return onus_fail(err, ONUS_E_IO, "cannot read '%s': %s", path, strerrordesc_np(errno));
    }
    const int64_t facts[] = {(int64_t)st.st_size, (int64_t)st.st_mtim.tv_sec,
            (int64_t)st.st_mtim.tv_nsec,
            (int64_t)ONUS_IPDB_READERS_VERSION << 32 | (int64_t)ONUS_IPDB_FORMAT_VERSION};
    struct onus_str name = onus_ipdb_base_name(path);
    uint64_t state = onus_hash_stable(ONUS_HASH_STABLE_INIT, name.ptr, name.len);
    *out = onus_hash_stable(state, facts, sizeof(facts));
    return ONUS_OK;
}

static enum onus_code read_all(struct onus_reader *reader, struct onus_buffer *out,
        struct onus_error *err)
{
    static const size_t piece = READ_SIZE;
    char *room = malloc(piece);
    if (!room) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    size_t got = 0;
    enum onus_code code = ONUS_OK;
    do {
        got = 0;
        code = onus_reader_read(reader, room, piece, &got, err);
        if (code == ONUS_OK) {
            onus_buffer_add(out, room, got);
            code = onus_buffer_status(out, err);
        }
    } while (code == ONUS_OK && got > 0);
    free(room);
    return code;
}

enum onus_code onus_ipdb_source_read(const char *path, struct onus_buffer *out,
        struct onus_error *err)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return onus_fail(err, ONUS_E_IO, "cannot open '%s': %s", path, strerrordesc_np(errno));
    }
    struct onus_reader *reader = NULL;
    enum onus_code code = onus_reader_open(descriptor, path, &reader, err);
    if (code != ONUS_OK) {
        (void)close(descriptor);
        return code;
    }
    code = read_all(reader, out, err);
    onus_reader_close(reader);
    return code;
}

/* From strongest to weakest: what the caller says, the file name, the file itself, its kind. */
static enum onus_code decide_date(const struct onus_ipdb_date *given,
        const struct onus_ipdb_date *named, const struct onus_ipdb_found *found,
        const struct onus_ipdb_kind *kind, struct onus_ipdb_date *out, struct onus_error *err)
{
    if (given && given->text[0] != '\0') {
        *out = *given;
    } else if (named->text[0] != '\0') {
        *out = *named;
    } else if (found->date.text[0] != '\0') {
        *out = found->date;
    } else if (!kind->date || !onus_ipdb_date_parse(onus_str_of(kind->date), out)) {
        return onus_fail(err, ONUS_E_MISSING,
                "no date in its name (..._YYYY-MM) or inside, and undated tables give no answers: "
                "add it with 'onus ipdb add --date'");
    }
    return ONUS_OK;
}

static enum onus_code compile(struct onus_str bytes, const char *path,
        const struct onus_ipdb_date *given, struct onus_ipdb_build *build, struct onus_buffer *out,
        struct onus_error *err)
{
    struct onus_ipdb_about about = {.source = onus_ipdb_base_name(path)};
    enum onus_ipdb_form form = onus_ipdb_form_of(about.source);
    onus_ipdb_reader *reader = reader_of(form);
    if (!reader) {
        return onus_fail(err, ONUS_E_FORMAT, "is no form of table this program knows");
    }
    struct onus_ipdb_found found = {.overlap = ONUS_IPDB_OVERLAP_LATER};
    enum onus_code code = reader(bytes, build, &found, err);
    if (code == ONUS_OK) {
        code = onus_ipdb_build_order(build, found.overlap, err);
    }
    if (code == ONUS_OK) {
        code = onus_ipdb_source_key(path, &about.source_key, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_ipdb_date named;
    static const struct onus_ipdb_kind table = {"", NULL};
    onus_ipdb_date_from_file_name(about.source, &about.name, &named);
    const struct onus_ipdb_kind *kind = is_list(form) ? onus_ipdb_kind_of(about.name) : &table;
    about.list_kind = onus_str_of(kind->kind);
    if (form == ONUS_IPDB_FORM_TOR) {
        about.name = ONUS_STR("tor-geoip");
    } else if (form == ONUS_IPDB_FORM_LIBLOC && onus_str_eq(about.name, ONUS_STR("location"))) {
        about.name = ONUS_STR("libloc");
    }
    code = decide_date(given, &named, &found, kind, &about.date, err);
    return code == ONUS_OK ? onus_ipdb_file_write(build, &about, out, err) : code;
}

enum onus_code onus_ipdb_source_compile(const char *path, const struct onus_ipdb_date *date,
        struct onus_buffer *out, struct onus_error *err)
{
    struct onus_buffer bytes = {.limit = SOURCE_MAX};
    struct onus_ipdb_build build = {.rows = NULL};
    enum onus_code code = onus_ipdb_source_read(path, &bytes, err);
    if (code == ONUS_OK) {
        code = compile(onus_buffer_view(&bytes), path, date, &build, out, err);
        if (code != ONUS_OK && code != ONUS_END) {
            onus_context(err, "'%s'", path);
        }
    }
    onus_ipdb_build_clear(&build);
    onus_buffer_clear(&bytes);
    return code;
}
