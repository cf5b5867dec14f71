# shellcheck shell=bash
# Sourced by .ci/run: starts a Docker engine if none is running.

engine_pid=

engine_start() {
	if docker info >/dev/null 2>&1; then
		echo "docker: an engine is already running"
		return
	fi
	local log options
	log=$(mktemp /tmp/gradus-dockerd.XXXXXX)
	# The slow vfs driver works without overlay2 (in a container).
	for options in "" "--storage-driver=vfs"; do
		# A new session: interrupting the run must not stop it before the containers.
		# shellcheck disable=SC2086 # no word if options is empty
		setsid dockerd $options >"$log" 2>&1 </dev/null &
		engine_pid=$!
		for _ in $(seq 100); do
			if docker info >/dev/null 2>&1; then
				echo "docker: started an engine, process $engine_pid, log $log"
				return
			fi
			kill -0 "$engine_pid" 2>/dev/null || break
			sleep 0.3
		done
		engine_stop
	done
	tail -n 20 "$log"
	echo "docker: no engine is running and none could be started" >&2
	return 1
}

# Stops only an engine that engine_start started.
engine_stop() {
	[ -n "$engine_pid" ] || return 0
	kill "$engine_pid" 2>/dev/null || true
	wait "$engine_pid" 2>/dev/null || true
	engine_pid=
}
