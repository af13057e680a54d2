/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verify_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    STEP = 1 << 20,
};

/* Opening a pipe that nobody writes would wait for ever; a file is opened the same either way. */
static void open_file(struct onus_verify_file *file, const char *name)
{
    *file = (struct onus_verify_file){.name = name, .descriptor = -1, .why = ONUS_ERROR_INIT};
    if (strcmp(name, "-") == 0) {
        file->descriptor = STDIN_FILENO;
        return;
    }
    int descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) {
        int reason = errno;
        (void)onus_fail(&file->why, ONUS_E_IO, "cannot open '%s'", name);
        file->why.sys_errno = reason;
        return;
    }
    struct stat status;
    if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
        (void)close(descriptor);
        (void)onus_fail(&file->why, ONUS_E_IO, "'%s' is a folder, not a file", name);
        return;
    }
    file->descriptor = descriptor;
}

static void close_file(struct onus_verify_file *file)
{
    if (file->name && file->descriptor > STDIN_FILENO) {
        (void)close(file->descriptor);
    }
}

/* The policy of the case: -C, or the current folder when it is one. */
static const char *default_policy(const struct onus_arguments *arguments,
        struct onus_verify_input *input)
{
    const char *folder = arguments->global->case_directory;
    if (!folder && access("case", F_OK) != 0) {
        return NULL;
    }
    onus_buffer_printf(&input->policy_path, "%s%spolicy", folder ? folder : "", folder ? "/" : "");
    onus_buffer_add_char(&input->policy_path, '\0');
    return onus_buffer_status(&input->policy_path, NULL) == ONUS_OK ? input->policy_path.ptr : NULL;
}

enum onus_code onus_verify_open(const struct onus_arguments *arguments,
        struct onus_verify_input *out, struct onus_error *err)
{
    if (arguments->word_count == 0) {
        return onus_fail(err, ONUS_E_ARGUMENT, "which bundle? Give at least one file");
    }
    out->bundles = calloc(arguments->word_count, sizeof(out->bundles[0]));
    if (!out->bundles) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    const char *policy = onus_argument(arguments, "policy");
    policy = policy ? policy : default_policy(arguments, out);
    if (policy) {
        open_file(&out->policy, policy);
    }
    const char *tsa_ca = onus_argument(arguments, "tsa-ca");
    if (tsa_ca) {
        open_file(&out->tsa_ca, tsa_ca);
    }
    for (size_t i = 0; i < arguments->word_count; i++) {
        open_file(&out->bundles[i], arguments->words[i]);
    }
    out->count = arguments->word_count;
    return ONUS_OK;
}

void onus_verify_close(struct onus_verify_input *input)
{
    close_file(&input->policy);
    close_file(&input->tsa_ca);
    for (size_t i = 0; i < input->count; i++) {
        close_file(&input->bundles[i]);
    }
    free(input->bundles);
    onus_buffer_clear(&input->policy_path);
    onus_buffer_clear(&input->policy_bytes);
    onus_buffer_clear(&input->tsa_bytes);
    *input = (struct onus_verify_input){.count = 0};
}

enum onus_code onus_verify_read(const struct onus_verify_file *file, size_t limit,
        struct onus_buffer *out, struct onus_error *err)
{
    if (file->descriptor < 0) {
        if (err) {
            *err = file->why;
        }
        return file->why.code;
    }
    while (out->len <= limit) {
        size_t want = limit + 1 - out->len < STEP ? limit + 1 - out->len : STEP;
        char *room = onus_buffer_room(out, want);
        if (!room) {
            return onus_buffer_status(out, err);
        }
        ssize_t got = read(file->descriptor, room, want);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            int reason = errno;
            (void)onus_fail(err, ONUS_E_IO, "cannot read '%s'", file->name);
            if (err) {
                err->sys_errno = reason;
            }
            return ONUS_E_IO;
        }
        if (got == 0) {
            break;
        }
        onus_buffer_grew(out, room + got);
    }
    return ONUS_OK;
}

enum onus_code onus_verify_tsa_ca(struct onus_verify_input *input, struct onus_error *err)
{
    if (!input->tsa_ca.name) {
        return ONUS_OK;
    }
    enum onus_code code =
            onus_verify_read(&input->tsa_ca, ONUS_VERIFY_TSA_CA_MAX, &input->tsa_bytes, err);
    if (code == ONUS_OK && input->tsa_bytes.len > ONUS_VERIFY_TSA_CA_MAX) {
        code = onus_fail(err, ONUS_E_LIMIT, "'%s' has more than 1 MiB", input->tsa_ca.name);
    }
    if (code != ONUS_OK) {
        onus_context(err, "certificates");
    }
    return code;
}

enum onus_code onus_verify_policy(struct onus_verify_input *input, struct onus_arena *arena,
        struct onus_policy *out, struct onus_error *err)
{
    if (!input->policy.name) {
        return onus_fail(err, ONUS_E_MISSING,
                "no policy: name the keys you believe with --policy FILE; those in a bundle do not "
                "count");
    }
    enum onus_code code =
            onus_verify_read(&input->policy, ONUS_POLICY_SIZE_MAX, &input->policy_bytes, err);
    if (code != ONUS_OK) {
        onus_context(err, "policy");
        return code;
    }
    code = onus_policy_parse(onus_buffer_view(&input->policy_bytes), arena, out, err);
    if (code != ONUS_OK) {
        onus_context(err, "policy '%s'", input->policy.name);
    }
    return code;
}
