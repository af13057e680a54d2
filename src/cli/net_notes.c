/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/net_notes.h"

void onus_net_notes(const struct onus_arguments *arguments, const struct onus_ipdb *ipdb)
{
    for (size_t i = 0; i < onus_ipdb_note_count(ipdb); i++) {
        struct onus_ipdb_note note = onus_ipdb_note(ipdb, i);
        if (note.refused) {
            onus_note(arguments, "left out: %.*s", (int)note.text.len, note.text.ptr);
        }
    }
}
