# SPDX-License-Identifier: Apache-2.0
# Count what meson's testlog.txt tells: every sentence of a cmocka program, what a script counted itself,
# and every other program once.
function close_record() {
    if (!open) return
    lost = run - ok - skip
    if (run == 0 && told) { ok = told_ok; lost = told_lost; skip = told_skip }
    else if (run == 0) { if (good) ok = 1; else lost = 1 }
    else if (!good && lost == 0) lost = 1
    passed += ok; failed += lost; skipped += skip
    open = 0
}
/^=+ *[0-9]+\/[0-9]+ *=+$/ { close_record(); open = 1; run = ok = skip = good = told = 0; inside = 0; next }
/^result: / { good = ($0 ~ /exit status (0|77)$/) }
/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped/ { told = 1; told_ok = $1; told_lost = $3; told_skip = $5 }
/^-+ stdout -+$/ { inside = 1 }
/^-+ stderr -+$/ { inside = 0 }
inside && /^\[ RUN      \]/ { run++ }
inside && /^\[       OK \]/ { ok++ }
inside && /^\[  SKIPPED \]/ { skip++ }
END { close_record(); printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }
