/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "cli/suggest.h"

const struct onus_option *onus_option_find(struct onus_option_table table, struct onus_str name)
{
    for (size_t i = 0; i < table.count; i++) {
        if (onus_str_eq(onus_str_of(table.rows[i].name), name)) {
            return &table.rows[i];
        }
    }
    return NULL;
}

static const struct onus_option *find_letter(struct onus_option_table table, char letter)
{
    for (size_t i = 0; i < table.count; i++) {
        if (table.rows[i].letter == letter) {
            return &table.rows[i];
        }
    }
    return NULL;
}

static enum onus_code unknown_name(const struct onus_option_reader *reader, struct onus_str name,
        struct onus_error *err)
{
    struct onus_suggestion best;
    onus_suggest_init(&best, name);
    const struct onus_option_table tables[] = {reader->own, reader->global};
    for (size_t t = 0; t < ONUS_COUNT(tables); t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            onus_suggest_offer(&best, tables[t].rows[i].name);
        }
    }
    if (best.name) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "unknown option '--" ONUS_STR_FMT "'; did you mean '--%s'?", ONUS_STR_ARG(name),
                best.name);
    }
    return onus_fail(err, ONUS_E_ARGUMENT, "unknown option '--" ONUS_STR_FMT "'",
            ONUS_STR_ARG(name));
}

static enum onus_code found(const struct onus_option_reader *reader,
        const struct onus_option *option, const char *value, struct onus_option_found *out)
{
    *out = (struct onus_option_found){
            .option = option,
            .own = onus_option_find(reader->own, onus_str_of(option->name)) == option,
            .value = value,
    };
    return ONUS_OK;
}

/* The value stands in the next word, whatever that word looks like. */
static enum onus_code value_follows(struct onus_option_reader *reader,
        const struct onus_option *option, struct onus_option_found *out, struct onus_error *err)
{
    if (reader->next >= reader->argc) {
        return onus_fail(err, ONUS_E_ARGUMENT, "option '--%s' needs a value: %s", option->name,
                option->argument);
    }
    return found(reader, option, reader->argv[reader->next++], out);
}

static enum onus_code next_long(struct onus_option_reader *reader, const char *word,
        struct onus_option_found *out, struct onus_error *err)
{
    const char *equals = strchr(word, '=');
    struct onus_str name = {word, equals ? (size_t)(equals - word) : strlen(word)};
    const struct onus_option *option = onus_option_find(reader->own, name);
    if (!option) {
        option = onus_option_find(reader->global, name);
    }
    if (!option) {
        return unknown_name(reader, name, err);
    }
    if (!option->argument) {
        if (equals) {
            return onus_fail(err, ONUS_E_ARGUMENT, "option '--%s' takes no value", option->name);
        }
        return found(reader, option, "", out);
    }
    return equals ? found(reader, option, equals + 1, out)
                  : value_follows(reader, option, out, err);
}

static enum onus_code next_letter(struct onus_option_reader *reader, struct onus_option_found *out,
        struct onus_error *err)
{
    char letter = *reader->cluster++;
    const char *rest = reader->cluster;
    if (*rest == '\0') {
        reader->cluster = NULL;
    }
    const struct onus_option *option = find_letter(reader->own, letter);
    if (!option) {
        option = find_letter(reader->global, letter);
    }
    if (!option) {
        return onus_fail(err, ONUS_E_ARGUMENT, "unknown option '-%c'", letter);
    }
    if (!option->argument) {
        return found(reader, option, "", out);
    }
    reader->cluster = NULL;
    return *rest != '\0' ? found(reader, option, rest, out)
                         : value_follows(reader, option, out, err);
}

enum onus_code onus_option_next(struct onus_option_reader *reader, struct onus_option_found *out,
        struct onus_error *err)
{
    if (reader->cluster) {
        return next_letter(reader, out, err);
    }
    if (reader->next >= reader->argc) {
        return ONUS_END;
    }
    char *word = reader->argv[reader->next++];
    if (!reader->only_operands && strcmp(word, "--") == 0) {
        reader->only_operands = true;
        return onus_option_next(reader, out, err);
    }
    if (reader->only_operands || word[0] != '-' || word[1] == '\0') {
        *out = (struct onus_option_found){.operand = word};
        return ONUS_OK;
    }
    if (word[1] == '-') {
        return next_long(reader, word + 2, out, err);
    }
    reader->cluster = word + 1;
    return next_letter(reader, out, err);
}
