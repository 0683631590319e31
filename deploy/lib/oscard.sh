# shellcheck shell=bash disable=SC2154
# oscard as ./run starts it, and the few REST calls that ./run makes. Sourced; the caller has set
# `data` and `port`. Secrets are in variables and on stdin, never in arguments or files.

readonly first_port=8080
base_url() { printf 'http://127.0.0.1:%s' "${port:-$first_port}"; }

# start_oscard: in the background, its output in $data/log/oscard.log. Sets oscard_pid.
start_oscard() {
  local log="$data/log/oscard.log"
  mkdir -p "$data/log"
  if [ -f "$log" ] && [ "$(stat -c %s "$log")" -gt 20000000 ]; then mv "$log" "$log.1"; fi
  OSCAR_ADMIN_PASSWORD="$admin_password" setsid "$root/build/bin/oscard" \
    --config "$root/config/oscar.yaml" --data "$data" --port "$port" \
    --first-password "$data/first-password" </dev/null >>"$log" 2>&1 6>&- 7>&- &
  oscard_pid=$!
  remember "$oscard_pid" "$data/oscard.pid" 2>/dev/null || true
}

# wait_healthy: until /healthz answers; shows the end of the log when oscard ends instead.
wait_healthy() {
  local i
  for ((i = 0; i < 600; i++)); do
    if curl -fsS -o /dev/null --max-time 2 "$(base_url)/healthz" 2>/dev/null; then return 0; fi
    if ! live_pid "$data/oscard.pid" >/dev/null; then
      tail -n 15 "$data/log/oscard.log" >&2
      fail "oscard ended while starting; its log is $data/log/oscard.log"
    fi
    sleep 0.1
  done
  fail "oscard did not answer $(base_url)/healthz within a minute; see $data/log/oscard.log"
}

# api METHOD PATH [TOKEN] < JSON: prints the answer's body; fails unless it is 2xx.
api() {
  # No -S: callers say why, in the words of the answer.
  curl -s --fail-with-body --max-time 30 -X "$1" "$(base_url)$2" -H 'Content-Type: application/json' \
    -H 'Accept-Language: en' -H @<(printf 'Authorization: Bearer %s' "${3:-}") --data-binary @-
}

# json_string NAME < JSON: the first string member of that name. Enough for a token or a message;
# both are written by oscard, neither holds a quote.
json_string() { sed -nE "s/.*\"$1\"[[:space:]]*:[[:space:]]*\"([^\"]*)\".*/\1/p" | head -n 1; }

# reason < ANSWER: why oscard said no.
reason() {
  local message
  message=$(json_string message)
  printf '%s' "${message:-oscard did not answer}"
}

# Saves the connection `sandbox` when it is not there. Needs the admin's password, so it is done at the
# first start, or later when OSCAR_ADMIN_PASSWORD is given.
save_sandbox_connection() {
  local marker answer token
  marker="$(sandbox_dir)/connection-saved"
  if [ -z "$admin_password" ]; then
    [ -f "$marker" ] ||
      warn "The connection \`sandbox\` is not saved yet: start once with OSCAR_ADMIN_PASSWORD set."
    return 0
  fi
  answer=$(printf '{"username":"admin","password":"%s"}' "$admin_password" |
    api POST /api/v1/auth/login) || {
    warn "Could not log in as admin to see to the connection \`sandbox\`:" \
      "$(printf '%s' "$answer" | reason)"
    return 0
  }
  token=$(printf '%s' "$answer" | json_string token)
  # Another one of this name (409) is as good: the user made or kept it.
  answer=$(printf '{"name":"sandbox","environment":"test","host":"127.0.0.1","port":%s,
      "username":"oscar","password":"%s","database_name":"shop","charset":"utf8mb4",
      "description":"The private MariaDB of ./run"}' \
    "$(sandbox_port)" "$(account_password oscar)" | api POST /api/v1/connections "$token") ||
    case $answer in
    *'"code":409,'*) ;;
    *)
      warn "Could not save the connection \`sandbox\`:" \
        "$(printf '%s' "$answer" | reason)"
      return 0
      ;;
    esac
  : >"$marker"
  api POST /api/v1/auth/logout "$token" <<<'{}' >/dev/null || true
}

# run_lives FOLDER: whether the run of this folder has not ended; one without a pid is just beginning.
# plugins/backend_local/README.md describes the folder.
run_lives() {
  local pid started
  [ -f "$1/argv" ] && [ ! -f "$1/exit" ] || return 1
  read -r pid started _ 2>/dev/null <"$1/pid" || return 0
  [ "$(start_time_of "$pid")" = "$started" ]
}

# run_target FOLDER: `database.table on host:port`, from the DSN that pt-osc was given.
run_target() {
  tr '\0' '\n' <"$1/argv" | sed -nE 's/^F=[^,]*,h=([^,]*),P=([0-9]+),A=[^,]*,D=(.*),t=(.*)$/\3.\4 on \1:\2/p' |
    sed 's/\\,/,/g' | head -n 1
}

# live_runs: the folders of all runs that have not ended, one a line.
live_runs() {
  local run
  for run in "$data"/runs/*/; do
    ! run_lives "${run%/}" || printf '%s\n' "${run%/}"
  done
}

# Runs on other servers are not ours to stop: they outlive oscard by design.
name_runs_elsewhere() {
  local run target targets=()
  while read -r run; do
    target=$(run_target "$run")
    if [ -z "$sandbox" ] || [[ $target != *" on $(sandbox_address)" ]]; then targets+=("$target"); fi
  done < <(live_runs)
  [ ${#targets[@]} -gt 0 ] || return 0
  say "These runs on other servers go on without Oscar, and the next ./run takes them up:"
  printf '  %s\n' "${targets[@]}"
}
