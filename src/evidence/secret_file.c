/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_parts.h"

#include "base/str.h"
#include "sys/durable.h"

/*
 * Files that hold secrets are encrypted to one age key, which lies beside them in a file of its own. Who
 * leaves that one file out of backups has made every copy of the others worthless.
 *
 * The file has one or two places of LINE bytes: a key, or as many '#', which is a comment to age. A new key
 * is written into the free place, and the old one is overwritten where it lies, so that no copy of it is
 * left in a block that a replaced file gave back.
 */

enum {
    LINE = ONUS_AGE_IDENTITY_TEXT, /* the line feed stands where the terminator would */
    FILE_MAX = 4096
};

static void format_line(const struct onus_age_identity *identity, char out[static LINE])
{
    onus_age_identity_format(identity, out);
    out[LINE - 1] = '\n';
}

enum onus_code onus_identity_make(struct onus_vault *vault, struct onus_error *err)
{
    char text[LINE];
    enum onus_code code = onus_age_identity_make((struct onus_random_source){vault->options.random,
                                                         vault->options.data},
            &vault->identities[0], err);
    if (code == ONUS_OK) {
        vault->identity_count = 1;
        vault->wraps = 0;
        format_line(&vault->identities[0], text);
        code = onus_durable_write(vault->at, VAULT_IDENTITY, (struct onus_str){text, LINE}, 0600,
                err);
    }
    explicit_bzero(text, sizeof(text));
    return code;
}

/* ---- the places ------------------------------------------------------------------------------ */

struct places {
    size_t count;
    bool live[VAULT_IDENTITIES];
    struct onus_age_identity keys[VAULT_IDENTITIES];
};

/*
 * A place that a crash left half written or half overwritten is a dead one: its first byte is '#', or the
 * text ends in it. Which is believed only when another place has a key.
 */
static enum onus_code read_places(struct onus_str text, struct places *out, struct onus_error *err)
{
    struct onus_str line;
    size_t living = 0;
    *out = (struct places){.count = 0};
    while (out->count < VAULT_IDENTITIES && onus_str_cut(&text, '\n', &line)) {
        size_t at = out->count++;
        if (line.len == LINE - 1 && line.ptr[0] == '#') {
            continue;
        }
        enum onus_code code = onus_age_identity_parse(line, &out->keys[at], err);
        if (code != ONUS_OK) {
            return code;
        }
        out->live[at] = true;
        living++;
    }
    if (living == 0 || text.len >= LINE || (text.len > 0 && out->count == VAULT_IDENTITIES)) {
        return onus_fail(err, ONUS_E_FORMAT, "no age identity with its line feed");
    }
    return ONUS_OK;
}

static enum onus_code load_places(const struct onus_vault *vault, struct places *out,
        struct onus_error *err)
{
    struct onus_str text;
    struct onus_arena arena;
    onus_arena_init(&arena, 1 << 16);
    enum onus_code code =
            onus_durable_read(vault->at, VAULT_IDENTITY, FILE_MAX, &arena, &text, err);
    if (code == ONUS_OK) {
        code = read_places(text, out, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", VAULT_IDENTITY);
        }
        union {
            const char *in;
            char *out;
        } bytes = {.in = text.ptr}; /* memory of the arena, which is ours */
        explicit_bzero(bytes.out, text.len);
    }
    onus_arena_clear(&arena);
    return code;
}

enum onus_code onus_identity_read(struct onus_vault *vault, struct onus_error *err)
{
    struct places places = {.count = 0};
    enum onus_code code = load_places(vault, &places, err);
    vault->identity_count = 0;
    for (size_t i = 0; i < places.count && code == ONUS_OK; i++) {
        if (places.live[i]) {
            vault->wraps = vault->identity_count;
            vault->identities[vault->identity_count++] = places.keys[i];
        }
    }
    explicit_bzero(&places, sizeof(places));
    return code;
}

/* ---- another key ----------------------------------------------------------------------------- */

enum onus_code onus_identity_recipient(const struct onus_vault *vault,
        struct onus_age_recipient *out, struct onus_error *err)
{
    return onus_age_recipient_of(&vault->identities[vault->wraps], out, err);
}

/* Place of the key of a recipient; VAULT_IDENTITIES when no place has it. */
static enum onus_code place_of(const struct places *places, const struct onus_age_recipient *old,
        size_t *out, struct onus_error *err)
{
    *out = VAULT_IDENTITIES;
    for (size_t i = 0; i < places->count; i++) {
        struct onus_age_recipient recipient;
        enum onus_code code = places->live[i]
                                      ? onus_age_recipient_of(&places->keys[i], &recipient, err)
                                      : ONUS_OK;
        if (code != ONUS_OK) {
            return code;
        }
        if (places->live[i] && memcmp(recipient.point, old->point, sizeof(old->point)) == 0) {
            *out = i;
        }
    }
    return ONUS_OK;
}

static enum onus_code kill_place(const struct onus_vault *vault, size_t place,
        struct onus_error *err)
{
    char text[LINE];
    memset(text, '#', sizeof(text));
    text[LINE - 1] = '\n';
    return onus_durable_patch(vault->at, VAULT_IDENTITY, place * LINE,
            (struct onus_str){text, LINE}, err);
}

/* The first byte last: until then the place is a dead one. */
static enum onus_code fill_place(const struct onus_vault *vault, size_t place,
        const struct onus_age_identity *key, struct onus_error *err)
{
    char text[LINE];
    format_line(key, text);
    enum onus_code code = kill_place(vault, place, err);
    if (code == ONUS_OK) {
        code = onus_durable_patch(vault->at, VAULT_IDENTITY, place * LINE + 1,
                (struct onus_str){text + 1, LINE - 1}, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_patch(vault->at, VAULT_IDENTITY, place * LINE,
                (struct onus_str){text, 1}, err);
    }
    explicit_bzero(text, sizeof(text));
    return code;
}

enum onus_code onus_identity_renew(struct onus_vault *vault, const struct onus_age_recipient *old,
        struct onus_error *err)
{
    struct places places = {.count = 0};
    size_t place = 0;
    enum onus_code code = load_places(vault, &places, err);
    if (code == ONUS_OK) {
        code = place_of(&places, old, &place, err);
    }
    size_t other = place == 0 ? 1 : 0;
    bool there = code == ONUS_OK && (place == VAULT_IDENTITIES || places.live[other]);
    if (code == ONUS_OK && !there) {
        code = onus_age_identity_make((struct onus_random_source){vault->options.random,
                                              vault->options.data},
                &places.keys[other], err);
        if (code == ONUS_OK) {
            code = fill_place(vault, other, &places.keys[other], err);
        }
    }
    explicit_bzero(&places, sizeof(places));
    if (code == ONUS_OK) {
        code = onus_identity_read(vault, err);
    }
    for (size_t i = 0; i < vault->identity_count && code == ONUS_OK; i++) {
        struct onus_age_recipient recipient;
        code = onus_age_recipient_of(&vault->identities[i], &recipient, err);
        if (code == ONUS_OK && memcmp(recipient.point, old->point, sizeof(old->point)) != 0) {
            vault->wraps = i;
        }
    }
    return code;
}

enum onus_code onus_identity_destroy(struct onus_vault *vault, const struct onus_age_recipient *old,
        struct onus_error *err)
{
    struct places places = {.count = 0};
    size_t place = 0;
    enum onus_code code = load_places(vault, &places, err);
    if (code == ONUS_OK) {
        code = place_of(&places, old, &place, err);
    }
    /* A place that is dead already may be so in part only. */
    for (size_t i = 0; i < places.count && code == ONUS_OK; i++) {
        if (i == place || !places.live[i]) {
            code = kill_place(vault, i, err);
        }
    }
    explicit_bzero(&places, sizeof(places));
    return code == ONUS_OK ? onus_identity_read(vault, err) : code;
}

/* ---- secret files ---------------------------------------------------------------------------- */

enum onus_code onus_secret_read(const struct onus_vault *vault, const char *path,
        struct onus_buffer *out, struct onus_error *err)
{
    struct onus_str file;
    struct onus_arena arena;
    onus_arena_init(&arena, VAULT_FILE_MAX * 2);
    enum onus_code code = onus_durable_read(vault->at, path, VAULT_FILE_MAX, &arena, &file, err);
    if (code == ONUS_OK) {
        code = onus_age_decrypt(vault->identities, vault->identity_count, file, VAULT_FILE_MAX, out,
                err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", path);
        }
    }
    onus_arena_clear(&arena);
    return code;
}

void onus_secret_clear(struct onus_buffer *secret)
{
    if (secret->ptr) {
        explicit_bzero(secret->ptr, secret->size);
    }
    onus_buffer_clear(secret);
}

enum onus_code onus_secret_write(const struct onus_vault *vault, const char *path,
        struct onus_str bytes, struct onus_error *err)
{
    struct onus_buffer file = {0};
    struct onus_age_recipient recipient;
    if (!vault->options.random) {
        return onus_fail(err, ONUS_E_ARGUMENT, "keys cannot be wrapped without randomness");
    }
    enum onus_code code = onus_identity_recipient(vault, &recipient, err);
    if (code == ONUS_OK) {
        code = onus_age_encrypt(&recipient, 1, bytes,
                (struct onus_random_source){vault->options.random, vault->options.data}, &file,
                err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_replace(vault->at, path, onus_buffer_view(&file), 0600, err);
    }
    onus_buffer_clear(&file);
    return code;
}
