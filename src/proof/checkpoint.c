/* SPDX-License-Identifier: Apache-2.0 */
#include "proof/checkpoint.h"

#include "base/str.h"
#include "text/base64.h"
#include "text/decimal.h"

/* Lines that all end and of which none is empty. */
static bool good_extensions(struct onus_str lines)
{
    while (lines.len > 0) {
        struct onus_str line = ONUS_STR_NONE;
        if (!onus_str_cut(&lines, '\n', &line) || line.len == 0) {
            return false;
        }
    }
    return true;
}

enum onus_code onus_checkpoint_parse(struct onus_str text, struct onus_checkpoint *out,
        struct onus_error *err)
{
    struct onus_str rest = text;
    struct onus_str size = ONUS_STR_NONE;
    struct onus_str root = ONUS_STR_NONE;
    struct onus_checkpoint made = {.size = 0};
    if (!onus_str_cut(&rest, '\n', &made.origin) || made.origin.len == 0) {
        return onus_fail(err, ONUS_E_FORMAT, "a checkpoint has no origin");
    }
    if (!onus_str_cut(&rest, '\n', &size) || !onus_decimal_parse(size, &made.size)) {
        return onus_fail(err, ONUS_E_FORMAT, "the size of a checkpoint is not a number");
    }
    if (!onus_str_cut(&rest, '\n', &root) ||
            !onus_base64_exact(root, made.root.bytes, sizeof(made.root.bytes))) {
        return onus_fail(err, ONUS_E_FORMAT, "the root of a checkpoint is not 32 bytes in base64");
    }
    made.extensions = rest;
    if (!good_extensions(rest)) {
        return onus_fail(err, ONUS_E_FORMAT, "a line of a checkpoint is empty or does not end");
    }
    *out = made;
    return ONUS_OK;
}

void onus_checkpoint_add(struct onus_buffer *buffer, const struct onus_checkpoint *checkpoint)
{
    onus_buffer_add_str(buffer, checkpoint->origin);
    onus_buffer_add_char(buffer, '\n');
    onus_buffer_add_u64(buffer, checkpoint->size);
    onus_buffer_add_char(buffer, '\n');
    onus_base64_add(buffer, onus_digest_view(&checkpoint->root));
    onus_buffer_add_char(buffer, '\n');
    onus_buffer_add_str(buffer, checkpoint->extensions);
}
