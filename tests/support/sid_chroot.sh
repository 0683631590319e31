#!/bin/bash
# Makes a Debian sid chroot with MySQL 9.7 and percona-toolkit 3.7, once, in the user's cache.
#
#   sid_chroot.sh            prints the folder of the chroot
#   sid_chroot.sh --present  the same, but fails instead of making it
#
# The folder appears in one rename when it is complete, so an interrupted attempt is never used.
# Needs root (debootstrap makes a chroot) and the Debian mirror that apt already uses. On failure
# the last line on stderr says why; the caller counts the tests that need it as skipped.
set -euo pipefail

readonly cache="${XDG_CACHE_HOME:-$HOME/.cache}/oscar-lab"
readonly chroot_dir="$cache/sid"
readonly packages=mysql-server-core,mysql-client-core,percona-toolkit

fail() { printf '%s\n' "sid chroot: $1" >&2; exit 1; }

# The first Debian archive that apt is told to use, one-line or deb822 form.
mirror() {
  local found
  found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    sed -nE 's/^(URIs:|deb)[[:space:]]+(\[[^]]*\][[:space:]]+)?(https?:[^[:space:]]+).*/\3/p' |
    grep -E '/debian/?$' | head -n 1) || true
  printf '%s' "$found"
}

complete() { [ -x "$1/usr/sbin/mysqld" ] && [ -x "$1/usr/bin/pt-online-schema-change" ]; }

if complete "$chroot_dir"; then
  printf '%s\n' "$chroot_dir"
  exit 0
fi
[ "${1:-}" != --present ] || fail "not made yet"
[ "$(id -u)" = 0 ] || fail "only root can make one"
command -v debootstrap >/dev/null || fail "debootstrap is not installed"
[ -n "$(mirror)" ] || fail "apt names no Debian archive here"

mkdir -p "$cache"
exec 9>"$cache/lock"
flock -w 900 9 || fail "another process has been making it for 15 minutes"
if complete "$chroot_dir"; then
  printf '%s\n' "$chroot_dir"
  exit 0
fi

# Whatever stands at these two names is an attempt that was cut short: we hold the lock.
readonly partial="$cache/sid.partial" log="$cache/sid.log"
rm -rf --one-file-system "$partial" "$chroot_dir"
# Network trouble is worth a second attempt; anything else fails the same way twice.
for attempt in 1 2; do
  if timeout 900 debootstrap --variant=minbase sid "$partial" "$(mirror)" >"$log" 2>&1 9>&- &&
     DEBIAN_FRONTEND=noninteractive timeout 900 chroot "$partial" apt-get install -y -q \
       --no-install-recommends ${packages//,/ } >>"$log" 2>&1 9>&-; then
    rm -rf "$partial/var/cache/apt/archives"/*.deb
    break
  fi
  [ "$attempt" = 1 ] || fail "debootstrap failed: $(tail -n 1 "$log")"
  rm -rf --one-file-system "$partial"
done
complete "$partial" || fail "the packages of sid hold no mysqld or no pt-online-schema-change"
mv "$partial" "$chroot_dir"
printf '%s\n' "$chroot_dir"
