# shellcheck shell=bash
# Sourced by .ci/run and .ci/bench: starts and stops the Apache Kafka of ../shared/kafka, in a temporary folder.

kafka_tool=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/shared/kafka/kafka
broker_folder=
broker_port=

broker_is_available() { [ -x "$kafka_tool" ] && command -v java >/dev/null; }

is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port whose neighbour is free too: the controller listens on PORT+1. Above 20000 and below Linux's ephemeral range.
free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 12000))
    if ! is_taken "$port" && ! is_taken "$((port + 1))"; then
      echo "$port"
      return
    fi
  done
  echo "no free port found" >&2
  return 1
}

# Sets broker_folder and broker_port. The caller calls stop_broker at its end.
start_broker() {
  broker_port=$(free_port)
  broker_folder=$(mktemp -d)
  "$kafka_tool" start "$broker_folder" "$broker_port"
}

stop_broker() {
  [ -n "$broker_folder" ] || return 0
  if [ -f "$broker_folder/pid" ]; then "$kafka_tool" stop "$broker_folder" || true; fi
  rm -rf "$broker_folder"
  broker_folder=
}
