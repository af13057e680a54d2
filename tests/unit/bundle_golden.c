/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle_scene.h"

static void add_golden(struct onus_buffer *out, const struct scene *scene, size_t shown, bool audit)
{
    struct onus_key low = scene_key("203.0.113.0", 0);
    struct onus_key high = scene_key("203.0.114.0", 0);
    scene_count(out, scene, SCENE_FIRST, "203.0.113.7");
    scene_range(out, scene, SCENE_FIRST, low, high);
    scene_all(out, scene, SCENE_FIRST);
    scene_head(out, scene, SCENE_SECOND, SCENE_ALL);
    scene_record(out, scene, SCENE_SECOND, 0, 0x5);
    scene_count(out, scene, SCENE_SECOND, "203.0.113.7");
    scene_range(out, scene, SCENE_SECOND, low, high);
    scene_all(out, scene, SCENE_SECOND);
    scene_head(out, scene, SCENE_THIRD, SCENE_ALL);
    scene_absent(out, scene, SCENE_THIRD, scene_key("203.0.113.7", 1));
    scene_head(out, scene, SCENE_PARTS, SCENE_ALL);
    scene_record(out, scene, SCENE_PARTS, 1, 0x5);
    scene_head(out, scene, SCENE_TABLE, 0x0180);
    scene_record(out, scene, SCENE_TABLE, 0, SCENE_ALL);
    shown += 10;
    onus_buffer_add_text(out, "total address ");
    scene_key_text(out, scene_key("203.0.113.7", 1));
    onus_buffer_add_text(out, "\ntotal range ");
    scene_key_text(out, low);
    onus_buffer_add_char(out, ' ');
    scene_key_text(out, high);
    onus_buffer_add_text(out, "\ntotal network 64501\ntotal members 64501\ntotal all\n"
                              "total matching 4:203.\ntotal unbroken ");
    onus_buffer_add_text(out, "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\n");
    onus_buffer_add_text(out, audit ? "total audit 5\n" : "");
    shown += audit ? 8 : 7;
    scene_end(out, (unsigned)shown);
}

void scene_golden(struct onus_buffer *out, const struct scene *scene)
{
    scene_begin(out, scene);
    scene_note(out, "older-checkpoint", scene->older);
    scene_note(out, "beacon", scene->beacon);
    onus_buffer_add_text(out, "tsa MAMCAQE=\n");
    scene_head(out, scene, SCENE_SOURCE, 0x1);
    scene_head(out, scene, SCENE_FIRST, SCENE_ALL);
    add_golden(out, scene, scene_samples(out, scene, SCENE_FIRST, 5), true);
}

void scene_golden_bare(struct onus_buffer *out, const struct scene *scene)
{
    onus_buffer_add_text(out, "onus/bundle/v1\n");
    scene_note(out, "checkpoint", scene->bare);
    scene_head(out, scene, SCENE_SOURCE, 0x1);
    scene_head(out, scene, SCENE_FIRST, SCENE_ALL);
    add_golden(out, scene, 0, false);
}
