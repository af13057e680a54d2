/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/format.h"

extern const struct onus_format onus_format_cloudtrail;
extern const struct onus_format onus_format_cowrie;
extern const struct onus_format onus_format_cowrie_text;
extern const struct onus_format onus_format_dionaea;
extern const struct onus_format onus_format_entra;
extern const struct onus_format onus_format_heralding;
extern const struct onus_format onus_format_iis;
extern const struct onus_format onus_format_journal_export;
extern const struct onus_format onus_format_journal_json;
extern const struct onus_format onus_format_o365;
extern const struct onus_format onus_format_suricata_eve;
extern const struct onus_format onus_format_suricata_fast;
extern const struct onus_format onus_format_windows_xml;
extern const struct onus_format onus_format_zeek_json;
extern const struct onus_format onus_format_zeek_tsv;

/* The first that accepts a line wins: the stricter a format, the earlier it stands. */
const struct onus_format *const onus_formats[] = {
        &onus_format_cowrie,
        &onus_format_cowrie_text,
        &onus_format_suricata_eve,
        &onus_format_suricata_fast,
        &onus_format_journal_json,
        &onus_format_journal_export,
        &onus_format_cloudtrail,
        &onus_format_entra,
        &onus_format_o365,
        &onus_format_heralding,
        &onus_format_dionaea,
        &onus_format_windows_xml,
        &onus_format_zeek_json,
        &onus_format_zeek_tsv,
        &onus_format_iis,
        NULL,
};

const size_t onus_format_count = ONUS_COUNT(onus_formats) - 1;

const struct onus_format *onus_format_by_name(struct onus_str name)
{
    for (size_t i = 0; i < onus_format_count; i++) {
        if (onus_str_eq(onus_str_of(onus_formats[i]->name), name)) {
            return onus_formats[i];
        }
    }
    return NULL;
}
