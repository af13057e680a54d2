/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SERVE_COURIER_H
#define ONUS_SERVE_COURIER_H

/*
 * A process of its own that carries messages over the network for one that has keys. Start it before
 * the first key is read: it then has none, and what a server sends can only harm it.
 */

#include "evidence/cosign.h"

struct onus_courier;

/* ONUS_E_IO: no second process. `timeout_seconds` of one exchange; 0 means 30. */
ONUS_NODISCARD enum onus_code onus_courier_start(unsigned timeout_seconds,
        struct onus_courier **out, struct onus_error *err);

/* Ends the process when it is idle. NULL is fine. */
void onus_courier_stop(struct onus_courier *courier);

/* Messages go through this; codes as onus_http_call(). Valid until onus_courier_stop(). */
struct onus_carrier onus_courier_carrier(struct onus_courier *courier);

#endif
