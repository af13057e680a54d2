/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "base/str.h"
#include "cli/outgoing.h"
#include "net/address_list.h"

enum {
    NOTE_MAX = 1 << 20,
    LIST_MAX = 1 << 28,
};

struct asking {
    struct onus_arena arena; /* what was read before the sandbox closed */
    struct onus_query query;
    struct onus_str beacon;
    struct onus_address *members;
    size_t member_count;
};

static enum onus_code understand(const struct onus_arguments *arguments, struct asking *asking,
        struct onus_error *err)
{
    if (arguments->word_count != 1) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                arguments->word_count == 0 ? "what is to be proven?"
                                           : "one question at a time, in quotes");
    }
    struct onus_str text = onus_str_of(arguments->words[0]);
    enum onus_code code = onus_query_parse(text, &asking->query, err);
    const char *beacon = onus_argument(arguments, "beacon");
    if (code == ONUS_OK && beacon && asking->query.kind != ONUS_QUERY_SAMPLE) {
        return onus_fail(err, ONUS_E_ARGUMENT, "--beacon is for 'sample'");
    }
    if (code == ONUS_OK && beacon) {
        code = onus_outgoing_read(beacon, NOTE_MAX, &asking->arena, &asking->beacon, err);
    }
    return code;
}

/* One address a line, in its first column; lines without one are told. */
static enum onus_code read_members(const struct onus_arguments *arguments, struct asking *asking,
        struct onus_error *err)
{
    if (asking->query.kind != ONUS_QUERY_MEMBERS) {
        return ONUS_OK;
    }
    struct onus_str path;
    struct onus_str text;
    enum onus_code code = onus_arena_copy(&asking->arena, asking->query.text, &path, err);
    if (code == ONUS_OK) {
        code = onus_outgoing_read(path.ptr, LIST_MAX, &asking->arena, &text, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    size_t room = 1;
    for (size_t i = 0; i < text.len; i++) {
        room += text.ptr[i] == '\n';
    }
    asking->members = onus_arena_alloc(&asking->arena, room * sizeof(*asking->members));
    if (!asking->members) {
        return onus_arena_reason(&asking->arena, err);
    }
    for (size_t number = 1; text.len > 0; number++) {
        struct onus_str line = text;
        if (!onus_str_cut(&text, '\n', &line)) {
            text = ONUS_STR_NONE;
        }
        struct onus_address address;
        enum onus_address_line held = onus_address_line(line, &address);
        if (held == ONUS_ADDRESS_LINE_HELD) {
            asking->members[asking->member_count++] = address;
        } else if (held == ONUS_ADDRESS_LINE_NONE) {
            onus_note(arguments, "%s:%zu: no address", path.ptr, number);
        }
    }
    if (asking->member_count == 0) {
        return onus_fail(err, ONUS_E_FORMAT, "'%s' has no address", path.ptr);
    }
    return ONUS_OK;
}

static enum onus_code print_json(const struct onus_outgoing *out, struct onus_error *err)
{
    struct onus_buffer text = {.limit = 0};
    struct onus_json json;
    const struct onus_proven *proven = &out->proven;
    onus_json_init(&json, &text, ONUS_JSON_PRETTY);
    onus_json_object(&json);
    onus_json_key_text(&json, "schema", "onus.prove/1");
    onus_json_key_text(&json, "query", out->arguments->words[0]);
    onus_json_key_u64(&json, "lines", proven->counted.lines);
    onus_json_key_u64(&json, "attempts", proven->counted.attempts);
    onus_json_key_u64(&json, "all_lines", proven->all.lines);
    onus_json_key_u64(&json, "all_attempts", proven->all.attempts);
    onus_json_key_u64(&json, "shown", proven->shown);
    onus_json_key_u64(&json, "straddling", proven->selection.straddling);
    onus_json_key_u64(&json, "members", proven->members);
    onus_json_key_u64(&json, "members_inside", proven->inside);
    onus_json_key_u64(&json, "members_elsewhere", proven->elsewhere);
    onus_outgoing_json(&json, out);
    onus_json_object_end(&json);
    enum onus_code code = onus_json_finish(&json, err);
    if (code == ONUS_OK) {
        (void)fwrite(text.ptr, 1, text.len, stdout);
    }
    onus_buffer_clear(&text);
    return code;
}

static enum onus_code print_text(const struct onus_outgoing *out, struct onus_error *err)
{
    if (out->arguments->global->quiet) {
        return ONUS_OK;
    }
    struct onus_buffer text = {.limit = 0};
    onus_buffer_add_str(&text, onus_buffer_view(&out->answer));
    onus_buffer_printf(&text, "%s: %zu bytes\n", onus_argument(out->arguments, "out"),
            out->bytes.len);
    enum onus_code code = onus_buffer_status(&text, err);
    if (code == ONUS_OK) {
        (void)fwrite(text.ptr, 1, text.len, stdout);
    }
    onus_buffer_clear(&text);
    return code;
}

static enum onus_code answer(struct onus_outgoing *out, struct asking *asking,
        struct onus_error *err)
{
    out->options.beacon = asking->beacon;
    out->options.members = asking->members;
    out->options.member_count = asking->member_count;
    out->options.no_rollups = onus_argument_given(out->arguments, "no-rollups");
    enum onus_code code = onus_prove(&asking->query, &out->options, &out->arena, &out->proven, err);
    if (code == ONUS_OK) {
        code = onus_outgoing_finish(out, out->proven.shown > 0, err);
    }
    if (code == ONUS_OK) {
        code = out->arguments->global->json ? print_json(out, err) : print_text(out, err);
    }
    return code;
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct asking asking = {.beacon = ONUS_STR_NONE};
    struct onus_outgoing out = {.arguments = arguments};
    onus_arena_init(&asking.arena, (size_t)LIST_MAX * 8);
    enum onus_code code = understand(arguments, &asking, &err);
    if (code == ONUS_OK) {
        code = read_members(arguments, &asking, &err);
    }
    if (code == ONUS_OK) {
        code = onus_outgoing_open(&out, arguments, ONUS_SANDBOX_PARSE, &err);
    }
    if (code == ONUS_OK) {
        code = answer(&out, &asking, &err);
    }
    onus_outgoing_close(&out);
    onus_arena_clear(&asking.arena);
    return code == ONUS_OK ? ONUS_EXIT_OK : onus_complain(arguments, &err);
}

static const struct onus_option options[] = {
        ONUS_OUTGOING_OPTIONS{"beacon", 0, "NOTE",
                "checkpoint of another log, cosigned after sealing, that draws a sample", false},
        {"no-rollups", 0, NULL, "show each batch, also where a roll-up would do", false},
};

const struct onus_command onus_command_prove = {
        .name = "prove",
        .group = ONUS_GROUP_EVIDENCE,
        .summary = "make a bundle that proves a number or a fact",
        .operands = "QUERY",
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "Answers a question from what is sealed in the case and writes a bundle that lets "
                "others check the answer without trust and without the rest of the log. What is not "
                "so is not proven: exit 1. What cannot be shown from what is sealed: exit 3.\n"
                "\n"
                "QUERY is one of\n"
                "  attempts from WHO, lines from WHO, all    both numbers are proven\n"
                "  share of WHO                              the same, and the whole\n"
                "  none from WHO                             nothing at all\n"
                "  [N of] addresses in FILE are AS64500      by a sealed table of networks\n"
                "  at least [N] 'TEXT'                       lines that contain it are shown\n"
                "  no batch missing                          one source, from its first to its last\n"
                "  sealed SOURCE:1-4,8                       lines and when they were sealed\n"
                "  sample N                                  a random audit; needs --beacon\n"
                "followed by any of: on 2016-06-27, in 2016-06, between DAY and DAY, since DAY, until "
                "DAY, of SOURCE, batch SEQ. WHO is an address, a network 203.0.113.0/24, a range "
                "192.0.2.4-192.0.2.9, or an AS such as AS64500.\n"
                "\n"
                "A day means the batches whose lines have times in it (UTC). A batch with lines on "
                "both sides of its edge is counted whole, and that is said with its times. Roll-ups "
                "are used where they cover. docs/proofs.md says what each statement needs and what "
                "it does not say.\n"
                "\n"
                "Where lines leave (at least, sealed, sample), every byte is printed first, secrets "
                "are looked for, and you are asked, as by 'onus disclose'.",
        .examples = "onus -C case prove 'attempts from 203.0.113.0/24 on 2016-06-27' --out a.onus\n"
                    "  how many, exactly, without showing a line\n"
                    "onus -C case prove 'share of AS64500 in 2016-06' --out b.onus --to court\n"
                    "  by the table of networks that is sealed and nearest in date\n"
                    "onus -C case prove 'none from 192.0.2.9' --out c.onus\n"
                    "  that there is no line of this address\n",
        .run = run,
};
