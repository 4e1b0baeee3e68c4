#!/bin/sh
# Stands before the compiler of our own crates, as cargo's RUSTC_WORKSPACE_WRAPPER: counts every branch and tells the
# engine what is compared with what, so that it can see which bytes lead somewhere new. The flags are those of
# cargo-fuzz, and stable; what we depend on is compiled as ever, and shared with every other build. Not
# optimised: that takes longer than all the searching that the suite does.
set -e

case " $* " in
    # These run while we build, where there is no engine to count for.
    *" --crate-name build_script_"* | *" --crate-type proc-macro "*) exec "$@" ;;
esac

exec "$@" \
    -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0
