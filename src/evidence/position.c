/* SPDX-License-Identifier: Apache-2.0 */
#include "position.h"

void onus_position_hash(const struct onus_digest *source_n, struct onus_str bytes,
        struct onus_digest *out)
{
    struct onus_str parts[2] = {ONUS_STR("onus/place"), bytes};
    onus_hmac_sha256(onus_digest_view(source_n), parts, 2, out);
}

void onus_position_put(const struct onus_position *position, struct onus_buffer *out)
{
    onus_fields_put_number(out, position->file);
    onus_fields_put_hex64(out, position->device);
    onus_fields_put_hex64(out, position->inode);
    onus_fields_put_number(out, position->size);
    onus_fields_put_number(out, position->lines);
    onus_fields_put_number(out, position->bytes);
    onus_fields_put_number(out, position->head_length);
    onus_fields_put_hex(out, position->head.bytes, sizeof(position->head.bytes));
    onus_fields_put_number(out, position->tail_length);
    onus_fields_put_hex(out, position->tail.bytes, sizeof(position->tail.bytes));
}

static bool take_length(struct onus_fields *fields, uint32_t *out)
{
    uint64_t length = 0;
    if (!onus_fields_number(fields, &length) || length > ONUS_POSITION_BYTES) {
        return false;
    }
    *out = (uint32_t)length;
    return true;
}

bool onus_position_take(struct onus_fields *fields, struct onus_position *out)
{
    uint64_t file = 0;
    if (!onus_fields_number(fields, &file) || file > UINT32_MAX) {
        return false;
    }
    out->file = (uint32_t)file;
    return onus_fields_hex64(fields, &out->device) && onus_fields_hex64(fields, &out->inode) &&
           onus_fields_number(fields, &out->size) && onus_fields_number(fields, &out->lines) &&
           onus_fields_number(fields, &out->bytes) && take_length(fields, &out->head_length) &&
           onus_fields_hex(fields, out->head.bytes, sizeof(out->head.bytes)) &&
           take_length(fields, &out->tail_length) &&
           onus_fields_hex(fields, out->tail.bytes, sizeof(out->tail.bytes)) &&
           out->lines <= out->bytes && out->head_length <= out->bytes &&
           out->tail_length <= out->bytes;
}
