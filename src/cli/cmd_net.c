/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "cli/confine.h"
#include "cli/net_answers.h"
#include "cli/net_input.h"
#include "cli/net_notes.h"

enum {
    BATCH = 64 /* addresses aligned with each other */
};

static enum onus_code print(struct onus_buffer *out, struct onus_error *err)
{
    enum onus_code code = onus_buffer_status(out, err);
    if (code == ONUS_OK && out->len > 0) {
        (void)fwrite(out->ptr, 1, out->len, stdout);
        out->len = 0;
    }
    return code;
}

static enum onus_code answer(const struct onus_net_query *query, bool json, struct onus_error *err)
{
    struct onus_buffer out = {.limit = 0};
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < query->count && code == ONUS_OK; i += json ? 1 : BATCH) {
        if (json) {
            code = onus_net_json(&out, query, &query->addresses[i], err);
        } else {
            onus_net_text(&out, query, i, i + BATCH < query->count ? i + BATCH : query->count);
        }
        code = code == ONUS_OK ? print(&out, err) : code;
    }
    if (code == ONUS_OK && !json && query->count > 1) {
        code = onus_net_shares(&out, query, err);
        code = code == ONUS_OK ? print(&out, err) : code;
    }
    onus_buffer_clear(&out);
    return code;
}

static enum onus_code look_up(const struct onus_arguments *arguments, struct onus_net_input *input,
        struct onus_net_query *query, struct onus_error *err)
{
    struct onus_error unmet = ONUS_ERROR_INIT;
    const struct onus_sandbox_keep nothing = {.read = NULL};
    enum onus_code code = onus_confine(arguments, ONUS_SANDBOX_PARSE, &nothing, &unmet, err);
    if (code == ONUS_OK) {
        code = onus_net_input_parse(arguments, input, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    if (input->repeated > 0) {
        onus_note(arguments, "%llu repeated: an address is counted once however often it is given",
                (unsigned long long)input->repeated);
    }
    query->addresses = input->addresses;
    query->count = input->count;
    return answer(query, arguments->global->json, err);
}

static enum onus_code open_all(const struct onus_arguments *arguments, struct onus_net_input *input,
        struct onus_ipdb **ipdb, struct onus_ipdb_date *date, struct onus_error *err)
{
    const char *given = onus_argument(arguments, "date");
    if (given && !onus_ipdb_date_parse(onus_str_of(given), date)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "'%s' is not a date such as 2016-06-20 or 2016-06",
                given);
    }
    if (arguments->word_count == 0) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "which addresses? Give them, or a file with one a "
                "line");
    }
    enum onus_code code = onus_net_input_open(arguments, input, err);
    return code == ONUS_OK ? onus_ipdb_open(onus_argument(arguments, "ipdb"), ipdb, err) : code;
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_net_input input = {.addresses = NULL};
    struct onus_ipdb *ipdb = NULL;
    struct onus_ipdb_date date = {.text = ""};
    enum onus_code code = open_all(arguments, &input, &ipdb, &date, &err);
    if (code == ONUS_OK) {
        struct onus_net_query query = {.ipdb = ipdb, .date = date.text[0] != '\0' ? &date : NULL};
        onus_net_notes(arguments, ipdb);
        code = look_up(arguments, &input, &query, &err);
    }
    onus_ipdb_close(ipdb);
    onus_net_input_clear(&input);
    return code == ONUS_OK ? ONUS_EXIT_OK : onus_complain(arguments, &err);
}

static const struct onus_option options[] = {
        {"date", 'd', "DATE",
                "day of the event (2016-06-20 or 2016-06): the nearest table is marked", false},
        {"ipdb", 0, "DIR", "tables and lists of this directory instead of the user's own", false},
};

const struct onus_command onus_command_net = {
        .name = "net",
        .group = ONUS_GROUP_NETWORKS,
        .summary = "prefix, network, operator and country of addresses, by each dated table",
        .operands = "ADDRESS...|FILE",
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "Prints for each address what each table says: the prefix, the autonomous system and "
                "its operator, the country in which it is registered. Tables of different dates may "
                "disagree; each answer carries the date of its table, and none is printed without. "
                "Several addresses are followed by the share of each network, by each table.\n"
                "\n"
                "FILE has one address a line, in its first column (tab, comma, semicolon or blank "
                "ends it); '-' is standard input. Spellings such as 192.0.2[.]1 are read. Lines "
                "without an address are reported on standard error with their number; empty lines "
                "and lines that begin with '#' are passed over.\n"
                "\n"
                "With --date the tables nearest to that day are marked, and the distance in days is "
                "printed; over 90 days it is said to be far. Shared infrastructure (Tor exits, VPN, "
                "cloud, resolvers) is then what was so on that day, as far as its list says.\n"
                "\n"
                "A network says nothing about who used it.",
        .examples = "onus net 192.0.2.1 2001:db8::1\n"
                    "  what the installed tables say\n"
                    "onus net --date 2016-06-20 --ipdb tables/ addresses.txt\n"
                    "  by all tables in a directory, the one nearest to the day marked\n"
                    "onus --json net 192.0.2.1\n"
                    "  one JSON object a line, schema onus.net/1\n",
        .run = run,
};
