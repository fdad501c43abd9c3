#!/usr/bin/env bash
# Packs the package, installs it as a user would, and runs the demo flow from it on both lines of Node-RED.
# NODE_FOR_NODE_RED_5: a Node of at least 22.9; without it only Node-RED 4.1 is tried.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

cd "$root"
npm run --silent build
npm pack --silent --pack-destination "$work"
mkdir "$work/home"
cd "$work/home"
echo '{ "name": "home", "private": true }' >package.json
npm install --silent --no-audit --no-fund "$work"/flowbroker-node-red-*.tgz

run_demo() { # node binary, node-red folder
	local log="$work/log" port
	"$1" -e 'if (!process.version) process.exit(1); console.log("Node", process.version, "with Node-RED", require(process.argv[1] + "/package.json").version)' "$2"
	FLOWBROKER_NODE_RED="$2" "$1" node_modules/@flowbroker/node-red/dist/runtime/cli.js run \
		node_modules/@flowbroker/node-red/examples/demo-home.json --port 0 >"$log" 2>&1 &
	local pid=$!
	for _ in $(seq 100); do
		grep -q 'is running' "$log" && break
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$log" | head -1)
	if [ -z "$port" ] || [ "$port" = 0 ]; then
		cat "$log"
		return 1
	fi
	mosquitto_sub -p "$port" -t 'home/livingroom/light' -C 1 -W 10 | grep -qx off
	mosquitto_pub -p "$port" -t home/livingroom/light/set -m on
	mosquitto_sub -p "$port" -t 'home/livingroom/light' -C 1 -W 10 | grep -qx on
	kill "$pid"
	wait "$pid"
	cat "$log"
}

run_demo "$(command -v node)" "$root/node_modules/node-red"
if [ -n "${NODE_FOR_NODE_RED_5:-}" ]; then run_demo "$NODE_FOR_NODE_RED_5" "$root/node_modules/node-red-5"; fi
echo "The package works in both."
