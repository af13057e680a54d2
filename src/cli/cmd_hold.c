/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <time.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/custody_note.h"
#include "crypto/random.h"
#include "evidence/hold.h"
#include "evidence/select.h"
#include "text/decimal.h"
#include "text/json_write.h"
#include "text/timestamp.h"
#include "text/utf8.h"

enum verb {
    VERB_ADD,
    VERB_REMOVE,
    VERB_LIST
};

struct holding {
    const struct onus_arguments *arguments;
    enum verb verb;
    struct onus_hold hold;
    struct onus_str source;
    struct onus_error unmet;
    struct onus_arena arena;
    struct onus_vault *vault;
    size_t lifted;
};

static enum onus_code draw(void *data, void *out, size_t size, struct onus_error *err)
{
    (void)data;
    return onus_random(out, size, err);
}

static enum onus_code confine(void *data, int at, struct onus_error *err)
{
    struct holding *holding = data;
    struct onus_sandbox_keep keep = {.write = &at, .write_count = 1};
    return onus_confine(holding->arguments, ONUS_SANDBOX_PARSE, &keep, &holding->unmet, err);
}

/* ---- what was asked for ---------------------------------------------------------------------- */

static enum onus_code read_batches(const char *text, struct holding *out, struct onus_error *err)
{
    struct onus_str all = onus_str_of(text);
    size_t colon = onus_str_rfind_char(all, ':');
    struct onus_str last = onus_str_from(all, colon == ONUS_STR_NPOS ? all.len : colon + 1);
    struct onus_str first = last;
    (void)onus_str_cut(&last, '-', &first);
    out->source = onus_str_sub(all, 0, colon);
    if (colon == ONUS_STR_NPOS || colon == 0 || !onus_decimal_parse(first, &out->hold.first) ||
            !onus_decimal_parse(last, &out->hold.last) || out->hold.first > out->hold.last ||
            out->hold.last > ONUS_SEQ_MAX) {
        return onus_fail(err, ONUS_E_ARGUMENT, "--batches takes SOURCE:SEQ-SEQ, not '%s'", text);
    }
    return ONUS_OK;
}

static enum onus_code understand(struct holding *holding, struct onus_error *err)
{
    static const char *const verbs[] = {"add", "remove", "list"};
    const struct onus_arguments *arguments = holding->arguments;
    const char *batches = onus_argument(arguments, "batches");
    const char *source = onus_argument(arguments, "source");
    const char *reason = onus_argument(arguments, "reason");
    const char *word = arguments->word_count > 0 ? arguments->words[0] : "";
    size_t verb = 0;
    while (verb < ONUS_COUNT(verbs) && strcmp(word, verbs[verb]) != 0) {
        verb++;
    }
    if (verb == ONUS_COUNT(verbs)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "say add, remove or list");
    }
    holding->verb = (enum verb)verb;
    if (arguments->word_count != (holding->verb == VERB_LIST ? 1 : 2)) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                holding->verb == VERB_LIST ? "list takes nothing more" : "name one thread");
    }
    if (holding->verb != VERB_ADD && (batches || source || reason)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "--batches, --source and --reason go with add");
    }
    if (holding->verb == VERB_ADD && (!reason || (batches && source))) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                reason ? "give --batches or --source, not both"
                       : "why? --reason \"WORDS\" is kept with the hold");
    }
    holding->hold = (struct onus_hold){.time = (uint64_t)time(NULL),
            .all = !batches && !source,
            .last = ONUS_SEQ_MAX,
            .thread = onus_str_of(arguments->word_count > 1 ? arguments->words[1] : NULL),
            .reason = onus_str_of(reason)};
    holding->source = onus_str_of(source);
    return batches ? read_batches(batches, holding, err) : ONUS_OK;
}

/* ---- doing it -------------------------------------------------------------------------------- */

static enum onus_code find_source(struct holding *holding, struct onus_error *err)
{
    const struct onus_source *found = NULL;
    for (size_t i = 0; i < onus_vault_source_count(holding->vault); i++) {
        const struct onus_source *source = onus_vault_source_at(holding->vault, i);
        if (onus_source_meant(source->name, holding->source)) {
            if (found) {
                return onus_fail(err, ONUS_E_ARGUMENT,
                        "'" ONUS_STR_FMT "' is the name of more than one source: give all of it",
                        ONUS_STR_ARG(holding->source));
            }
            found = source;
        }
    }
    if (!found) {
        return onus_fail(err, ONUS_E_MISSING, "no source '" ONUS_STR_FMT "' is sealed here",
                ONUS_STR_ARG(holding->source));
    }
    holding->hold.tag = found->tag;
    return ONUS_OK;
}

static void add_scope(const struct holding *holding, const struct onus_hold *hold,
        struct onus_buffer *out)
{
    if (hold->all) {
        onus_buffer_add_text(out, "everything");
        return;
    }
    const struct onus_source *source = onus_vault_source_tagged(holding->vault, &hold->tag);
    (void)onus_utf8_add_visible(out, source ? source->name : ONUS_STR("a source that is not here"),
            SIZE_MAX);
    if (hold->first > 0 || hold->last < ONUS_SEQ_MAX) {
        onus_buffer_printf(out, ", batches %" PRIu64 " to %" PRIu64, hold->first, hold->last);
    }
}

/* Noted before it is so: a hold that was lifted without a line does not happen. */
static enum onus_code note(const struct holding *holding, struct onus_error *err)
{
    struct onus_buffer scope = {0};
    struct onus_str view = ONUS_STR("all holds of it");
    if (holding->verb == VERB_ADD) {
        add_scope(holding, &holding->hold, &scope);
        view = onus_buffer_view(&scope);
    }
    enum onus_code code = onus_buffer_status(&scope, err);
    if (code == ONUS_OK) {
        code = onus_custody_tell(holding->vault, ONUS_CUSTODY_HOLD, err,
                "%s '" ONUS_STR_FMT "': " ONUS_STR_FMT "%s" ONUS_STR_FMT,
                holding->verb == VERB_ADD ? "add" : "remove", ONUS_STR_ARG(holding->hold.thread),
                ONUS_STR_ARG(view), holding->verb == VERB_ADD ? ", because: " : "",
                ONUS_STR_ARG(holding->hold.reason));
    }
    onus_buffer_clear(&scope);
    return code;
}

static bool has_thread(const struct onus_holds *holds, struct onus_str thread)
{
    for (size_t i = 0; i < holds->count; i++) {
        if (onus_str_eq(holds->items[i].thread, thread)) {
            return true;
        }
    }
    return false;
}

static enum onus_code change(struct holding *holding, struct onus_error *err)
{
    struct onus_holds holds;
    enum onus_code code =
            onus_holds_read(onus_vault_at(holding->vault), &holding->arena, &holds, err);
    if (code == ONUS_OK && holding->source.len > 0) {
        code = find_source(holding, err);
    }
    if (code == ONUS_OK && holding->verb == VERB_REMOVE &&
            !has_thread(&holds, holding->hold.thread)) {
        code = onus_fail(err, ONUS_E_MISSING, "the thread '" ONUS_STR_FMT "' has no hold",
                ONUS_STR_ARG(holding->hold.thread));
    }
    if (code == ONUS_OK) {
        code = note(holding, err);
    }
    if (code == ONUS_OK) {
        code = holding->verb == VERB_ADD ? onus_hold_add(holding->vault, &holding->hold, err)
                                         : onus_hold_remove(holding->vault, holding->hold.thread,
                                                   &holding->lifted, err);
    }
    return code;
}

/* ---- saying ---------------------------------------------------------------------------------- */

static void put_time(uint64_t seconds, char out[static ONUS_TIME_TEXT])
{
    (void)snprintf(out, ONUS_TIME_TEXT, "?");
    if (seconds < (uint64_t)INT64_MAX / ONUS_USEC) {
        (void)onus_time_format((int64_t)seconds * ONUS_USEC, out);
    }
}

static void add_text(const struct holding *holding, const struct onus_holds *holds,
        struct onus_buffer *out)
{
    for (size_t i = 0; i < holds->count; i++) {
        const struct onus_hold *hold = &holds->items[i];
        char time[ONUS_TIME_TEXT];
        put_time(hold->time, time);
        (void)onus_utf8_add_visible(out, hold->thread, SIZE_MAX);
        onus_buffer_printf(out, ", since %s: ", time);
        add_scope(holding, hold, out);
        onus_buffer_add_text(out, "\n  ");
        (void)onus_utf8_add_visible(out, hold->reason, SIZE_MAX);
        onus_buffer_add_char(out, '\n');
    }
    if (holds->count == 0) {
        onus_buffer_add_text(out, "nothing is on hold\n");
    }
}

static void add_json(const struct holding *holding, const struct onus_holds *holds,
        struct onus_json *json)
{
    onus_json_object(json);
    onus_json_key_text(json, "schema", "onus.hold/1");
    onus_json_key(json, "holds");
    onus_json_array(json);
    for (size_t i = 0; i < holds->count; i++) {
        const struct onus_hold *hold = &holds->items[i];
        const struct onus_source *source =
                hold->all ? NULL : onus_vault_source_tagged(holding->vault, &hold->tag);
        bool some = !hold->all && (hold->first > 0 || hold->last < ONUS_SEQ_MAX);
        char time[ONUS_TIME_TEXT];
        put_time(hold->time, time);
        onus_json_object(json);
        onus_json_key_str(json, "thread", hold->thread);
        onus_json_key_text(json, "since", time);
        onus_json_key_str(json, "reason", hold->reason);
        onus_json_key_str_or_null(json, "source", source ? source->name : ONUS_STR_NONE);
        onus_json_key(json, "batches");
        if (some) {
            onus_json_array(json);
            onus_json_u64(json, hold->first);
            onus_json_u64(json, hold->last);
            onus_json_array_end(json);
        } else {
            onus_json_null(json);
        }
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
    onus_json_object_end(json);
}

static enum onus_code print(struct holding *holding, struct onus_error *err)
{
    struct onus_buffer text = {0};
    struct onus_holds holds;
    struct onus_json json;
    const struct onus_global *global = holding->arguments->global;
    enum onus_code code =
            onus_holds_read(onus_vault_at(holding->vault), &holding->arena, &holds, err);
    if (code == ONUS_OK && global->json) {
        onus_json_init(&json, &text, ONUS_JSON_PRETTY);
        add_json(holding, &holds, &json);
        code = onus_json_finish(&json, err);
    } else if (code == ONUS_OK && holding->verb == VERB_LIST) {
        add_text(holding, &holds, &text);
        code = onus_buffer_status(&text, err);
    }
    if (code == ONUS_OK && text.len > 0) {
        (void)fwrite(text.ptr, 1, text.len, stdout);
    }
    onus_buffer_clear(&text);
    return code;
}

static enum onus_code act(struct holding *holding, struct onus_error *err)
{
    const char *folder = onus_vault_find(holding->arguments->global->case_directory);
    enum onus_code code = understand(holding, err);
    if (code == ONUS_OK && !folder) {
        code = onus_fail(err, ONUS_E_MISSING, "no case here; name one with -C");
    }
    if (code == ONUS_OK) {
        code = onus_vault_open(folder,
                &(struct onus_vault_options){.write = holding->verb != VERB_LIST,
                        .no_keys = holding->verb == VERB_LIST,
                        .random = draw,
                        .confine = confine,
                        .data = holding},
                &holding->vault, err);
    }
    if (code == ONUS_OK && holding->verb != VERB_LIST) {
        code = change(holding, err);
    }
    return code == ONUS_OK ? print(holding, err) : code;
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct holding holding = {.arguments = arguments};
    onus_arena_init(&holding.arena, ONUS_HOLDS_SIZE_MAX * 64);
    enum onus_code code = act(&holding, &err);
    onus_vault_close(holding.vault);
    onus_arena_clear(&holding.arena);
    return code == ONUS_OK ? ONUS_EXIT_OK : onus_complain(arguments, &err);
}

static const struct onus_option options[] = {
        {"batches", 0, "SOURCE:SEQ-SEQ", "only these batches", false},
        {"source", 0, "NAME", "only this source, what is sealed later included", false},
        {"reason", 0, "WORDS", "why; kept with the hold", false},
};

const struct onus_command onus_command_hold = {
        .name = "hold",
        .group = ONUS_GROUP_EVIDENCE,
        .summary = "keep sealed lines from being erased while a matter is open",
        .operands = "add|remove|list [THREAD]",
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "A hold belongs to a thread: the name of a matter, in your words. While it stands, "
                "'onus erase' refuses what it covers (exit 7) and names it. Without --batches and "
                "--source it covers everything, also what is sealed later.\n"
                "\n"
                "'remove' lifts all holds of a thread. Both are noted in the custody log.",
        .examples =
                "onus -C case hold add 2026-17 --source auth.log --reason 'preservation request'\n"
                "  nothing of auth.log is erased\n"
                "onus -C case hold list\n"
                "  what is on hold, and why\n"
                "onus -C case hold remove 2026-17\n"
                "  the matter is closed\n",
        .run = run,
};
