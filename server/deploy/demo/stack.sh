# SPDX-License-Identifier: GPL-2.0-or-later
# stack.sh: a private PostgreSQL, the simulated campus and the server, started and stopped together. Sourced by ./run.
# Touches no existing cluster: its own data folder and a Unix socket, no TCP port. Everything is ended by process id.

stack_pids=() stack_client= stack_faults= stack_settle= stack_api_port= stack_sim_port= stack_pg_up=

free_port() { # first free one from $1 on
  local port=$1
  while ss -Htln "sport = :$port" | grep -q .; do port=$((port + 1)); done
  echo "$port"
}

free_port_block() { # four in a row
  local base=$1 i
  while :; do
    for i in 0 1 2 3; do
      if ss -Htln "sport = :$((base + i))" | grep -q .; then base=$((base + i + 1)); continue 2; fi
    done
    break
  done
  echo "$base"
}

# One demo a folder: the lock falls with this process.
stack_lock() { # folder
  mkdir -p "$1" || die "cannot make $1"
  stack_dir=$(cd "$1" && pwd)
  chmod 711 "$stack_dir" 2>/dev/null
  exec 8>"$stack_dir/lock"
  flock -n 8 || die "the demo in $stack_dir is running already"
  local hash
  hash=$(printf '%s' "$stack_dir" | sha256sum | cut -c1-12)
  stack_pg=$stack_dir/pg
  stack_sock=$stack_dir/sock
  if [ "$(id -u)" -eq 0 ]; then
    # PostgreSQL refuses root: it runs as postgres, in a folder that user can reach.
    pg_as=(setpriv --reuid postgres --regid postgres --clear-groups env HOME=/tmp)
    if ! "${pg_as[@]}" test -x "$stack_dir" 2>/dev/null; then
      stack_pg=/var/tmp/gridtill-$hash/pg
      stack_sock=/var/tmp/gridtill-$hash/sock
    fi
  else
    pg_as=()
  fi
  # A socket path holds 107 bytes.
  [ ${#stack_sock} -le 80 ] || stack_sock=/tmp/gridtill-$hash
}

pg_bin() {
  local dir
  dir=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -x "$dir/initdb" ] || die "no PostgreSQL server is installed"
  echo "$dir"
}

pg_run() { (cd / && "${pg_as[@]+"${pg_as[@]}"}" "$@" </dev/null 8>&-); }

pg_start() {
  local bin
  bin=$(pg_bin)
  install -d -m 700 "$stack_pg" "$stack_sock" && chmod 711 "$(dirname "$stack_pg")"
  [ "$(id -u)" -eq 0 ] && chown postgres:postgres "$stack_pg" "$stack_sock"
  if [ ! -f "$stack_pg/PG_VERSION" ]; then
    say "Making a private PostgreSQL cluster ..."
    pg_run "$bin/initdb" -D "$stack_pg" -U gridtill_owner -A trust -E UTF8 --locale=C.UTF-8 -k >"$stack_dir/initdb.log" 2>&1 ||
      { cat "$stack_dir/initdb.log" >&2; die "initdb failed"; }
  fi
  : >>"$stack_dir/postgresql.log"
  [ "$(id -u)" -eq 0 ] && chown postgres "$stack_dir/postgresql.log"
  pg_run "$bin/pg_ctl" -D "$stack_pg" -s -w -t 60 -l "$stack_pg/server.log" \
    -o "-c listen_addresses='' -c unix_socket_directories='$stack_sock' -c unix_socket_permissions=0700 -c max_connections=60 -c shared_buffers=128MB -c log_min_messages=warning" \
    start >"$stack_dir/pg_ctl.log" 2>&1 || { cat "$stack_dir/pg_ctl.log" "$stack_pg/server.log" >&2; die "PostgreSQL did not start"; }
  stack_pg_up=yes
}

stack_psql() { PGOPTIONS='-c client_min_messages=warning' psql -X -q -v ON_ERROR_STOP=1 -h "$stack_sock" -U gridtill_owner "$@" 8>&-; }

stack_password() { head -c 30 /dev/urandom | base64 | tr -dc 'a-hjkmnp-zA-HJ-NP-Z2-9' | head -c 14; }

stack_config() {
  cat >"$stack_dir/gridtill.conf" <<EOC
# Made by ./run for the demo campus; every other key keeps its default.
[server]
state_dir=$stack_dir/state

[database]
socket_dir=$stack_sock
name=gridtill
user=gridtill_owner
migrate=auto

[http]
listen=127.0.0.1:$stack_api_port
EOC
}

# Operators get passwords made once for this demo; they are kept beside its data and shown at each start.
stack_operators() {
  local user role name
  : >"$stack_dir/operators.new" && chmod 600 "$stack_dir/operators.new"
  while read -r user role name; do
    stack_password >"$stack_dir/password"
    chmod 600 "$stack_dir/password"
    "$build/server/app/gridtilld" create-admin --config "$stack_dir/gridtill.conf" --user "$user" --role "$role" --name "$name" \
      --password-file "$stack_dir/password" >"$stack_dir/create-admin.log" 2>&1 || { cat "$stack_dir/create-admin.log" >&2; die "operator $user was not created"; }
    printf '%s %s %s\n' "$user" "$(cat "$stack_dir/password")" "$role" >>"$stack_dir/operators.new"
    rm -f "$stack_dir/password"
  done <<'EOO'
admin administrator 系统管理员
cashier cashier 张伟
engineer engineer 李娜
finance finance 刘洋
viewer viewer 王芳
EOO
  mv "$stack_dir/operators.new" "$stack_dir/operators"
}

stack_campus() {
  say "Creating the demo campus ..."
  stack_psql -d postgres -c 'CREATE DATABASE gridtill' || die "the database was not created"
  "$build/server/app/gridtilld" migrate --config "$stack_dir/gridtill.conf" >"$stack_dir/migrate.log" 2>&1 8>&- || { cat "$stack_dir/migrate.log" >&2; die "the schema was not made"; }
  stack_psql -d gridtill -1 -f "$top/server/deploy/demo/campus.sql" || die "the demo campus was not created"
  stack_operators
}

stack_start() { # wanted API port, wanted first simulator port
  stack_api_port=$(free_port "$1")
  stack_sim_port=$(free_port_block "$2")
  mkdir -p "$stack_dir/state" && chmod 700 "$stack_dir/state"
  pg_start
  stack_config
  if [ ! -f "$stack_dir/operators" ]; then
    stack_psql -d postgres -c 'DROP DATABASE IF EXISTS gridtill' # an earlier start that was cut off half-way
    stack_campus
  fi
  stack_psql -d gridtill -v base="$stack_sim_port" -f "$top/server/deploy/demo/addresses.sql" || die "the gateways' addresses were not set"

  "$build/tests/simulator/gridtill-sim" --world "$top/tests/simulator/worlds/demo.json" --port-base "$stack_sim_port" \
    --journal "$stack_dir/journal.jsonl" --control "$stack_dir/sim.sock" ${stack_faults:+--faults "$stack_faults"} >"$stack_dir/sim.log" 2>&1 8>&- &
  stack_sim=$!
  stack_pids+=($stack_sim)
  stack_server_start
}

stack_server_start() {
  local i
  "$build/server/app/gridtilld" --config "$stack_dir/gridtill.conf" >>"$stack_dir/gridtilld.log" 2>&1 8>&- &
  stack_server=$!
  stack_pids+=($stack_server)
  for i in $(seq 150); do
    kill -0 "$stack_sim" 2>/dev/null || { tail -n 20 "$stack_dir/sim.log" >&2; die "the simulator did not start"; }
    kill -0 "$stack_server" 2>/dev/null || { tail -n 20 "$stack_dir/gridtilld.log" >&2; die "the server did not start"; }
    if curl -sk --max-time 2 "https://127.0.0.1:$stack_api_port/api/v1/health" 2>/dev/null | grep -q '"status":"ok"'; then return 0; fi
    sleep 0.2
  done
  tail -n 20 "$stack_dir/gridtilld.log" >&2
  die "the server did not answer in 30 s"
}

stack_fingerprint() { openssl x509 -in "$stack_dir/state/authority.pem" -noout -fingerprint -sha256 2>/dev/null | sed 's/.*=//; s/://g; s/..../& /g'; }

stack_print() {
  say ""
  say "Gridtill demo campus: 4 dormitories, 4 gateways, 10 ADF400L cabinets, 360 circuits"
  say "  API and client     https://127.0.0.1:$stack_api_port"
  say "  fingerprint        $(stack_fingerprint)"
  say "  simulated campus   127.0.0.1:$stack_sim_port-$((stack_sim_port + 3)), journal $stack_dir/journal.jsonl"
  say "  logs and data      $stack_dir"
  say "  operators (password made for this demo):"
  while read -r user password role; do printf '    %-10s %-16s %s\n' "$user" "$password" "$role"; done <"$stack_dir/operators"
  say ""
}

stack_export() {
  export GRIDTILL_STACK_DIR=$stack_dir GRIDTILL_API_PORT=$stack_api_port GRIDTILL_SIM_PORT=$stack_sim_port GRIDTILL_SOCK=$stack_sock
  export GRIDTILL_STACK_SERVER_PID=$stack_server GRIDTILL_STACK_SIM_PID=$stack_sim GRIDTILL_BUILD=$build GRIDTILL_SOURCE=$top GRIDTILL_FAULTS=$stack_faults
  export GRIDTILL_SETTLE=$stack_settle
}

stack_wait() { wait "$stack_server"; }

stack_stop() {
  local pid i
  trap - EXIT
  for pid in "${stack_pids[@]+"${stack_pids[@]}"}"; do kill -TERM "$pid" 2>/dev/null; done
  for pid in "${stack_pids[@]+"${stack_pids[@]}"}"; do
    for i in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
  stack_pids=()
  [ -n "$stack_pg_up" ] && pg_run "$(pg_bin)/pg_ctl" -D "$stack_pg" -s -m fast -w stop >/dev/null 2>&1
  stack_pg_up=
}

stack_forget() {
  [ -f "$stack_pg/postmaster.pid" ] && pg_run "$(pg_bin)/pg_ctl" -D "$stack_pg" -s -m fast -w stop >/dev/null 2>&1
  case $stack_pg in /var/tmp/gridtill-*) rm -rf "$(dirname "$stack_pg")" ;; esac
  rm -rf "$stack_pg" "$stack_sock" "$stack_dir/state"
  rm -f "$stack_dir"/{operators,operators.new,password,gridtill.conf,journal.jsonl,sim.sock} "$stack_dir"/*.log "$stack_dir/journal.jsonl.sms"
}
