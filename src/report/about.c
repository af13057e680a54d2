/* SPDX-License-Identifier: Apache-2.0 */
#include "about.h"

const char onus_version[] = "0.1.0";
const char onus_release_date[] = "November 22, 2026";
