/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "sys/durable.h"
#include "text/hex.h"

enum {
    NOTE_MAX = 131072,
    LATEST_MAX = 128,
    HEX = 64
};

#define FOLDER "vault/anchors"
#define LATEST FOLDER "/latest"

static enum onus_code open_case(const char *case_folder, int *out, struct onus_error *err)
{
    *out = open(case_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*out < 0) {
        int reason = errno;
        enum onus_code code = onus_fail(err, reason == ENOENT ? ONUS_E_MISSING : ONUS_E_IO,
                "cannot open the case '%s'", case_folder);
        if (err) {
            err->sys_errno = reason;
        }
        return code;
    }
    return ONUS_OK;
}

static void path_of(const struct onus_digest *hash, char out[static sizeof(FOLDER) + 1 + HEX])
{
    memcpy(out, FOLDER "/", sizeof(FOLDER));
    onus_hex_put(out + sizeof(FOLDER), onus_digest_view(hash));
    out[sizeof(FOLDER) + HEX] = '\0';
}

static enum onus_code read_note(int at, const struct onus_digest *hash, struct onus_arena *arena,
        struct onus_str *out, struct onus_error *err)
{
    char path[sizeof(FOLDER) + 1 + HEX];
    path_of(hash, path);
    struct onus_str note;
    enum onus_code code = onus_durable_read(at, path, NOTE_MAX, arena, &note, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_digest found;
    onus_sha256(note, &found);
    if (!onus_digest_eq(&found, hash)) {
        return onus_fail(err, ONUS_E_MISMATCH, "the anchor '%s' is not the note it is named after",
                path);
    }
    *out = note;
    return ONUS_OK;
}

static enum onus_code read_latest(int at, struct onus_arena *arena, struct onus_digest *out,
        struct onus_error *err)
{
    struct onus_str text;
    struct onus_str note;
    struct onus_digest hash;
    enum onus_code code = onus_durable_read(at, LATEST, LATEST_MAX, arena, &text, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!onus_str_drop(&text, ONUS_STR("\n")) ||
            !onus_hex_exact(text, hash.bytes, sizeof(hash.bytes))) {
        return onus_fail(err, ONUS_E_FORMAT, "'%s' is not the name of an anchor", LATEST);
    }
    code = read_note(at, &hash, arena, &note, err);
    if (code == ONUS_E_MISSING) {
        return onus_fail(err, ONUS_E_MISMATCH, "'%s' names an anchor that is not there", LATEST);
    }
    if (code == ONUS_OK) {
        *out = hash;
    }
    return code;
}

enum onus_code onus_anchor_latest(const char *case_folder, struct onus_digest *out,
        struct onus_error *err)
{
    int at = -1;
    enum onus_code code = open_case(case_folder, &at, err);
    if (code == ONUS_OK) {
        struct onus_arena arena;
        onus_arena_init(&arena, (size_t)4 * NOTE_MAX);
        code = read_latest(at, &arena, out, err);
        onus_arena_clear(&arena);
        (void)close(at);
    }
    return code;
}

enum onus_code onus_anchor_read(const char *case_folder, const struct onus_digest *hash,
        struct onus_buffer *out, struct onus_error *err)
{
    int at = -1;
    enum onus_code code = open_case(case_folder, &at, err);
    if (code == ONUS_OK) {
        struct onus_arena arena;
        struct onus_str note = ONUS_STR_NONE;
        onus_arena_init(&arena, (size_t)4 * NOTE_MAX);
        code = read_note(at, hash, &arena, &note, err);
        if (code == ONUS_OK) {
            onus_buffer_add_str(out, note);
            code = onus_buffer_status(out, err);
        }
        onus_arena_clear(&arena);
        (void)close(at);
    }
    return code;
}

enum onus_code onus_anchor_add(const char *case_folder, struct onus_str note,
        struct onus_digest *hash, struct onus_error *err)
{
    int at = -1;
    if (note.len > NOTE_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "a note of more than %d bytes", NOTE_MAX);
    }
    enum onus_code code = open_case(case_folder, &at, err);
    if (code != ONUS_OK) {
        return code;
    }
    char path[sizeof(FOLDER) + 1 + HEX];
    char latest[HEX + 1];
    onus_sha256(note, hash);
    path_of(hash, path);
    onus_hex_put(latest, onus_digest_view(hash));
    latest[HEX] = '\n';
    code = onus_durable_folder(at, FOLDER, err);
    if (code == ONUS_OK) {
        code = onus_durable_write(at, path, note, 0600, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_write(at, LATEST, (struct onus_str){latest, sizeof(latest)}, 0600, err);
    }
    (void)close(at);
    return code;
}
