/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

static void print_quoted(FILE *out, const char *text)
{
    (void)fputc('\'', out);
    for (const char *c = text; *c; c++) {
        (void)fprintf(out, "%s%c", strchr("'\\", *c) ? "\\" : "", *c);
    }
    (void)fputc('\'', out);
}

static void print_words(FILE *out, const char *argument)
{
    struct onus_str rest = onus_str_of(argument);
    struct onus_str word;
    const char *gap = " -a '";
    while (onus_completion_next_word(&rest, &word)) {
        (void)fprintf(out, "%s%.*s", gap, (int)word.len, word.ptr);
        gap = " ";
    }
    if (gap[1] == '\0') {
        (void)fputc('\'', out);
    }
}

static void print_option(FILE *out, const char *condition, const struct onus_option *option)
{
    (void)fprintf(out, "complete -c onus%s -l %s", condition, option->name);
    if (option->letter) {
        (void)fprintf(out, " -s %c", option->letter);
    }
    if (option->argument) {
        (void)fputs(onus_completion_takes_path(option->argument) ? " -r -F" : " -x", out);
        print_words(out, option->argument);
    }
    (void)fputs(" -d ", out);
    print_quoted(out, option->help);
    (void)fputc('\n', out);
}

static void print_command(FILE *out, const struct onus_command *command)
{
    (void)fprintf(out, "complete -c onus -n __fish_use_subcommand -a %s -d ", command->name);
    print_quoted(out, command->summary);
    (void)fputc('\n', out);
    char condition[96];
    int wrote = snprintf(condition, sizeof(condition), " -n '__fish_seen_subcommand_from %s'",
            command->name);
    if (wrote <= 0 || (size_t)wrote >= sizeof(condition)) {
        return;
    }
    for (size_t i = 0; i < command->option_count; i++) {
        print_option(out, condition, &command->options[i]);
    }
    if (command == &onus_command_help) {
        for (size_t i = 0; i < onus_command_count; i++) {
            if (onus_commands[i]->group) {
                (void)fprintf(out, "complete -c onus%s -a %s\n", condition, onus_commands[i]->name);
            }
        }
    } else if (command->operands) {
        (void)fprintf(out, "complete -c onus%s%s", condition,
                onus_completion_takes_path(command->operands) ? " -F" : "");
        print_words(out, command->operands);
        (void)fputc('\n', out);
    }
}

void onus_completion_fish(FILE *out)
{
    (void)fputs("# fish completion for onus, made by 'onus completion fish'\ncomplete -c onus -f\n",
            out);
    for (size_t i = 0; i < onus_global_option_count; i++) {
        print_option(out, "", &onus_global_options[i]);
    }
    for (size_t i = 0; i < onus_command_count; i++) {
        if (onus_commands[i]->group) {
            print_command(out, onus_commands[i]);
        }
    }
}
