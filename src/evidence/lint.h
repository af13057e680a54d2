/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_LINT_H
#define ONUS_EVIDENCE_LINT_H

/*
 * What in a text is often not meant to be handed on: a look before bytes leave, not a guarantee.
 *
 *     password-as-user   a user name that looks like a password typed into the wrong field
 *     authorization      an HTTP Authorization header, "Bearer", "Basic" with credentials
 *     cookie             a Cookie or Set-Cookie header, a session cookie
 *     url-secret         a value of token=, key=, password= and the like
 *     private-key        the beginning of a private key in PEM
 *     access-token       a token of a known shape
 *     e-mail             an e-mail address
 *     private-address    an address of a private network
 */

#include <onus/base.h>

struct onus_lint_finding {
    const char *rule;
    size_t offset, length; /* in the text */
};

typedef void (*onus_lint_found)(void *data, const struct onus_lint_finding *finding);

/*
 * Tell every finding, by rule, then by place; they may overlap. `account`: the text is an account as
 * tried and nothing else.
 */
void onus_lint(struct onus_str text, bool account, onus_lint_found found, void *data);

/* Whether there is a rule of this name. */
bool onus_lint_rule(struct onus_str name);
/* Their names, from 0; NULL after the last. */
const char *onus_lint_rule_at(size_t index);

#endif
