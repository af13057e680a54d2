/* SPDX-License-Identifier: Apache-2.0 */
#include "command_line.h"

#include "cli/options.h"

const struct onus_option onus_global_options[] = {
        {"case", 'C', "DIR", "work in the case of this folder", false},
        {"json", 0, NULL, "print JSON for programs instead of text for people", false},
        {"quiet", 'q', NULL, "print results and errors only, no notes and no progress", false},
        {"verbose", 'v', NULL, "say more about what is done and what could not be done", false},
        {"color", 0, "auto|always|never",
                "use colour; auto does on a terminal unless NO_COLOR is set", false},
        {"help", 'h', NULL, "explain the command, or list the commands", false},
        {"version", 0, NULL, "print the version", false},
};

const size_t onus_global_option_count = ONUS_COUNT(onus_global_options);

/* What is written while parsing; the arguments then see it as read-only. */
struct collected {
    const char **values;
    const char **all;
    char **words;
    const char *color;
    const struct onus_surroundings *around;
};

static bool named(const struct onus_option *option, const char *name)
{
    return strcmp(option->name, name) == 0;
}

static enum onus_code set_global(struct onus_command_line *line, struct collected *got,
        const struct onus_option_found *found, struct onus_error *err)
{
    const struct onus_option *option = found->option;
    if (named(option, "case")) {
        if (line->global.case_directory) {
            return onus_fail(err, ONUS_E_ARGUMENT, "option '--case' was given twice");
        }
        line->global.case_directory = found->value;
    } else if (named(option, "json")) {
        line->global.json = true;
    } else if (named(option, "quiet")) {
        line->global.quiet = true;
    } else if (named(option, "verbose")) {
        line->global.verbose = true;
    } else if (named(option, "color")) {
        got->color = found->value;
    } else if (named(option, "help")) {
        line->help = true;
    } else if (named(option, "version")) {
        line->version = true;
    } else {
        return onus_fail(err, ONUS_E_BUG, "option '--%s' has no meaning", option->name);
    }
    return ONUS_OK;
}

static enum onus_code set_own(struct onus_command_line *line, struct collected *got,
        const struct onus_option_found *found, struct onus_error *err)
{
    const struct onus_option *option = found->option;
    size_t row = (size_t)(option - line->arguments.command->options);
    if (got->values[row] && option->argument && !option->repeats) {
        return onus_fail(err, ONUS_E_ARGUMENT, "option '--%s' was given twice", option->name);
    }
    got->values[row] = found->value;
    got->all[2 * line->arguments.all_count] = option->name;
    got->all[2 * line->arguments.all_count + 1] = found->value;
    line->arguments.all_count++;
    return ONUS_OK;
}

/* The first operand is the command. */
static enum onus_code set_command(struct onus_command_line *line, struct onus_option_reader *reader,
        const struct onus_surroundings *around, const char *name, struct onus_error *err)
{
    for (size_t i = 0; i < around->command_count; i++) {
        const struct onus_command *command = around->commands[i];
        if (strcmp(command->name, name) == 0) {
            line->arguments.command = command;
            reader->own = (struct onus_option_table){command->options, command->option_count};
            return ONUS_OK;
        }
    }
    return onus_command_unknown(onus_str_of(name), err);
}

static enum onus_code take(struct onus_command_line *line, struct onus_option_reader *reader,
        struct collected *got, const struct onus_option_found *found, struct onus_error *err)
{
    if (found->option) {
        return found->own ? set_own(line, got, found, err) : set_global(line, got, found, err);
    }
    if (!line->arguments.command) {
        return set_command(line, reader, got->around, found->operand, err);
    }
    if (!line->arguments.command->operands) {
        return onus_fail(err, ONUS_E_ARGUMENT, "takes no operand, but got '%s'", found->operand);
    }
    got->words[line->arguments.word_count++] = found->operand;
    return ONUS_OK;
}

static enum onus_code settle(struct onus_command_line *line, const char *color,
        const struct onus_surroundings *around, struct onus_error *err)
{
    bool automatic = !color || strcmp(color, "auto") == 0;
    bool always = color && strcmp(color, "always") == 0;
    if (!automatic && !always && strcmp(color, "never") != 0) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "option '--color' is auto, always or never, not '%s'", color);
    }
    if (line->global.quiet && line->global.verbose) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "options '--quiet' and '--verbose' exclude each other");
    }
    bool wanted = !around->no_color || around->no_color[0] == '\0';
    bool able = around->stdout_is_terminal && around->term && strcmp(around->term, "dumb") != 0;
    line->global.color = always || (automatic && wanted && able);
    line->global.progress = around->stderr_is_terminal && !line->global.quiet;
    return ONUS_OK;
}

static size_t most_options(const struct onus_surroundings *around)
{
    size_t most = 1;
    for (size_t i = 0; i < around->command_count; i++) {
        if (around->commands[i]->option_count > most) {
            most = around->commands[i]->option_count;
        }
    }
    return most;
}

enum onus_code onus_command_line_parse(struct onus_command_line *line, int argc, char **argv,
        const struct onus_surroundings *around, struct onus_error *err)
{
    *line = (struct onus_command_line){.arguments.global = &line->global};
    onus_arena_init(&line->arena, SIZE_MAX);
    struct onus_option_reader reader = {
            .argv = argv + 1,
            .argc = argc > 0 ? (size_t)argc - 1 : 0,
            .global = {onus_global_options, onus_global_option_count},
    };
    /* A cluster names at most one option a byte, so count bytes and not words. */
    size_t most = reader.argc + 1;
    for (size_t i = 0; i < reader.argc; i++) {
        most += reader.argv[i][0] == '-' ? strlen(reader.argv[i]) : 0;
    }
    struct collected got = {
            .around = around,
            .all = onus_arena_alloc(&line->arena, 2 * most * sizeof(char *)),
            .words = onus_arena_alloc(&line->arena, (reader.argc + 1) * sizeof(char *)),
            .values = onus_arena_alloc(&line->arena, most_options(around) * sizeof(char *)),
    };
    if (!got.all || !got.words || !got.values) {
        return onus_arena_reason(&line->arena, err);
    }
    line->arguments.values = got.values;
    line->arguments.all = got.all;
    line->arguments.words = got.words;

    struct onus_option_found found;
    enum onus_code code;
    while ((code = onus_option_next(&reader, &found, err)) == ONUS_OK) {
        code = take(line, &reader, &got, &found, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return code == ONUS_END ? settle(line, got.color, around, err) : code;
}

void onus_command_line_clear(struct onus_command_line *line)
{
    onus_arena_clear(&line->arena);
    *line = (struct onus_command_line){0};
}

const char *onus_argument(const struct onus_arguments *arguments, const char *name)
{
    const struct onus_command *command = arguments->command;
    for (size_t i = 0; i < command->option_count; i++) {
        if (named(&command->options[i], name)) {
            return arguments->values[i];
        }
    }
    return NULL;
}

bool onus_argument_given(const struct onus_arguments *arguments, const char *name)
{
    return onus_argument(arguments, name) != NULL;
}
