/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "base/str.h"
#include "cli/ipdb_fetch.h"
#include "cli/net_notes.h"
#include "evidence/net_table.h"
#include "report/table.h"
#include "report/words.h"
#include "text/json_write.h"
#include "text/utf8.h"

static enum onus_code print(struct onus_buffer *out, struct onus_error *err)
{
    enum onus_code code = onus_buffer_status(out, err);
    if (code == ONUS_OK && out->len > 0) {
        (void)fwrite(out->ptr, 1, out->len, stdout);
    }
    return code;
}

static void knows_words(struct onus_buffer *out, unsigned knows)
{
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = {
            {ONUS_IPDB_ASN, "network"},
            {ONUS_IPDB_COUNTRY, "country"},
            {ONUS_IPDB_V4, "IPv4"},
            {ONUS_IPDB_V6, "IPv6"},
    };
    bool first = true;
    for (size_t i = 0; i < ONUS_COUNT(words); i++) {
        if ((knows & words[i].bit) != 0) {
            onus_buffer_add_text(out, first ? "" : ", ");
            onus_buffer_add_text(out, words[i].word);
            first = false;
        }
    }
}

static void remarks(struct onus_buffer *out, uint64_t overlaps, uint64_t left_out)
{
    if (overlaps > 0) {
        onus_buffer_add_text(out, "; ");
        onus_words_count(out, overlaps, "row touches", "rows touch");
        onus_buffer_add_text(out, " another, the one that begins last answers");
    }
    if (left_out > 0) {
        onus_buffer_add_text(out, "; ");
        onus_words_count(out, left_out, "line is", "lines are");
        onus_buffer_add_text(out, " no row");
    }
}

static void fill_table(struct onus_table *cells, const struct onus_ipdb_table *table)
{
    onus_table_str(cells, table->name);
    onus_table_str(cells, table->date);
    onus_words_number(onus_table_cell(cells), table->rows);
    onus_table_end_cell(cells);
    knows_words(onus_table_cell(cells), table->knows);
    onus_table_end_cell(cells);
    struct onus_buffer *out = onus_table_cell(cells);
    (void)onus_utf8_add_visible(out, table->source, SIZE_MAX);
    remarks(out, table->overlaps, table->left_out);
    onus_table_end_cell(cells);
}

static void fill_list(struct onus_table *cells, const struct onus_ipdb_list *list)
{
    onus_table_str(cells, list->name);
    onus_table_str(cells, list->date);
    onus_words_number(onus_table_cell(cells), list->rows);
    onus_table_end_cell(cells);
    onus_buffer_add_text(onus_table_cell(cells), "list: ");
    (void)onus_utf8_add_visible(&cells->text, list->kind, SIZE_MAX);
    onus_table_end_cell(cells);
    struct onus_buffer *out = onus_table_cell(cells);
    (void)onus_utf8_add_visible(out, list->source, SIZE_MAX);
    remarks(out, 0, list->left_out);
    onus_table_end_cell(cells);
}

static void list_text(struct onus_buffer *out, const struct onus_ipdb *ipdb)
{
    static const struct onus_table_column columns[] = {{.heading = "table"}, {.heading = "date"},
            {.heading = "rows", .right = true}, {.heading = "knows"}, {.heading = "made from"}};
    struct onus_table cells;
    onus_table_init(&cells, columns, ONUS_COUNT(columns));
    for (size_t i = 0; i < onus_ipdb_table_count(ipdb); i++) {
        fill_table(&cells, onus_ipdb_table(ipdb, i));
    }
    for (size_t i = 0; i < onus_ipdb_list_count(ipdb); i++) {
        struct onus_ipdb_list list;
        onus_ipdb_list(ipdb, i, &list);
        fill_list(&cells, &list);
    }
    onus_table_fit(&cells, SIZE_MAX);
    onus_table_print_heading(&cells, out);
    onus_buffer_add_char(out, '\n');
    for (size_t i = 0; i < onus_table_rows(&cells); i++) {
        onus_table_print_row(&cells, i, out);
        onus_buffer_add_char(out, '\n');
    }
    onus_table_clear(&cells);
    for (size_t i = 0; i < onus_ipdb_note_count(ipdb); i++) {
        onus_buffer_add_text(out, "left out: ");
        (void)onus_utf8_add_visible(out, onus_ipdb_note(ipdb, i).text, SIZE_MAX);
        onus_buffer_add_char(out, '\n');
    }
}

static void json_tables(struct onus_json *json, const struct onus_ipdb *ipdb)
{
    onus_json_key(json, "tables");
    onus_json_array(json);
    for (size_t i = 0; i < onus_ipdb_table_count(ipdb); i++) {
        const struct onus_ipdb_table *table = onus_ipdb_table(ipdb, i);
        onus_json_object(json);
        onus_json_key_str(json, "name", table->name);
        onus_json_key_str(json, "date", table->date);
        onus_json_key_u64(json, "rows", table->rows);
        onus_json_key_bool(json, "asn", (table->knows & ONUS_IPDB_ASN) != 0);
        onus_json_key_bool(json, "country", (table->knows & ONUS_IPDB_COUNTRY) != 0);
        onus_json_key_bool(json, "ipv4", (table->knows & ONUS_IPDB_V4) != 0);
        onus_json_key_bool(json, "ipv6", (table->knows & ONUS_IPDB_V6) != 0);
        onus_json_key_u64(json, "overlapping_rows", table->overlaps);
        onus_json_key_u64(json, "lines_left_out", table->left_out);
        onus_json_key_str(json, "source", table->source);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

static enum onus_code list_json(struct onus_buffer *out, const struct onus_ipdb *ipdb,
        struct onus_error *err)
{
    struct onus_json json;
    onus_json_init(&json, out, ONUS_JSON_PRETTY);
    onus_json_object(&json);
    onus_json_key_text(&json, "schema", "onus.ipdb/1");
    json_tables(&json, ipdb);
    onus_json_key(&json, "lists");
    onus_json_array(&json);
    for (size_t i = 0; i < onus_ipdb_list_count(ipdb); i++) {
        struct onus_ipdb_list list;
        onus_ipdb_list(ipdb, i, &list);
        onus_json_object(&json);
        onus_json_key_str(&json, "name", list.name);
        onus_json_key_str(&json, "kind", list.kind);
        onus_json_key_str(&json, "date", list.date);
        onus_json_key_u64(&json, "rows", list.rows);
        onus_json_key_u64(&json, "lines_left_out", list.left_out);
        onus_json_key_str(&json, "source", list.source);
        onus_json_object_end(&json);
    }
    onus_json_array_end(&json);
    onus_json_key(&json, "left_out");
    onus_json_array(&json);
    for (size_t i = 0; i < onus_ipdb_note_count(ipdb); i++) {
        onus_json_str(&json, onus_ipdb_note(ipdb, i).text);
    }
    onus_json_array_end(&json);
    onus_json_object_end(&json);
    return onus_json_finish(&json, err);
}

static enum onus_code list(const struct onus_arguments *arguments, struct onus_error *err)
{
    struct onus_ipdb *ipdb = NULL;
    struct onus_buffer out = {.limit = 0};
    if (arguments->word_count > 1) {
        return onus_fail(err, ONUS_E_ARGUMENT, "list takes no operand, '%s' is one too many",
                arguments->words[1]);
    }
    enum onus_code code = onus_ipdb_open(onus_argument(arguments, "ipdb"), &ipdb, err);
    if (code == ONUS_OK && arguments->global->json) {
        code = list_json(&out, ipdb, err);
    } else if (code == ONUS_OK) {
        list_text(&out, ipdb);
    }
    if (code == ONUS_OK) {
        code = print(&out, err);
    }
    onus_buffer_clear(&out);
    onus_ipdb_close(ipdb);
    return code;
}

static enum onus_code add(const struct onus_arguments *arguments, struct onus_error *err)
{
    if (arguments->word_count < 2) {
        return onus_fail(err, ONUS_E_ARGUMENT, "add which file?");
    }
    for (size_t i = 1; i < arguments->word_count; i++) {
        char path[ONUS_IPDB_PATH];
        enum onus_code code = onus_ipdb_add(arguments->words[i], onus_argument(arguments, "date"),
                onus_argument(arguments, "ipdb"), path, err);
        if (code != ONUS_OK) {
            return code;
        }
        if (!arguments->global->quiet) {
            (void)printf("%s\n", path);
        }
    }
    return ONUS_OK;
}

static enum onus_code fetch(const struct onus_arguments *arguments, struct onus_error *err)
{
    if (arguments->word_count > 1) {
        return onus_fail(err, ONUS_E_ARGUMENT, "fetch takes no operand, '%s' is one too many",
                arguments->words[1]);
    }
    return onus_ipdb_fetch(onus_argument(arguments, "ipdb"), !arguments->global->quiet, err);
}

/* The only table of that name, and of that date when one is given. */
static enum onus_code find_table(const struct onus_ipdb *ipdb, struct onus_str name,
        struct onus_str date, size_t *out, struct onus_error *err)
{
    size_t found = 0;
    for (size_t i = 0; i < onus_ipdb_table_count(ipdb); i++) {
        const struct onus_ipdb_table *table = onus_ipdb_table(ipdb, i);
        if (onus_str_eq(table->name, name) && (date.len == 0 || onus_str_eq(table->date, date))) {
            *out = i;
            found++;
        }
    }
    if (found == 0) {
        return onus_fail(err, ONUS_E_MISSING,
                "no table '" ONUS_STR_FMT "' is installed; onus ipdb list shows them",
                ONUS_STR_ARG(name));
    }
    if (found > 1) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "there are %zu tables '" ONUS_STR_FMT "': add the date with --date", found,
                ONUS_STR_ARG(name));
    }
    if ((onus_ipdb_table(ipdb, *out)->knows & ONUS_IPDB_ASN) == 0) {
        return onus_fail(err, ONUS_E_ARGUMENT, "table '" ONUS_STR_FMT "' knows no networks",
                ONUS_STR_ARG(name));
    }
    return ONUS_OK;
}

static enum onus_code export_rows(const struct onus_ipdb *ipdb, size_t table,
        struct onus_buffer *out, struct onus_error *err)
{
    const struct onus_ipdb_table *about = onus_ipdb_table(ipdb, table);
    struct onus_net_writer writer;
    struct onus_ipdb_answer row;
    uint64_t at = 0;
    enum onus_code code = onus_net_table_begin(&writer, out, about->name, about->date, err);
    while (code == ONUS_OK && onus_ipdb_next_row(ipdb, table, &at, &row)) {
        if (row.asn != 0) {
            code = onus_net_table_add(&writer, &row.first, &row.last, row.asn, row.operator_name,
                    err);
        }
    }
    return code == ONUS_OK ? onus_net_table_end(&writer, err) : code;
}

static enum onus_code export_table(const struct onus_arguments *arguments, struct onus_error *err)
{
    struct onus_ipdb *ipdb = NULL;
    struct onus_buffer out = {.limit = 0};
    size_t table = 0;
    if (arguments->word_count != 2) {
        return onus_fail(err, ONUS_E_ARGUMENT, "export which table? Give one name");
    }
    enum onus_code code = onus_ipdb_open(onus_argument(arguments, "ipdb"), &ipdb, err);
    if (code == ONUS_OK) {
        const char *date = onus_argument(arguments, "date");
        code = find_table(ipdb, onus_str_of(arguments->words[1]),
                date ? onus_str_of(date) : ONUS_STR(""), &table, err);
    }
    if (code == ONUS_OK) {
        code = export_rows(ipdb, table, &out, err);
    }
    if (code == ONUS_OK) {
        code = print(&out, err);
    }
    onus_buffer_clear(&out);
    onus_ipdb_close(ipdb);
    return code;
}

static int run(const struct onus_arguments *arguments)
{
    static const struct {
        const char *name;
        enum onus_code (*run)(const struct onus_arguments *arguments, struct onus_error *err);
    } verbs[] = {{"list", list}, {"add", add}, {"fetch", fetch}, {"export", export_table}};
    struct onus_error err = ONUS_ERROR_INIT;
    const char *verb = arguments->word_count > 0 ? arguments->words[0] : "list";
    enum onus_code code = ONUS_E_ARGUMENT;
    bool known = false;
    for (size_t i = 0; i < ONUS_COUNT(verbs) && !known; i++) {
        if (strcmp(verb, verbs[i].name) == 0) {
            known = true;
            code = verbs[i].run(arguments, &err);
        }
    }
    if (!known) {
        (void)onus_fail(&err, ONUS_E_ARGUMENT, "'%s' is none of list, add, fetch, export", verb);
    }
    return code == ONUS_OK ? ONUS_EXIT_OK : onus_complain(arguments, &err);
}

static const struct onus_option options[] = {
        {"date", 'd', "DATE",
                "from when an added file is (2026-06 or 2026-06-17), when it does not "
                "say so itself; or which table of that name is exported",
                false},
        {"ipdb", 0, "DIR", "this directory instead of the user's own", false},
};

const struct onus_command onus_command_ipdb = {
        .name = "ipdb",
        .group = ONUS_GROUP_NETWORKS,
        .summary = "the dated tables of networks: what is there, add, fetch, export",
        .operands = "list | add FILE... | fetch | export TABLE",
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "list prints every table and list with its date, its rows, what it knows and the "
                "files it was made from, and what was left out and why.\n"
                "\n"
                "add compiles a file into the user's own tables: CSV (start,end,asn,name or "
                "start,end,country), MaxMind DB, libloc, Tor's geoip, MISP warning lists, plain "
                "lists of addresses; compressed or not. The date comes from the name (..._2026-06), "
                "from the file, or from --date; a file without a date is refused.\n"
                "\n"
                "fetch lets npm, where it is installed, download the packages @ip-location-db/asn "
                "and @ip-location-db/asn-country and adds their tables under the date of the "
                "package. It is the only part of this program's tables that uses the network.\n"
                "\n"
                "export prints the networks of a table as lines that can be sealed (onus seal "
                "--source 'net-table NAME DATE') and shown as evidence: 'net LOW HIGH ASN OPERATOR', ascending, without "
                "overlaps, neighbours of one network and operator joined. The same table gives the "
                "same lines everywhere.\n"
                "\n"
                "The user's tables are in $XDG_DATA_HOME/onus/ipdb or ~/.local/share/onus/ipdb. "
                "Beside them the tables of Debian's libloc-database and tor-geoipdb are used where "
                "they are installed.",
        .examples = "onus ipdb list\n"
                    "  the tables that are used without --ipdb\n"
                    "onus ipdb add --date 2026-06 asn-ipv4.csv\n"
                    "  compile a file that does not say from when it is\n"
                    "onus ipdb export asn --date 2016-06 > asn-2016-06.nets\n"
                    "  the lines of one table, to be sealed\n",
        .run = run,
};
