# shellcheck shell=bash disable=SC2154
# Shared by ./run and ./test: messages, packages, building, and processes known by their id.
# Sourced, never run; the caller has set `root` to the top of the tree.

# mariadbd and chroot live where a normal user's PATH does not look.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

# A second checkout shares what the first one compiled: paths below the tree do not count, nor does the
# folder that the debug information names. Precompiled headers need the sloppiness to be cached at all.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
fail() {
  printf '%s\n' "$(basename "$0"): $*" >&2
  exit 1
}

# show_build < NINJA'S OUTPUT: leaves out what it says when there is nothing to do; on a terminal the
# steps take one line that moves.
show_build() {
  local line moving=
  while IFS= read -r line; do
    case $line in
    'ninja: Entering directory'* | 'ninja: no work to do.' | *'] Re-checking globbed directories...') ;;
    '['[0-9]*/[0-9]*']'*)
      if [ -t 1 ]; then
        printf '\r\033[K%s' "${line:0:$((${COLUMNS:-80} - 1))}"
        moving=yes
      else
        say "$line"
      fi
      ;;
    *)
      [ -z "$moving" ] || say ""
      moving=
      say "$line"
      ;;
    esac
  done
  [ -z "$moving" ] || say ""
}

# build TARGET...: configures when needed and builds. One build at a time, so that ./run and ./test
# may be started together. CMAKE_OPTIONS go to the configure step; BUILD_PRESET and BUILD_DIR choose
# another preset than the default one.
build() {
  local dir=${BUILD_DIR:-$root/build}
  mkdir -p "$dir"
  (
    flock 8
    if [ ! -f "$dir/build.ninja" ] || [ -n "${CMAKE_OPTIONS:-}" ]; then
      # shellcheck disable=SC2086  # several options in one variable
      (cd "$root" && cmake --preset "${BUILD_PRESET:-default}" ${CMAKE_OPTIONS:-}) \
        >"$dir/configure.log" 2>&1 8>&- || {
        tail -n 40 "$dir/configure.log" >&2
        exit 1
      }
    fi
    ninja -C "$dir" "$@" 8>&- | show_build
  ) 8>"$dir/.lock"
}

# start_time_of PID: when the process began, in clock ticks since boot; fails when there is none.
# With the process id it names one process for ever, however often the id is used again.
start_time_of() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) } # the name before it may hold spaces and parentheses
  # shellcheck disable=SC2086
  set -- $stat
  [ "$1" != Z ] || return 1
  printf '%s' "${20}"
}

# remember PID FILE: writes the id together with the start time.
remember() { printf '%s %s\n' "$1" "$(start_time_of "$1")" >"$2"; }

# live_pid FILE: prints the id that `remember` wrote if that very process still lives.
live_pid() {
  local pid started
  read -r pid started 2>/dev/null <"$1" || return 1
  [ -n "$started" ] && [ "$(start_time_of "$pid")" = "$started" ] || return 1
  printf '%s' "$pid"
}

# end_process FILE SECONDS: SIGTERM to the process of a pid file, a bounded wait, then SIGKILL.
# `hasten` (set by a second Ctrl-C) ends the wait.
end_process() {
  local pid i
  if pid=$(live_pid "$1"); then
    kill -TERM "$pid" 2>/dev/null || true
    for ((i = 0; i < $2 * 10; i++)); do
      live_pid "$1" >/dev/null || break
      [ -z "${hasten:-}" ] || break
      sleep 0.1
    done
    if pid=$(live_pid "$1"); then
      warn "Process $pid did not end; killing it."
      kill -KILL "$pid" 2>/dev/null || true
    fi
  fi
  rm -f "$1"
}

port_in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

random_password() { openssl rand -hex 12; }
