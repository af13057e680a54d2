/* SPDX-License-Identifier: Apache-2.0 */
#include "about.h"

const char onus_version[] = "0.1.0";
