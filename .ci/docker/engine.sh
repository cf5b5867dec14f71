# shellcheck shell=bash
# Sourced by .ci/run: a Docker engine to talk to, ours if no other answers.

engine_pid=

engine_start() {
	if docker info >/dev/null 2>&1; then
		echo "docker: an engine answers already"
		return
	fi
	local log options
	log=$(mktemp /tmp/gradus-dockerd.XXXXXX)
	# Without overlay2 (a container in a container) the slow driver still works.
	for options in "" "--storage-driver=vfs"; do
		# A session of its own: an interrupt of the run must not take it away before the containers.
		# shellcheck disable=SC2086 # no word without options
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
	echo "docker: no engine answers and none could be started" >&2
	return 1
}

# Stops only an engine that engine_start started.
engine_stop() {
	[ -n "$engine_pid" ] || return 0
	kill "$engine_pid" 2>/dev/null || true
	wait "$engine_pid" 2>/dev/null || true
	engine_pid=
}
