/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "base/str.h"
#include "cli/incident_lines.h"
#include "cli/outgoing.h"
#include "text/decimal.h"

struct asked {
    struct onus_arena arena;
    struct onus_lines_wanted *wanted;
    size_t count;
    uint32_t kinds;
    const char *incident;
    struct onus_incident_search search;
};

static enum onus_code add_lines(struct asked *asked, const char *text, struct onus_error *err)
{
    struct onus_line_range *ranges = NULL;
    struct onus_lines_wanted *wanted = &asked->wanted[asked->count];
    enum onus_code code = onus_lines_parse(onus_str_of(text), &asked->arena, &wanted->source,
            &ranges, &wanted->count, err);
    wanted->ranges = ranges;
    asked->count += code == ONUS_OK;
    return code;
}

static enum onus_code add_batch(struct asked *asked, const char *text, struct onus_error *err)
{
    struct onus_str all = onus_str_of(text);
    struct onus_lines_wanted *wanted = &asked->wanted[asked->count];
    size_t colon = onus_str_rfind_char(all, ':');
    wanted->source = onus_str_sub(all, 0, colon);
    wanted->has_seq = true;
    if (colon == ONUS_STR_NPOS || colon == 0 ||
            !onus_decimal_parse(onus_str_from(all, colon + 1), &wanted->seq)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "--batch takes SOURCE:SEQ, not '%s'", text);
    }
    asked->count++;
    return ONUS_OK;
}

/* "time,src" */
static enum onus_code read_kinds(const char *text, uint32_t *out, struct onus_error *err)
{
    static const struct {
        const char *name;
        uint8_t kind;
    } kinds[] = {{"time", ONUS_SLOT_PART_TIME}, {"text", ONUS_SLOT_PART_TEXT},
            {"account", ONUS_SLOT_PART_ACCOUNT}, {"src", ONUS_SLOT_PART_ADDRESS},
            {"target", ONUS_SLOT_PART_TARGET}, {"agent", ONUS_SLOT_PART_AGENT},
            {"program", ONUS_SLOT_PART_PROGRAM}};
    struct onus_str rest = onus_str_of(text);
    for (bool more = true; more;) {
        struct onus_str word = rest;
        more = onus_str_cut(&rest, ',', &word);
        size_t i = 0;
        while (i < ONUS_COUNT(kinds) && !onus_str_eq(word, onus_str_of(kinds[i].name))) {
            i++;
        }
        if (i == ONUS_COUNT(kinds)) {
            return onus_fail(err, ONUS_E_ARGUMENT,
                    "--show: '" ONUS_STR_FMT
                    "' is none of time, text, account, src, target, agent, program",
                    ONUS_STR_ARG(word));
        }
        *out |= ONUS_KIND_BIT(kinds[i].kind);
    }
    return ONUS_OK;
}

static enum onus_code understand(const struct onus_arguments *arguments, struct asked *asked,
        struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    asked->wanted =
            onus_arena_alloc(&asked->arena, (arguments->all_count + 1) * sizeof(*asked->wanted));
    if (!asked->wanted) {
        return onus_arena_reason(&asked->arena, err);
    }
    asked->incident = onus_argument(arguments, "incident");
    for (size_t i = 0; code == ONUS_OK && i < arguments->all_count; i++) {
        const char *name = arguments->all[2 * i];
        const char *value = arguments->all[2 * i + 1];
        if (strcmp(name, "lines") == 0) {
            code = add_lines(asked, value, err);
        } else if (strcmp(name, "batch") == 0) {
            code = add_batch(asked, value, err);
        } else if (strcmp(name, "show") == 0) {
            code = read_kinds(value, &asked->kinds, err);
        }
    }
    if (code == ONUS_OK && (asked->count > 0) == (asked->incident != NULL)) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "which lines? Give --lines and --batch, or --incident");
    }
    return code == ONUS_OK && asked->incident
                   ? onus_incident_prepare(arguments, &asked->search, err)
                   : code;
}

static enum onus_code print_json(const struct onus_outgoing *out, struct onus_error *err)
{
    struct onus_buffer text = {.limit = 0};
    struct onus_json json;
    onus_json_init(&json, &text, ONUS_JSON_PRETTY);
    onus_json_object(&json);
    onus_json_key_text(&json, "schema", "onus.disclose/1");
    onus_json_key_u64(&json, "shown", out->proven.shown);
    onus_outgoing_json(&json, out);
    onus_json_object_end(&json);
    enum onus_code code = onus_json_finish(&json, err);
    if (code == ONUS_OK) {
        (void)fwrite(text.ptr, 1, text.len, stdout);
    }
    onus_buffer_clear(&text);
    return code;
}

static enum onus_code disclose(struct onus_outgoing *out, struct asked *asked,
        struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    if (asked->incident) {
        code = onus_incident_lines(&asked->search, out->vault, &out->holdings,
                onus_str_of(asked->incident), &asked->arena, &asked->wanted, &asked->count, err);
    }
    for (size_t i = 0; code == ONUS_OK && i < asked->count; i++) {
        asked->wanted[i].kinds = asked->kinds;
    }
    if (code == ONUS_OK) {
        code = onus_disclose(asked->wanted, asked->count, &out->options, &out->arena, &out->proven,
                err);
    }
    if (code == ONUS_OK) {
        code = onus_outgoing_finish(out, true, err);
    }
    if (code == ONUS_OK && out->arguments->global->json) {
        code = print_json(out, err);
    } else if (code == ONUS_OK && !out->arguments->global->quiet) {
        (void)printf("%s: %zu bytes\n", onus_argument(out->arguments, "out"), out->bytes.len);
    }
    return code;
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_outgoing out = {.arguments = arguments};
    struct asked asked = {.count = 0};
    onus_arena_init(&asked.arena, (size_t)4 << 30);
    enum onus_code code = understand(arguments, &asked, &err);
    if (code == ONUS_OK) {
        code = onus_outgoing_open(&out, arguments,
                asked.incident ? ONUS_SANDBOX_WORKER : ONUS_SANDBOX_PARSE, &err);
    }
    if (code == ONUS_OK) {
        code = disclose(&out, &asked, &err);
    }
    onus_outgoing_close(&out);
    onus_arena_clear(&asked.arena);
    return code == ONUS_OK ? ONUS_EXIT_OK : onus_complain(arguments, &err);
}

static const struct onus_option options[] = {
        {"lines", 'l', "SOURCE:1-4,8", "these lines, counted from 1 over all batches of the source",
                true},
        {"batch", 0, "SOURCE:SEQ", "all lines of this batch", true},
        {"incident", 0, "ID", "the lines of this incident of 'onus trace'", false},
        {"show", 0, "time,src",
                "only these parts of each line: time, text, account, src, target, "
                "agent, program",
                false},
        ONUS_OUTGOING_OPTIONS ONUS_OPTION_FORMAT,
        ONUS_OPTION_TZ,
        ONUS_OPTION_YEAR,
        ONUS_OPTION_RULES,
};

const struct onus_command onus_command_disclose = {
        .name = "disclose",
        .group = ONUS_GROUP_EVIDENCE,
        .summary = "open sealed lines for somebody else to check",
        .operands = NULL,
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "Writes a bundle that opens the lines asked for, or parts of them where the source is "
                "sealed in parts, and nothing else. Whoever has the bundle and a policy can check "
                "with 'onus verify' that these lines were committed and when.\n"
                "\n"
                "Before anything is written, every byte that will leave is printed; it is looked over "
                "for passwords, tokens, cookies, e-mail and private addresses (exit 7 when something "
                "is found that --allow RULE does not let pass; rules: password-as-user, "
                "authorization, cookie, url-secret, private-key, access-token, e-mail, "
                "private-address); and you are asked. A script says --yes.\n"
                "\n"
                "What was opened, to whom (--to) and when is kept in the ledger of the case. When "
                "earlier bundles and this one together open a line that none opens alone, it is "
                "said.\n"
                "\n"
                "Lines are numbered from 1 over all batches of their source, as in the file that was "
                "sealed. SOURCE is the name it was sealed under, or the part of it after a slash.",
        .examples =
                "onus -C case disclose --lines auth.log:1-4,8 --to court --out lines.onus\n"
                "  five lines\n"
                "onus -C case disclose --lines auth.log:1-500 --show time,src --out times.onus\n"
                "  of each line its time and its source address only\n"
                "onus -C case disclose --incident ID --yes --out incident.onus\n"
                "  all lines of an incident, from a script\n",
        .run = run,
};
