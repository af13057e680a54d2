/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /var/log/auth.log as rsyslog writes it in its traditional form: OpenSSH 9, cron, sudo.
 *
 * One try of a password writes up to four lines; the truth counts tries. A connection that names no
 * account is no try and is counted apart.
 */
#include "generate.h"

#include <stdlib.h>
#include <string.h>

static const char *const common_names[] = {"root", "admin", "test", "user", "ubuntu", "oracle",
        "postgres", "ftpuser", "guest", "deploy", "git", "mysql", "www", "pi", "support", "backup",
        "nagios", "jenkins", "tomcat", "hadoop", "dev", "es", "ansible", "minecraft", "steam",
        "centos", "debian", "solana", "odoo", "zabbix", "redis", "kafka", "elastic", "a", "1234"};
static const char *const staff_names[] = {"amara", "benedikt", "chiara", "dawit", "elif", "femi",
        "gintare", "hiroko", "ines", "jonas"};

struct auth_state {
    struct output out;
    struct random random;
    struct ticker ticker;
    char stamp[48];
    uint32_t pid;
    uint64_t tries, probes, accepted, accepted_after_guessing, sessions;
};

struct login {
    struct source *source;
    const char *name;
    bool exists;
    uint32_t port;
};

static void head(struct auth_state *state, const char *program, uint32_t pid)
{
    if (ticker_next(&state->ticker, &state->random)) {
        const struct tm *t = &state->ticker.parts;
        (void)snprintf(state->stamp, sizeof(state->stamp), "%s %2d %02d:%02d:%02d bastion ",
                month_names[t->tm_mon], t->tm_mday, t->tm_hour, t->tm_min, t->tm_sec);
    }
    put(&state->out, state->stamp);
    put(&state->out, program);
    if (pid > 0) {
        put(&state->out, "[");
        put_number(&state->out, pid);
        put(&state->out, "]");
    }
    put(&state->out, ": ");
}

/* "<before>ADDRESS port N<after>" as the end of a line of this connection. */
static void end_with_peer(struct auth_state *state, const struct login *login, const char *before,
        const char *after)
{
    put(&state->out, before);
    put(&state->out, login->source->text);
    put(&state->out, " port ");
    put_number(&state->out, login->port);
    put(&state->out, after);
    end_line(&state->out);
    login->source->lines++;
}

static void sshd(struct auth_state *state)
{
    head(state, "sshd", state->pid);
}

static void pam_failure(struct auth_state *state, const struct login *login)
{
    sshd(state);
    put(&state->out, "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh "
                     "ruser= rhost=");
    put(&state->out, login->source->text);
    put(&state->out, login->exists ? "  user=" : " ");
    put(&state->out, login->exists ? login->name : "");
    end_line(&state->out);
    login->source->lines++;
}

static void failed_password(struct auth_state *state, const struct login *login)
{
    sshd(state);
    put(&state->out, login->exists ? "Failed password for " : "Failed password for invalid user ");
    put(&state->out, login->name);
    end_with_peer(state, login, " from ", " ssh2");
    login->source->attempts++;
    state->tries++;
}

static const char *user_words(const struct login *login)
{
    return login->exists ? "authenticating user " : "invalid user ";
}

static void leave(struct auth_state *state, const struct login *login, uint32_t tries)
{
    sshd(state);
    if (tries >= 6) {
        put(&state->out, "error: maximum authentication attempts exceeded for ");
        put(&state->out, login->exists ? "" : "invalid user ");
        put(&state->out, login->name);
        end_with_peer(state, login, " from ", " ssh2 [preauth]");
        sshd(state);
        put(&state->out, "Disconnecting ");
        put(&state->out, user_words(login));
        put(&state->out, login->name);
        end_with_peer(state, login, " ", ": Too many authentication failures [preauth]");
    } else if (random_below(&state->random, 3) == 0) {
        put(&state->out, "Connection closed by ");
        put(&state->out, user_words(login));
        put(&state->out, login->name);
        end_with_peer(state, login, " ", " [preauth]");
    } else {
        end_with_peer(state, login, "Received disconnect from ", ":11: Bye Bye [preauth]");
        sshd(state);
        put(&state->out, "Disconnected from ");
        put(&state->out, user_words(login));
        put(&state->out, login->name);
        end_with_peer(state, login, " ", " [preauth]");
    }
    if (tries > 1) {
        sshd(state);
        put(&state->out, "PAM ");
        put_number(&state->out, tries - 1);
        put(&state->out,
                tries == 2 ? " more authentication failure;" : " more authentication failures;");
        put(&state->out, " logname= uid=0 euid=0 tty=ssh ruser= rhost=");
        put(&state->out, login->source->text);
        put(&state->out, login->exists ? "  user=" : " ");
        put(&state->out, login->exists ? login->name : "");
        end_line(&state->out);
        login->source->lines++;
    }
}

static void guess(struct auth_state *state, const struct login *login, uint32_t tries)
{
    if (!login->exists) {
        sshd(state);
        put(&state->out, "Invalid user ");
        put(&state->out, login->name);
        end_with_peer(state, login, " from ", "");
    }
    for (uint32_t i = 0; i < tries; i++) {
        if (!login->exists) {
            sshd(state);
            put(&state->out, "pam_unix(sshd:auth): check pass; user unknown");
            end_line(&state->out);
        }
        if (i == 0) { /* the stack reports the first failure at once, further ones at the end */
            pam_failure(state, login);
        }
        failed_password(state, login);
    }
}

static void work_session(struct auth_state *state, const struct login *login, bool key)
{
    sshd(state);
    put(&state->out, key ? "Accepted publickey for " : "Accepted password for ");
    put(&state->out, login->name);
    end_with_peer(state, login, " from ",
            key ? " ssh2: ED25519 SHA256:Zr8Kq1p2wVnX5uB0cLhT7yMfDsEoJgAiRt4eQxUvYk0" : " ssh2");
    state->accepted++;
    sshd(state);
    put(&state->out, "pam_unix(sshd:session): session opened for user ");
    put(&state->out, login->name);
    put(&state->out, "(uid=1000) by (uid=0)");
    end_line(&state->out);
    head(state, "systemd-logind", 611);
    put(&state->out, "New session ");
    put_number(&state->out, ++state->sessions);
    put(&state->out, " of user ");
    put(&state->out, login->name);
    put(&state->out, ".");
    end_line(&state->out);
    sshd(state);
    put(&state->out, "pam_unix(sshd:session): session closed for user ");
    put(&state->out, login->name);
    end_line(&state->out);
}

/* Connections that end before an account is named: one line with the address each. */
static void probe(struct auth_state *state, const struct login *login)
{
    sshd(state);
    switch (random_below(&state->random, 4)) {
    case 0:
        end_with_peer(state, login, "Connection closed by ", " [preauth]");
        break;
    case 1:
        end_with_peer(state, login, "banner exchange: Connection from ", ": invalid format");
        break;
    case 2:
        end_with_peer(state, login, "Unable to negotiate with ",
                ": no matching host key type found. Their offer: ssh-rsa,ssh-dss [preauth]");
        break;
    default:
        put(&state->out, "error: kex_exchange_identification: Connection closed by remote host");
        end_line(&state->out);
        sshd(state);
        end_with_peer(state, login, "Connection closed by ", "");
        break;
    }
    state->probes++;
}

static void house_keeping(struct auth_state *state)
{
    if (random_below(&state->random, 3) == 0) {
        const char *name = staff_names[random_below(&state->random, COUNT(staff_names))];
        head(state, "sudo", 0);
        put(&state->out, "  ");
        put(&state->out, name);
        put(&state->out,
                " : TTY=pts/1 ; PWD=/srv ; USER=root ; COMMAND=/usr/bin/journalctl -u nginx");
        end_line(&state->out);
        return;
    }
    head(state, "CRON", state->pid);
    put(&state->out, "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)");
    end_line(&state->out);
    head(state, "CRON", state->pid);
    put(&state->out, "pam_unix(cron:session): session closed for user root");
    end_line(&state->out);
}

/* What happens next: mostly loud guessing, some of it slow and spread over all sources. */
static void one_event(struct auth_state *state, struct sources *sources, const struct zipf *loud,
        const struct zipf *names)
{
    struct random *random = &state->random;
    uint32_t what = random_below(random, 1000);
    struct login login = {.source = &sources->all[zipf_draw(loud, random)],
            .name = common_names[zipf_draw(names, random)],
            .port = 32768 + random_below(random, 28000)};
    state->pid = state->pid > 4000000 ? 900 : state->pid + 1 + random_below(random, 9);
    login.exists = strcmp(login.name, "root") == 0 || strcmp(login.name, "git") == 0;
    if (what < 600) {
        uint32_t tries = random_below(random, 5) == 0 ? 6 : 1 + random_below(random, 3);
        guess(state, &login, tries);
        leave(state, &login, tries);
    } else if (what < 740) {
        login.source = &sources->all[random_below(random, sources->count)];
        login.name = staff_names[random_below(random, COUNT(staff_names))];
        login.exists = true;
        guess(state, &login, 1);
        leave(state, &login, 1);
    } else if (what < 840) {
        probe(state, &login);
    } else if (what < 841) {
        login.name = "backup";
        login.exists = true;
        guess(state, &login, 2);
        work_session(state, &login, false);
        state->accepted_after_guessing++;
    } else if (what < 900) {
        struct source office = {.text = "198.51.100.20"};
        login = (struct login){.source = &office,
                .name = staff_names[random_below(random, COUNT(staff_names))],
                .exists = true,
                .port = login.port};
        work_session(state, &login, random_below(random, 4) != 0);
    } else {
        house_keeping(state);
    }
}

bool generate_auth(uint64_t bytes, uint64_t seed, FILE *log, FILE *truth)
{
    struct auth_state state = {.out = {.file = log},
            .random = {seed},
            .ticker = {.now = 1790000000, .shown = -1, .step = 150},
            .pid = 900};
    uint32_t count = bytes / 9000 > 500 ? (uint32_t)(bytes / 9000) : 500;
    struct sources sources = {0};
    struct zipf loud = {0}, names = {0};
    bool good = sources_init(&sources, count, 100, seed ^ 0x5eed) && zipf_init(&loud, count, 12) &&
                zipf_init(&names, COUNT(common_names), 0);
    uint64_t office = 0;
    while (good && state.out.bytes < bytes && ferror(log) == 0) {
        uint64_t before = state.accepted - state.accepted_after_guessing;
        one_event(&state, &sources, &loud, &names);
        office += state.accepted - state.accepted_after_guessing - before;
    }
    if (good) {
        truth_number(truth, "bytes", state.out.bytes);
        truth_number(truth, "lines", state.out.lines);
        truth_number(truth, "attempts", state.tries);
        truth_number(truth, "connections_without_try", state.probes);
        truth_number(truth, "succeeded", state.accepted);
        truth_number(truth, "succeeded_after_guessing", state.accepted_after_guessing);
        truth_sources(truth, &sources, office > 0); /* the office is one address beside the table */
    }
    zipf_clear(&names);
    zipf_clear(&loud);
    sources_clear(&sources);
    return good;
}
