# shellcheck shell=bash disable=SC2154
# The sandbox of ./run: a private MariaDB with shop.orders. Sourced; the caller has set `data`.
# Everything is in $data/sandbox; nothing of the system's MariaDB is read or written.

sandbox_dir() { printf '%s' "$data/sandbox"; }
sandbox_port() { cat "$(sandbox_dir)/port"; }
sandbox_address() { printf '127.0.0.1:%s' "$(sandbox_port 2>/dev/null)"; }

# sandbox_sql ACCOUNT: runs the SQL of stdin as root or oscar.
sandbox_sql() {
  mariadb --defaults-file="$(sandbox_dir)/$1.cnf" --batch --skip-column-names
}

write_account() { # ACCOUNT PASSWORD
  (
    umask 077
    printf '[client]\nuser=%s\npassword=%s\nhost=127.0.0.1\nport=%s\nprotocol=tcp\n%s\n' \
      "$1" "$2" "$(sandbox_port)" 'default-character-set=utf8mb4' >"$(sandbox_dir)/$1.cnf"
  )
}

account_password() { sed -n 's/^password=//p' "$(sandbox_dir)/$1.cnf"; }

# A port outside the kernel's range for outgoing connections, kept for good: the saved connection
# names it.
choose_sandbox_port() {
  local port try
  for ((try = 0; try < 50; try++)); do
    port=$((20000 + RANDOM % 10000))
    port_in_use "$port" || { printf '%s\n' "$port" >"$(sandbox_dir)/port"; return; }
  done
  fail "found no free port for the sandbox between 20000 and 30000"
}

start_mariadbd() {
  local dir user=() i pid
  dir=$(sandbox_dir)
  [ "$(id -u)" != 0 ] || user=(--user=root)
  # The socket's path is relative to the data folder: an absolute one may be too long for a socket.
  setsid mariadbd --no-defaults --datadir="$dir/data" --socket=s --port="$(sandbox_port)" \
    --bind-address=127.0.0.1 --skip-name-resolve --character-set-server=utf8mb4 \
    --max-connections=500 --innodb-buffer-pool-size=256M --innodb-flush-log-at-trx-commit=2 --pid-file="$dir/data/pid" \
    "${user[@]}" </dev/null >>"$dir/mariadb.log" 2>&1 7>&- &
  pid=$!
  remember "$pid" "$dir/pid"
  for ((i = 0; i < 600; i++)); do
    ! port_in_use "$(sandbox_port)" || return 0
    start_time_of "$pid" >/dev/null || break
    sleep 0.1
  done
  tail -n 15 "$dir/mariadb.log" >&2
  fail "the sandbox's MariaDB did not start; its log is $dir/mariadb.log"
}

# Makes the data folder, the two accounts and the tables. `ready` is written last, so an attempt
# that was cut short is begun anew.
create_sandbox() {
  local dir user=() root_password oscar_password
  dir=$(sandbox_dir)
  rm -rf "$dir"
  mkdir -p "$dir"
  chmod 700 "$dir"
  choose_sandbox_port
  say "Creating the sandbox: MariaDB with shop.orders, 200 000 rows"
  [ "$(id -u)" != 0 ] || user=(--user=root)
  # --force: a machine without /etc/hosts has no host name to look up, and none is needed here.
  # A relative folder: the program does not quote it, and the data folder may have a space in it.
  (cd "$dir" && mariadb-install-db --no-defaults --force --datadir=./data --skip-test-db \
    --skip-name-resolve --auth-root-authentication-method=normal "${user[@]}" >mariadb.log 2>&1) ||
    { tail -n 15 "$dir/mariadb.log" >&2; fail "mariadb-install-db failed"; }
  start_mariadbd
  root_password=$(random_password)
  oscar_password=$(random_password)
  write_account root ""
  # The passwords travel on stdin. The second statement ends what the empty password can do.
  sandbox_sql root <<SQL
CREATE USER oscar@'127.0.0.1' IDENTIFIED BY '$oscar_password';
SET PASSWORD FOR root@localhost = PASSWORD('$root_password');
SET PASSWORD FOR root@'127.0.0.1' = PASSWORD('$root_password');
SQL
  write_account root "$root_password"
  write_account oscar "$oscar_password"
  sandbox_sql root <"$root/deploy/lib/sandbox.sql" >/dev/null
  : >"$dir/ready"
}

start_sandbox() {
  local dir
  dir=$(sandbox_dir)
  if live_pid "$dir/pid" >/dev/null && [ ! -f "$dir/ready" ]; then
    end_process "$dir/pid" 30
  fi
  [ -f "$dir/ready" ] || { create_sandbox; return; }
  live_pid "$dir/pid" >/dev/null && return
  ! port_in_use "$(sandbox_port)" ||
    fail "port $(sandbox_port), which the sandbox's MariaDB uses, is taken by another program." \
      "Stop that program, or remove $dir to have a new sandbox made."
  start_mariadbd
}

# The run folders of live runs against the sandbox, one a line.
sandbox_runs() {
  local run
  while read -r run; do
    [[ $(run_target "$run") != *" on $(sandbox_address)" ]] || printf '%s\n' "$run"
  done < <(live_runs)
}

# A stop through pt-osc's observer, which leaves neither triggers nor tables behind.
stop_sandbox_runs() {
  local run i
  [ -n "$(sandbox_runs)" ] || return 0
  say "Asking the runs in the sandbox to stop and clean up"
  while read -r run; do
    mkdir -p "$run/control" && : >"$run/control/stop"
  done < <(sandbox_runs)
  for ((i = 0; i < 300; i++)); do
    [ -n "$(sandbox_runs)" ] && [ -z "${hasten:-}" ] || return 0
    sleep 0.1
  done
  warn "Still running: $(sandbox_runs | tr '\n' ' ')"
}

stop_sandbox() {
  [ -d "$(sandbox_dir)" ] || return 0
  stop_sandbox_runs
  end_process "$(sandbox_dir)/pid" 60
}
