#!/usr/bin/env bash
# Tries the page of `gonogo report` in headless Chromium. usage: tests/browser/run.sh GONOGO [OUTPUT]
# Without Node or Chromium it says so and does nothing; with CI=true it installs them, and fails where
# that does not work.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
gonogo="${1:-$root/target/debug/gonogo}"
output="${2:-$root/target/browser}"
modules="${GONOGO_BROWSER_MODULES:-$root/target/browser-modules}"

skip() {
  if [ "${CI:-}" = true ]; then
    echo "$1" >&2
    exit 1
  fi
  echo "$1: the page is not tried in a browser"
  exit 0
}

if ! command -v npm >/dev/null && [ "${CI:-}" = true ]; then
  apt-get update -qq && apt-get install -y -qq nodejs npm
fi
command -v npm >/dev/null || skip "there is no Node"
node "$here/formulas.js"

find_chromium() {
  command -v "${CHROMIUM:-chromium}" || command -v chromium-browser || command -v google-chrome || true
}
CHROMIUM="$(find_chromium)"
if [ -z "$CHROMIUM" ] && [ "${CI:-}" = true ]; then
  apt-get update -qq && apt-get install -y -qq chromium
  CHROMIUM="$(find_chromium)"
fi
[ -n "$CHROMIUM" ] || skip "there is no Chromium"
export CHROMIUM

if [ ! -d "$modules/node_modules/playwright-core" ]; then
  mkdir -p "$modules"
  cp "$here/package.json" "$here/package-lock.json" "$modules/"
  (cd "$modules" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --silent)
fi
node "$here/page.js" "$gonogo" "$modules" "$output"
node "$here/picture.js" "$gonogo" "$modules" "$output/pictures"
