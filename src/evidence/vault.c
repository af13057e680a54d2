/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_parts.h"

#include "base/str.h"
#include "evidence/erase.h"
#include "proof/policy.h"
#include "sys/durable.h"
#include "text/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void onus_source_path(const struct onus_tag *tag, char out[static VAULT_PATH])
{
    char name[33];
    onus_hex_put(name, (struct onus_str){(const char *)tag->bytes, sizeof(tag->bytes)});
    (void)snprintf(out, VAULT_PATH, VAULT_SOURCES "/%.32s", name);
}

void onus_source_key_path(const struct onus_tag *tag, char out[static VAULT_PATH])
{
    char name[33];
    onus_hex_put(name, (struct onus_str){(const char *)tag->bytes, sizeof(tag->bytes)});
    (void)snprintf(out, VAULT_PATH, VAULT_KEYS "/%.32s.ggm", name);
}

const char *onus_vault_find(const char *case_directory)
{
    struct stat st;
    if (case_directory) {
        return case_directory;
    }
    return lstat(VAULT_CASE, &st) == 0 && S_ISREG(st.st_mode) ? "." : NULL;
}

/* ---- making ---------------------------------------------------------------------------------- */

static enum onus_code open_folder(const char *path, int *at, struct onus_error *err)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        int saved = errno;
        enum onus_code code = onus_fail(err, saved == ENOENT ? ONUS_E_MISSING : ONUS_E_IO,
                "the folder '%s' cannot be opened", path);
        if (err) {
            err->sys_errno = saved;
        }
        return code;
    }
    *at = descriptor;
    return ONUS_OK;
}

static void policy_text(const struct onus_vkey *key, struct onus_buffer *out)
{
    onus_buffer_add_text(out,
            "# Whom to believe (C2SP tlog-policy). Whoever checks a bundle uses a file of their own.\n"
            "#\n"
            "#   log VKEY [URL]             a log whose checkpoints count\n"
            "#   witness NAME VKEY [URL]    somebody who has seen checkpoints, and when\n"
            "#   group NAME all|any|K MEMBER...\n"
            "#   quorum NAME|none           whose cosignatures a checkpoint needs\n"
            "#\n"
            "# For instance, two of three witnesses:\n"
            "#\n"
            "#   witness w1 w1.example+c244f014+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU https://w1.example/\n"
            "#   group witnesses 2 w1 w2 w3\n"
            "#   quorum witnesses\n"
            "\n"
            "# The log of this case.\n"
            "log ");
    onus_vkey_add(out, key);
    onus_buffer_add_text(out,
            "\n\n"
            "# No witness is asked for: when something was sealed is then the word of the party.\n"
            "quorum none\n");
}

static enum onus_code make_folders(int at, struct onus_error *err)
{
    static const char *const folders[] = {VAULT_KEYS, VAULT_SOURCES, VAULT_PACKS, "vault/batch",
            "vault/log/tile", "vault/open", "vault/state", "record"};
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < ONUS_COUNT(folders) && code == ONUS_OK; i++) {
        code = onus_durable_folder(at, folders[i], err);
    }
    return code;
}

static enum onus_code write_case(int at, const struct onus_case *facts, struct onus_error *err)
{
    struct onus_buffer out = {0};
    onus_case_format(facts, &out);
    enum onus_code code = onus_buffer_status(&out, err);
    if (code == ONUS_OK) {
        code = onus_durable_write(at, VAULT_CASE, onus_buffer_view(&out), 0644, err);
    }
    onus_buffer_clear(&out);
    return code;
}

static enum onus_code write_new(int at, const struct onus_vault_new *what,
        const struct onus_vkey *key, struct onus_error *err)
{
    struct onus_buffer secret = {0};
    struct onus_buffer policy = {0};
    struct onus_buffer text = {0};
    onus_log_key_format(&what->log_key, &secret);
    policy_text(key, &policy);
    onus_vkey_add(&text, key);
    struct onus_vault vault = {.at = at, .options = {.random = what->random, .data = what->data}};
    enum onus_code code = onus_buffer_status(&secret, err);
    if (code == ONUS_OK) {
        code = onus_identity_make(&vault, err);
    }
    if (code == ONUS_OK) {
        code = onus_secret_write(&vault, VAULT_LOG_KEY, onus_buffer_view(&secret), err);
    }
    if (code == ONUS_OK) {
        code = onus_buffer_status(&policy, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_write(at, VAULT_POLICY, onus_buffer_view(&policy), 0644, err);
    }
    if (code == ONUS_OK) {
        code = onus_buffer_status(&text, err);
    }
    if (code == ONUS_OK) {
        code = write_case(at,
                &(struct onus_case){.party = what->party,
                        .origin = what->origin,
                        .key = onus_buffer_view(&text),
                        .made = what->made},
                err);
    }
    explicit_bzero(vault.identities, sizeof(vault.identities));
    onus_secret_clear(&secret);
    onus_buffer_clear(&policy);
    onus_buffer_clear(&text);
    return code;
}

enum onus_code onus_vault_create(const char *path, const struct onus_vault_new *what,
        struct onus_error *err)
{
    struct onus_vkey key;
    struct onus_ed25519_public public;
    if (!onus_party_valid(what->party)) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "a party has a name of 1 to %d bytes of UTF-8 without control characters",
                ONUS_PARTY_MAX);
    }
    if (!onus_key_name_valid(what->origin)) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "'" ONUS_STR_FMT "' is no origin: it must not be empty or hold blanks or '+'",
                ONUS_STR_ARG(what->origin));
    }
    enum onus_code code = onus_ed25519_public_of(&what->log_key, &public, err);
    if (code == ONUS_OK) {
        code = onus_vkey_make(what->origin, ONUS_VKEY_ED25519, &public, &key, err);
    }
    int at = -1;
    int lock = 0;
    bool there = false;
    if (code == ONUS_OK) {
        code = onus_durable_folder(AT_FDCWD, path, err);
    }
    if (code == ONUS_OK) {
        code = open_folder(path, &at, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_exists(at, VAULT_CASE, &there, err);
    }
    if (code == ONUS_OK && there) {
        code = onus_fail(err, ONUS_E_REFUSED, "'%s' holds a case already", path);
    }
    if (code == ONUS_OK) {
        code = make_folders(at, err);
    }
    if (code == ONUS_OK) {
        code = onus_lock_take(at, VAULT_LOCK, &lock, err);
    }
    if (code == ONUS_OK) {
        code = write_new(at, what, &key, err);
    }
    onus_lock_release(lock);
    if (at >= 0) {
        (void)close(at);
    }
    return code;
}

/* ---- opening --------------------------------------------------------------------------------- */

static enum onus_code read_case(struct onus_vault *vault, struct onus_error *err)
{
    struct onus_str text;
    enum onus_code code =
            onus_durable_read(vault->at, VAULT_CASE, VAULT_FILE_MAX, &vault->arena, &text, err);
    if (code == ONUS_OK) {
        code = onus_case_parse(text, &vault->facts, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", VAULT_CASE);
        }
    }
    return code == ONUS_OK ? onus_vkey_parse(vault->facts.key, &vault->key, err) : code;
}

static enum onus_code read_policy(struct onus_vault *vault, struct onus_error *err)
{
    struct onus_str text;
    struct onus_arena arena;
    struct onus_policy policy;
    onus_arena_init(&arena, VAULT_FILE_MAX);
    enum onus_code code =
            onus_durable_read(vault->at, VAULT_POLICY, ONUS_POLICY_SIZE_MAX, &arena, &text, err);
    if (code == ONUS_OK) {
        code = onus_policy_parse(text, &arena, &policy, err);
    }
    if (code == ONUS_OK) {
        vault->signs_alone = true;
        for (size_t i = 0; i < policy.node_count; i++) {
            if (!policy.nodes[i].is_group && policy.nodes[i].url.len > 0) {
                vault->signs_alone = false;
            }
        }
    } else if (code == ONUS_E_FORMAT) {
        onus_context(err, "'%s'", VAULT_POLICY);
    }
    onus_arena_clear(&arena);
    return code;
}

static enum onus_code read_seed(struct onus_vault *vault, struct onus_error *err)
{
    if (vault->options.no_keys) {
        return ONUS_OK;
    }
    struct onus_buffer text = {0};
    enum onus_code code = onus_identity_read(vault, err);
    if (code != ONUS_OK) {
        return code;
    }
    code = onus_secret_read(vault, VAULT_LOG_KEY, &text, err);
    if (code == ONUS_OK) {
        code = onus_log_key_parse(onus_buffer_view(&text), &vault->seed, err);
    }
    struct onus_ed25519_public public;
    if (code == ONUS_OK) {
        code = onus_ed25519_public_of(&vault->seed, &public, err);
    }
    if (code == ONUS_OK && memcmp(public.bytes, vault->key.key.bytes, sizeof(public.bytes)) != 0) {
        code = onus_fail(err, ONUS_E_MISMATCH, "'%s' is not the key that '%s' names", VAULT_LOG_KEY,
                VAULT_CASE);
    } else if (code != ONUS_OK) {
        onus_context(err, "'%s'", VAULT_LOG_KEY);
    }
    vault->has_seed = code == ONUS_OK;
    onus_secret_clear(&text);
    return code;
}

/* The stored checkpoint is ours: by origin (checked when the log is opened) and by signature. */
static enum onus_code check_checkpoint(const struct onus_vault *vault, struct onus_error *err)
{
    struct onus_str bytes;
    struct onus_checkpoint checkpoint;
    if (onus_log_checkpoint(vault->log, &bytes, &checkpoint, NULL) != ONUS_OK ||
            !onus_str_eq(checkpoint.origin, vault->key.name)) {
        return ONUS_OK;
    }
    struct onus_note note;
    size_t by = 0;
    enum onus_code code = onus_note_parse(bytes, &note, err);
    if (code == ONUS_OK) {
        code = onus_note_verify(&note, &vault->key, 1, &by, err);
    }
    if (code != ONUS_OK) {
        onus_context(err, "'vault/log/checkpoint'");
    }
    return code;
}

/* `case` and the log line of `policy` name the origin of an intent that waits. */
static enum onus_code take_origin(struct onus_vault *vault, struct onus_str origin,
        struct onus_error *err)
{
    struct onus_str kept;
    enum onus_code code = onus_arena_copy(&vault->arena, origin, &kept, err);
    struct onus_vkey key;
    if (code == ONUS_OK) {
        code = onus_vkey_make(kept, ONUS_VKEY_ED25519, &vault->key.key, &key, err);
    }
    struct onus_buffer text = {0};
    struct onus_buffer policy = {0};
    struct onus_str old = ONUS_STR_NONE;
    onus_vkey_add(&text, &key);
    struct onus_case facts = vault->facts;
    facts.origin = kept;
    if (code == ONUS_OK) {
        code = onus_durable_read(vault->at, VAULT_POLICY, ONUS_POLICY_SIZE_MAX, &vault->arena, &old,
                err);
    }
    if (code == ONUS_OK) {
        code = onus_buffer_status(&text, err);
    }
    if (code == ONUS_OK) {
        code = onus_arena_copy(&vault->arena, onus_buffer_view(&text), &facts.key, err);
    }
    if (code == ONUS_OK && !onus_str_has(old, facts.key)) {
        struct onus_str rest = old;
        struct onus_str before;
        if (!onus_str_cut_text(&rest, vault->facts.key, &before)) {
            before = ONUS_STR("log ");
            rest = ONUS_STR("\n");
            onus_buffer_add_str(&policy, old);
        }
        onus_buffer_add_str(&policy, before);
        onus_buffer_add_str(&policy, facts.key);
        onus_buffer_add_str(&policy, rest);
        code = onus_buffer_status(&policy, err);
        if (code == ONUS_OK) {
            code = onus_durable_write(vault->at, VAULT_POLICY, onus_buffer_view(&policy), 0644,
                    err);
        }
    }
    if (code == ONUS_OK) {
        code = write_case(vault->at, &facts, err);
    }
    onus_buffer_clear(&text);
    onus_buffer_clear(&policy);
    if (code == ONUS_OK) {
        vault->facts = facts;
        vault->key = key;
    }
    return code;
}

static enum onus_code finish_signature(struct onus_vault *vault, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    struct onus_str origin = onus_log_intended_origin(vault->log);
    if (origin.len > 0 && !onus_str_eq(origin, vault->facts.origin)) {
        code = take_origin(vault, origin, err);
    }
    if (code == ONUS_OK) {
        code = onus_log_sign(vault->log, &vault->key, &vault->seed, err);
    }
    return code;
}

static enum onus_code open_parts(struct onus_vault *vault, struct onus_error *err)
{
    enum onus_code code = read_case(vault, err);
    if (code == ONUS_OK) {
        code = read_policy(vault, err);
    }
    if (code == ONUS_OK) {
        code = read_seed(vault, err);
    }
    if (code == ONUS_OK) {
        code = onus_log_open(vault->at, vault->facts.origin, vault->write, &vault->log, err);
    }
    if (code == ONUS_OK) {
        code = check_checkpoint(vault, err);
    }
    if (code == ONUS_OK && vault->write && onus_log_pending(vault->log)) {
        code = finish_signature(vault, err);
    }
    if (code == ONUS_OK) {
        code = onus_sources_load(vault, err);
    }
    if (code == ONUS_OK && vault->write) {
        code = onus_vault_recover(vault, err);
    }
    /* Whoever looks for faults, or has no randomness, leaves it to the next. */
    if (code == ONUS_OK && vault->write && vault->has_seed && vault->options.random &&
            !vault->options.fault) {
        code = onus_erase_resume(vault, err);
    }
    return code;
}

enum onus_code onus_vault_open(const char *path, const struct onus_vault_options *options,
        struct onus_vault **out, struct onus_error *err)
{
    int at = -1;
    enum onus_code code = open_folder(path, &at, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_vault *vault = calloc(1, sizeof(*vault));
    if (!vault) {
        (void)close(at);
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    vault->at = at;
    vault->write = options->write;
    vault->options = *options;
    onus_arena_init(&vault->arena, VAULT_FILE_MAX * 4);
    bool there = false;
    code = onus_durable_exists(at, VAULT_CASE, &there, err);
    if (code == ONUS_OK && !there) {
        code = onus_fail(err, ONUS_E_MISSING, "'%s' holds no case", path);
    }
    if (code == ONUS_OK && options->write) {
        code = onus_lock_take(at, VAULT_LOCK, &vault->lock, err);
    }
    if (code == ONUS_OK && options->confine) {
        code = options->confine(options->data, at, err);
    }
    if (code == ONUS_OK) {
        code = open_parts(vault, err);
    }
    if (code != ONUS_OK) {
        onus_vault_close(vault);
        return code;
    }
    *out = vault;
    return ONUS_OK;
}

void onus_vault_close(struct onus_vault *vault)
{
    if (!vault) {
        return;
    }
    for (size_t i = 0; i < vault->source_count; i++) {
        struct vault_source *source = vault->sources[i];
        onus_keytree_clear(&source->public.keys);
        onus_arena_clear(&source->arena);
        free(source->positions);
        free(source);
    }
    free(vault->sources);
    onus_log_close(vault->log);
    onus_arena_clear(&vault->arena);
    onus_lock_release(vault->lock);
    (void)close(vault->at);
    explicit_bzero(vault, sizeof(*vault));
    free(vault);
}

/* ---- questions ------------------------------------------------------------------------------- */

int onus_vault_at(const struct onus_vault *vault)
{
    return vault->at;
}

struct onus_str onus_vault_party(const struct onus_vault *vault)
{
    return vault->facts.party;
}

struct onus_str onus_vault_origin(const struct onus_vault *vault)
{
    return vault->facts.origin;
}

uint64_t onus_vault_made(const struct onus_vault *vault)
{
    return vault->facts.made;
}

const struct onus_vkey *onus_vault_key(const struct onus_vault *vault)
{
    return &vault->key;
}

const struct onus_ed25519_seed *onus_vault_seed(const struct onus_vault *vault)
{
    return vault->has_seed ? &vault->seed : NULL;
}

struct onus_log *onus_vault_log(const struct onus_vault *vault)
{
    return vault->log;
}

bool onus_vault_signs_alone(const struct onus_vault *vault)
{
    return vault->signs_alone;
}

enum onus_code onus_vault_sign(struct onus_vault *vault, struct onus_error *err)
{
    if (!vault->has_seed) {
        return onus_fail(err, ONUS_E_MISSING, "the key of the log was not unwrapped");
    }
    enum onus_code code = onus_log_flush(vault->log, err);
    return code == ONUS_OK ? onus_log_sign(vault->log, &vault->key, &vault->seed, err) : code;
}

/* ---- another origin -------------------------------------------------------------------------- */

/* The first free name, or the one that holds these very bytes already. */
static enum onus_code keep_checkpoint(const struct onus_vault *vault, struct onus_error *err)
{
    struct onus_str note;
    struct onus_checkpoint checkpoint;
    enum onus_code code = ONUS_OK;
    if (onus_log_checkpoint(vault->log, &note, &checkpoint, NULL) != ONUS_OK) {
        return ONUS_OK;
    }
    for (unsigned n = 1; n < 10000; n++) {
        char path[VAULT_PATH];
        struct onus_arena arena;
        struct onus_str there = ONUS_STR_NONE;
        (void)snprintf(path, sizeof(path), "vault/log/checkpoint.%u", n);
        onus_arena_init(&arena, VAULT_FILE_MAX);
        code = onus_durable_read(vault->at, path, VAULT_FILE_MAX / 2, &arena, &there, NULL);
        bool same = code == ONUS_OK && onus_str_eq(there, note);
        onus_arena_clear(&arena);
        if (same) {
            return ONUS_OK;
        }
        if (code == ONUS_E_MISSING) {
            return onus_durable_create(vault->at, path, note, 0644, err);
        }
    }
    return onus_fail(err, ONUS_E_LIMIT, "the log has had too many origins");
}

enum onus_code onus_vault_continue(struct onus_vault *vault, struct onus_str new_origin,
        struct onus_str entry, struct onus_error *err)
{
    if (!onus_key_name_valid(new_origin) || onus_str_eq(new_origin, vault->facts.origin)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "'" ONUS_STR_FMT "' is no new origin",
                ONUS_STR_ARG(new_origin));
    }
    if (!vault->has_seed) {
        return onus_fail(err, ONUS_E_MISSING, "the key of the log was not unwrapped");
    }
    uint64_t index = 0;
    enum onus_code code = onus_log_append(vault->log, entry, &index, err);
    if (code == ONUS_OK) {
        code = onus_log_flush(vault->log, err);
    }
    if (code == ONUS_OK) {
        code = keep_checkpoint(vault, err);
    }
    if (code == ONUS_OK) {
        code = onus_log_intend(vault->log, new_origin, err);
    }
    return code == ONUS_OK ? finish_signature(vault, err) : code;
}
