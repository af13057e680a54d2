/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/custody_note.h"
#include "crypto/random.h"
#include "evidence/vault.h"
#include "text/hex.h"
#include "text/json_write.h"
#include "text/utf8.h"

static const struct onus_option options[] = {
        {.name = "party",
                .argument = "NAME",
                .help = "whose evidence this is; sealed with each source"},
        {.name = "origin",
                .argument = "ORIGIN",
                .help = "name of the log, unlike that of any other; else NAME/evidence"},
};

static enum onus_code draw(void *data, void *out, size_t size, struct onus_error *err)
{
    (void)data;
    return onus_random(out, size, err);
}

/* NAME/evidence, when the name of the party can be part of the name of a key. */
static enum onus_code read_origin(const struct onus_arguments *arguments, struct onus_str party,
        struct onus_buffer *room, struct onus_str *out, struct onus_error *err)
{
    const char *given = onus_argument(arguments, "origin");
    if (given) {
        *out = onus_str_of(given);
        return ONUS_OK;
    }
    if (!onus_key_name_valid(party)) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "give --origin: '" ONUS_STR_FMT "' cannot be part of the name of a log",
                ONUS_STR_ARG(party));
    }
    onus_buffer_add_str(room, party);
    onus_buffer_add_text(room, "/evidence");
    *out = onus_buffer_view(room);
    return onus_buffer_status(room, err);
}

/* The first line of the custody log. */
static enum onus_code note(const char *folder, struct onus_str origin, struct onus_error *err)
{
    struct onus_vault *vault = NULL;
    enum onus_code code =
            onus_vault_open(folder, &(struct onus_vault_options){.no_keys = true}, &vault, err);
    if (code == ONUS_OK) {
        code = onus_custody_tell(vault, ONUS_CUSTODY_INIT, err, "case made, log '" ONUS_STR_FMT "'",
                ONUS_STR_ARG(origin));
    }
    onus_vault_close(vault);
    return code;
}

struct made {
    struct onus_str party, origin;
    struct onus_buffer key; /* as text */
    char fingerprint[65];
};

static enum onus_code make(const struct onus_arguments *arguments, struct onus_buffer *room,
        struct made *made, struct onus_error *err)
{
    const char *party = onus_argument(arguments, "party");
    if (arguments->word_count != 1 || !party) {
        return onus_fail(err, ONUS_E_ARGUMENT, "name one folder, and the party with --party");
    }
    struct onus_vault_new what = {.party = onus_str_of(party),
            .made = (uint64_t)time(NULL),
            .random = draw};
    enum onus_code code = read_origin(arguments, what.party, room, &what.origin, err);
    if (code == ONUS_OK) {
        code = onus_random(what.log_key.bytes, sizeof(what.log_key.bytes), err);
    }
    struct onus_ed25519_public public;
    struct onus_vkey key;
    if (code == ONUS_OK) {
        code = onus_vault_create(arguments->words[0], &what, err);
    }
    if (code == ONUS_OK) {
        code = note(arguments->words[0], what.origin, err);
    }
    if (code == ONUS_OK) {
        code = onus_ed25519_public_of(&what.log_key, &public, err);
    }
    explicit_bzero(&what.log_key, sizeof(what.log_key));
    if (code == ONUS_OK) {
        code = onus_vkey_make(what.origin, ONUS_VKEY_ED25519, &public, &key, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_digest digest;
    onus_sha256((struct onus_str){(const char *)public.bytes, sizeof(public.bytes)}, &digest);
    onus_hex_put(made->fingerprint, onus_digest_view(&digest));
    made->fingerprint[64] = '\0';
    made->party = what.party;
    made->origin = what.origin;
    onus_vkey_add(&made->key, &key);
    return onus_buffer_status(&made->key, err);
}

static enum onus_code print_json(const struct onus_arguments *arguments, const struct made *made,
        struct onus_error *err)
{
    struct onus_buffer out = {0};
    struct onus_json json;
    onus_json_init(&json, &out, ONUS_JSON_PRETTY);
    onus_json_object(&json);
    onus_json_key_text(&json, "schema", "onus.init/1");
    onus_json_key_text(&json, "case", arguments->words[0]);
    onus_json_key_str(&json, "party", made->party);
    onus_json_key_str(&json, "origin", made->origin);
    onus_json_key_str(&json, "key", onus_buffer_view(&made->key));
    onus_json_key_text(&json, "fingerprint", made->fingerprint);
    onus_json_object_end(&json);
    enum onus_code code = onus_json_finish(&json, err);
    if (code == ONUS_OK) {
        (void)fwrite(out.ptr, 1, out.len, stdout);
    }
    onus_buffer_clear(&out);
    return code;
}

static enum onus_code print_text(const struct onus_arguments *arguments, const struct made *made,
        struct onus_error *err)
{
    struct onus_buffer out = {0};
    onus_buffer_add_text(&out, "case        ");
    (void)onus_utf8_add_visible(&out, onus_str_of(arguments->words[0]), SIZE_MAX);
    onus_buffer_add_text(&out, "\nparty       ");
    (void)onus_utf8_add_visible(&out, made->party, SIZE_MAX);
    onus_buffer_add_text(&out, "\nkey         ");
    onus_buffer_add_str(&out, onus_buffer_view(&made->key));
    onus_buffer_printf(&out, "\nfingerprint %s\n", made->fingerprint);
    onus_buffer_add_text(&out,
            "\nWhoever is to check bundles of this case needs the key, from you and not from a bundle.\n"
            "Keep vault/keys/vault.agekey out of backups: what is erased is gone only with its keys.\n");
    enum onus_code code = onus_buffer_status(&out, err);
    if (code == ONUS_OK) {
        (void)fwrite(out.ptr, 1, out.len, stdout);
    }
    onus_buffer_clear(&out);
    return code;
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_buffer room = {0};
    struct made made = {.key = {0}};
    enum onus_code code = make(arguments, &room, &made, &err);
    if (code == ONUS_OK) {
        code = arguments->global->json ? print_json(arguments, &made, &err)
                                       : print_text(arguments, &made, &err);
    }
    onus_buffer_clear(&room);
    onus_buffer_clear(&made.key);
    return code == ONUS_OK ? ONUS_EXIT_OK : onus_complain(arguments, &err);
}

const struct onus_command onus_command_init = {
        .name = "init",
        .group = ONUS_GROUP_EVIDENCE,
        .summary = "make a case: a folder with a vault, a log and its key",
        .operands = "DIR",
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "Makes the folder DIR with the file case, a policy, and a vault in which lines will be "
                "sealed. The vault has a log of its own with a new key; the public part of the key is "
                "printed with its fingerprint. Give it to those who will check what you prove.\n\n"
                "The policy says which witnesses must have seen a checkpoint of the log. It begins with "
                "none: when something was sealed is then your word. Edit it before you seal.\n\n"
                "The secret keys lie in DIR/vault/keys, wrapped with age under vault.agekey beside "
                "them.\n\n"
                "With --json the result is one object, schema onus.init/1 (docs/json.md).",
        .examples = "onus init case-7 --party party.example\n"
                    "  make the case, print its key\n"
                    "onus init case-7 --party 'Example Hosting' --origin hosting.example/evidence\n"
                    "  a name with blanks needs an origin\n",
        .run = run,
};
