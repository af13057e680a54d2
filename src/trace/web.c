/* SPDX-License-Identifier: Apache-2.0 */
#include "web.h"

/* No rules yet: a request is not judged. */
void onus_web_inspect(struct onus_web_scanner *scanner, struct onus_event *event)
{
    (void)scanner;
    (void)event;
}
