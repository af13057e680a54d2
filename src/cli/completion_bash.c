/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

static void print_words(FILE *out, const char *argument)
{
    struct onus_str rest = onus_str_of(argument);
    struct onus_str word;
    const char *gap = "";
    while (onus_completion_next_word(&rest, &word)) {
        (void)fprintf(out, "%s%.*s", gap, (int)word.len, word.ptr);
        gap = " ";
    }
}

/* One branch of `case $command:$previous`: what follows an option that takes a value. */
static void print_values(FILE *out, const char *command, const struct onus_option *option)
{
    if (!option->argument) {
        return;
    }
    (void)fprintf(out, "    %s:--%s", command, option->name);
    if (option->letter) {
        (void)fprintf(out, "|%s:-%c", command, option->letter);
    }
    (void)fputs(") words='", out);
    print_words(out, option->argument);
    (void)fprintf(out, "' paths=%s ;;\n",
            onus_completion_takes_path(option->argument) ? "yes" : "");
}

static void print_option_words(FILE *out, const struct onus_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, " --%s", options[i].name);
    }
}

static void print_commands(FILE *out, const char *separator)
{
    const char *gap = "";
    for (size_t i = 0; i < onus_command_count; i++) {
        if (onus_commands[i]->group) {
            (void)fprintf(out, "%s%s", gap, onus_commands[i]->name);
            gap = separator;
        }
    }
}

static void print_command(FILE *out, const struct onus_command *command)
{
    (void)fprintf(out, "    %s) options+='", command->name);
    print_option_words(out, command->options, command->option_count);
    (void)fputs("' words='", out);
    if (command == &onus_command_help) {
        print_commands(out, " ");
    } else if (command->operands) {
        print_words(out, command->operands);
    }
    bool path = command->operands && onus_completion_takes_path(command->operands);
    (void)fprintf(out, "' paths=%s ;;\n", path ? "yes" : "");
}

static void print_all_values(FILE *out)
{
    for (size_t i = 0; i < onus_global_option_count; i++) {
        print_values(out, "*", &onus_global_options[i]);
    }
    for (size_t c = 0; c < onus_command_count; c++) {
        for (size_t i = 0; onus_commands[c]->group && i < onus_commands[c]->option_count; i++) {
            print_values(out, onus_commands[c]->name, &onus_commands[c]->options[i]);
        }
    }
}

void onus_completion_bash(FILE *out)
{
    (void)fputs("# bash completion for onus, made by 'onus completion bash'\n"
                "_onus()\n"
                "{\n"
                "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
                "    local command= words= paths= options= i\n"
                "    COMPREPLY=()\n"
                "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                "        case ${COMP_WORDS[i]} in\n"
                "        ",
            out);
    print_commands(out, "|");
    (void)fputs(") command=${COMP_WORDS[i]}; break ;;\n"
                "        esac\n"
                "    done\n"
                "    case $command:$previous in\n",
            out);
    print_all_values(out);
    (void)fputs("    *)\n    options='", out);
    print_option_words(out, onus_global_options, onus_global_option_count);
    (void)fputs("'\n    case $command in\n    '') words='", out);
    print_commands(out, " ");
    (void)fputs("' ;;\n", out);
    for (size_t c = 0; c < onus_command_count; c++) {
        if (onus_commands[c]->group) {
            print_command(out, onus_commands[c]);
        }
    }
    (void)fputs("    esac\n"
                "    [[ $current != -* ]] || words=$options paths=\n"
                "    ;;\n"
                "    esac\n"
                "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                "    [[ -z $paths ]] || COMPREPLY+=($(compgen -f -- \"$current\"))\n"
                "}\n"
                "complete -o filenames -o bashdefault -F _onus onus\n",
            out);
}
