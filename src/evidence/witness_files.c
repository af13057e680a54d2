/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "evidence/witness.h"
#include "evidence/witness_parts.h"
#include "sys/durable.h"

enum {
    FILE_MAX = 1 << 20,
    ARENA_MAX = 8 << 20
};

#define MAGIC  "onus/witness/v1"
#define CARD   "witness"
#define LOGS   "logs"
#define STATE  "state"
#define LOCK   "lock"
#define NO_LOG "# The logs this witness knows, one a line: log VKEY\n"

static enum onus_code no_folder(const char *folder, struct onus_error *err)
{
    int reason = errno;
    enum onus_code code = onus_fail(err, reason == ENOENT ? ONUS_E_MISSING : ONUS_E_IO,
            "cannot open the witness's folder '%s'", folder);
    if (err) {
        err->sys_errno = reason;
    }
    return code;
}

/* ---- making one ------------------------------------------------------------------------------ */

static enum onus_code make_folder(const char *folder, int *at, struct onus_error *err)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return no_folder(folder, err);
    }
    *at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *at >= 0 ? ONUS_OK : no_folder(folder, err);
}

static enum onus_code write_files(int at, const struct onus_vkey *key,
        const struct onus_ed25519_seed *seed, struct onus_random_source random,
        struct onus_str vkey, struct onus_error *err)
{
    struct onus_buffer card;
    onus_buffer_init(&card, FILE_MAX);
    onus_buffer_printf(&card, MAGIC "\nname " ONUS_STR_FMT "\nvkey ", (int)key->name.len,
            key->name.ptr);
    onus_buffer_add_str(&card, vkey);
    enum onus_code code = onus_buffer_status(&card, err);
    if (code == ONUS_OK) {
        code = onus_witness_key_write(at, seed, random, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_folder(at, STATE, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_write(at, LOGS, ONUS_STR(NO_LOG), 0600, err);
    }
    if (code == ONUS_OK) { /* the last one: without it there is no witness */
        code = onus_durable_write(at, CARD, onus_buffer_view(&card), 0600, err);
    }
    onus_buffer_clear(&card);
    return code;
}

enum onus_code onus_witness_init(const char *folder, struct onus_str name,
        struct onus_random_source random, struct onus_buffer *vkey, struct onus_error *err)
{
    struct onus_ed25519_seed seed;
    struct onus_ed25519_public public_key;
    struct onus_vkey key;
    int at = -1;
    bool there = false;
    enum onus_code code = random.fill(random.data, seed.bytes, sizeof(seed.bytes), err);
    if (code == ONUS_OK) {
        code = onus_ed25519_public_of(&seed, &public_key, err);
    }
    if (code == ONUS_OK) {
        code = onus_vkey_make(name, ONUS_VKEY_COSIGNATURE, &public_key, &key, err);
        code = code == ONUS_E_FORMAT ? ONUS_E_ARGUMENT : code;
        if (code == ONUS_E_ARGUMENT && err) {
            err->code = code;
        }
    }
    if (code == ONUS_OK) {
        code = make_folder(folder, &at, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_exists(at, CARD, &there, err);
    }
    if (code == ONUS_OK && there) {
        code = onus_fail(err, ONUS_E_REFUSED, "there is a witness in '%s' already", folder);
    }
    if (code == ONUS_OK) {
        size_t start = vkey->len;
        onus_vkey_add(vkey, &key);
        onus_buffer_add_char(vkey, '\n');
        code = onus_buffer_status(vkey, err);
        if (code == ONUS_OK) {
            code = write_files(at, &key, &seed, random,
                    onus_str_from(onus_buffer_view(vkey), start), err);
        }
    }
    explicit_bzero(&seed, sizeof(seed));
    if (at >= 0) {
        (void)close(at);
    }
    return code;
}

/* ---- opening --------------------------------------------------------------------------------- */

static enum onus_code parse_card(struct onus_str text, struct onus_vkey *out,
        struct onus_error *err)
{
    struct onus_str line;
    struct onus_str name;
    if (!onus_str_cut(&text, '\n', &line) || !onus_str_eq(line, ONUS_STR(MAGIC))) {
        return onus_fail(err, ONUS_E_FORMAT, "'%s' does not begin with '%s'", CARD, MAGIC);
    }
    if (!onus_str_cut(&text, '\n', &name) || !onus_str_skip(&name, ONUS_STR("name ")) ||
            !onus_str_cut(&text, '\n', &line) || !onus_str_skip(&line, ONUS_STR("vkey ")) ||
            text.len != 0) {
        return onus_fail(err, ONUS_E_FORMAT, "'%s' is not a line 'name' and a line 'vkey'", CARD);
    }
    enum onus_code code = onus_vkey_parse(line, out, err);
    if (code == ONUS_OK && (!onus_str_eq(out->name, name) || out->type != ONUS_VKEY_COSIGNATURE)) {
        return onus_fail(err, ONUS_E_FORMAT, "the vkey in '%s' is not that of a witness called so",
                CARD);
    }
    return code;
}

/* The key on disk must be the one the card shows to others. */
static enum onus_code read_key(struct onus_witness *witness, struct onus_error *err)
{
    struct onus_ed25519_public public_key;
    enum onus_code code = onus_witness_key_read(witness->folder, &witness->seed, err);
    if (code == ONUS_OK) {
        code = onus_ed25519_public_of(&witness->seed, &public_key, err);
    }
    if (code == ONUS_OK &&
            memcmp(public_key.bytes, witness->key.key.bytes, sizeof(public_key.bytes)) != 0) {
        return onus_fail(err, ONUS_E_MISMATCH, "the key in 'keys' is not that of the vkey in '%s'",
                CARD);
    }
    return code;
}

static bool knows(const struct onus_witness *witness, const struct onus_vkey *key)
{
    for (size_t i = 0; i < witness->log_count; i++) {
        const struct onus_vkey *other = &witness->logs[i];
        if (onus_str_eq(other->name, key->name) &&
                memcmp(&other->key, &key->key, sizeof(key->key)) == 0) {
            return true;
        }
    }
    return false;
}

/* `log VKEY`, or the key alone; an empty line or a comment is no log. */
static enum onus_code take_log(struct onus_witness *witness, struct onus_str line,
        struct onus_error *err)
{
    struct onus_vkey key;
    line = onus_str_trim(line);
    if (line.len == 0 || line.ptr[0] == '#') {
        return ONUS_OK;
    }
    if (onus_str_skip(&line, ONUS_STR("log "))) {
        line = onus_str_trim(line);
    }
    enum onus_code code = onus_vkey_parse(line, &key, err);
    if (code == ONUS_OK && key.type != ONUS_VKEY_ED25519) {
        return onus_fail(err, ONUS_E_FORMAT, "the key of a witness, not of a log");
    }
    if (code == ONUS_OK && !knows(witness, &key)) {
        if (witness->log_count == ONUS_WITNESS_LOGS_MAX) {
            return onus_fail(err, ONUS_E_LIMIT, "more than %d logs", ONUS_WITNESS_LOGS_MAX);
        }
        witness->logs[witness->log_count++] = key;
    }
    return code;
}

static enum onus_code take_logs(struct onus_witness *witness, struct onus_str text,
        const char *where, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (unsigned number = 1; text.len > 0 && code == ONUS_OK; number++) {
        struct onus_str line;
        if (!onus_str_cut(&text, '\n', &line)) {
            line = text;
            text = ONUS_STR_NONE;
        }
        code = take_log(witness, line, err);
        if (code != ONUS_OK) {
            onus_context(err, "%s: line %u", where, number);
        }
    }
    return code;
}

/* Keys are views into the texts, so both stay in the arena. */
static enum onus_code read_logs(struct onus_witness *witness, struct onus_str more,
        struct onus_error *err)
{
    struct onus_str text;
    struct onus_str kept;
    witness->logs =
            onus_arena_alloc(&witness->arena, ONUS_WITNESS_LOGS_MAX * sizeof(*witness->logs));
    if (!witness->logs) {
        return onus_arena_reason(&witness->arena, err);
    }
    enum onus_code code =
            onus_durable_read(witness->folder, LOGS, FILE_MAX, &witness->arena, &text, err);
    if (code == ONUS_OK) {
        code = take_logs(witness, text, "'" LOGS "'", err);
    }
    if (code == ONUS_OK) {
        code = onus_arena_copy(&witness->arena, more, &kept, err);
    }
    return code == ONUS_OK ? take_logs(witness, kept, "further logs", err) : code;
}

static enum onus_code open_parts(struct onus_witness *witness, struct onus_str more_logs,
        struct onus_error *err)
{
    struct onus_str card;
    enum onus_code code =
            onus_durable_read(witness->folder, CARD, FILE_MAX, &witness->arena, &card, err);
    if (code == ONUS_OK) {
        code = parse_card(card, &witness->key, err);
    }
    if (code == ONUS_OK) {
        code = read_logs(witness, more_logs, err);
    }
    if (code == ONUS_OK) {
        code = read_key(witness, err);
    }
    if (code == ONUS_OK) {
        code = onus_lock_take(witness->folder, LOCK, &witness->lock, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    witness->state = openat(witness->folder, STATE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return witness->state >= 0 ? ONUS_OK : no_folder(STATE, err);
}

enum onus_code onus_witness_open(const char *folder, struct onus_str more_logs,
        struct onus_witness **out, struct onus_error *err)
{
    struct onus_witness *witness = calloc(1, sizeof(*witness));
    if (!witness) {
        return onus_fail(err, ONUS_E_MEMORY, "no memory for a witness");
    }
    onus_arena_init(&witness->arena, ARENA_MAX);
    witness->state = -1;
    witness->lock = -1;
    witness->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum onus_code code =
            witness->folder >= 0 ? open_parts(witness, more_logs, err) : no_folder(folder, err);
    if (code != ONUS_OK) {
        onus_witness_close(witness);
        onus_context(err, "witness '%s'", folder);
        return code;
    }
    *out = witness;
    return ONUS_OK;
}

void onus_witness_close(struct onus_witness *witness)
{
    if (!witness) {
        return;
    }
    if (witness->lock >= 0) {
        onus_lock_release(witness->lock);
    }
    if (witness->state >= 0) {
        (void)close(witness->state);
    }
    if (witness->folder >= 0) {
        (void)close(witness->folder);
    }
    onus_arena_clear(&witness->arena);
    explicit_bzero(witness, sizeof(*witness));
    free(witness);
}
