/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/net_input.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/str.h"
#include "net/address_list.h"
#include "net/ipdb_source.h"
#include "text/utf8.h"

enum {
    FIRST_ROOM = 256,
    SHOWN_COLUMNS = 60
};

void onus_net_input_clear(struct onus_net_input *input)
{
    for (size_t i = 0; i < input->file_count; i++) {
        onus_buffer_clear(&input->files[i].bytes);
    }
    free(input->files);
    free(input->addresses);
    free(input->slots);
    *input = (struct onus_net_input){.addresses = NULL};
}

static size_t slot_of(const struct onus_net_input *input, const struct onus_address *address)
{
    size_t mask = input->slot_count - 1;
    size_t at = onus_hash_bytes(0, address, sizeof(*address)) & mask;
    while (input->slots[at] != 0 &&
            !onus_address_eq(&input->addresses[input->slots[at] - 1], address)) {
        at = (at + 1) & mask;
    }
    return at;
}

static enum onus_code widen(struct onus_net_input *input, struct onus_error *err)
{
    if (input->count < input->room) {
        return ONUS_OK;
    }
    size_t room = input->room > 0 ? input->room * 2 : FIRST_ROOM;
    struct onus_address *addresses =
            reallocarray(input->addresses, room, sizeof(*input->addresses));
    if (!addresses) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    input->addresses = addresses;
    uint32_t *slots = room <= UINT32_MAX / 4 ? calloc(room * 2, sizeof(*slots)) : NULL;
    if (!slots) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    free(input->slots);
    input->slots = slots;
    input->slot_count = room * 2;
    input->room = room;
    for (size_t i = 0; i < input->count; i++) {
        slots[slot_of(input, &input->addresses[i])] = (uint32_t)i + 1;
    }
    return ONUS_OK;
}

static enum onus_code add(struct onus_net_input *input, const struct onus_address *address,
        struct onus_error *err)
{
    enum onus_code code = widen(input, err);
    if (code != ONUS_OK) {
        return code;
    }
    size_t at = slot_of(input, address);
    if (input->slots[at] != 0) {
        input->repeated++;
        return ONUS_OK;
    }
    input->addresses[input->count++] = *address;
    input->slots[at] = (uint32_t)input->count;
    return ONUS_OK;
}

static enum onus_code open_file(struct onus_net_input *input, const char *name,
        struct onus_error *err)
{
    struct onus_net_file *file = &input->files[input->file_count];
    *file = (struct onus_net_file){.name = name};
    bool standard = strcmp(name, "-") == 0;
    if (!standard && access(name, F_OK) != 0) {
        return onus_fail(err, ONUS_E_ARGUMENT, "'%s' is neither an address nor a file", name);
    }
    input->file_count++;
    return onus_ipdb_source_read(standard ? "/dev/stdin" : name, &file->bytes, err);
}

enum onus_code onus_net_input_open(const struct onus_arguments *arguments,
        struct onus_net_input *out, struct onus_error *err)
{
    out->files = calloc(arguments->word_count + 1, sizeof(*out->files));
    if (!out->files) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < arguments->word_count && code == ONUS_OK; i++) {
        struct onus_address address;
        if (onus_address_parse_defanged(onus_str_of(arguments->words[i]), &address)) {
            code = add(out, &address, err);
        } else {
            code = open_file(out, arguments->words[i], err);
        }
    }
    return code;
}

static void report_line(const struct onus_arguments *arguments, const char *file, uint64_t number,
        struct onus_str line)
{
    struct onus_buffer shown = {.limit = 0};
    (void)onus_utf8_add_visible(&shown, line, SHOWN_COLUMNS);
    (void)fprintf(stderr, "onus %s: %s:%" PRIu64 ": no address: %.*s\n", arguments->command->name,
            file, number, (int)shown.len, shown.ptr ? shown.ptr : "");
    onus_buffer_clear(&shown);
}

enum onus_code onus_net_input_parse(const struct onus_arguments *arguments,
        struct onus_net_input *input, struct onus_error *err)
{
    for (size_t i = 0; i < input->file_count; i++) {
        const struct onus_net_file *file = &input->files[i];
        struct onus_str rest = onus_buffer_view(&file->bytes);
        struct onus_str line;
        for (uint64_t number = 1; onus_ipdb_next_line(&rest, &line); number++) {
            struct onus_address address;
            enum onus_code code = ONUS_OK;
            switch (onus_address_line(line, &address)) {
            case ONUS_ADDRESS_LINE_HELD:
                code = add(input, &address, err);
                break;
            case ONUS_ADDRESS_LINE_NONE:
                input->no_address++;
                report_line(arguments, file->name, number, line);
                break;
            case ONUS_ADDRESS_LINE_BLANK:
            default:
                break;
            }
            if (code != ONUS_OK) {
                return code;
            }
        }
    }
    if (input->count == 0) {
        return onus_fail(err, ONUS_E_FORMAT, "no address in '%s'", input->files[0].name);
    }
    return ONUS_OK;
}
