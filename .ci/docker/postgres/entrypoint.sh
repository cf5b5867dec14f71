#!/usr/bin/env bash
# Creates the cluster on the first start, then runs the server.
set -euo pipefail

[ "${1:-postgres}" = postgres ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
	mkdir -p "$PGDATA" /var/run/postgresql
	chown postgres:postgres "$PGDATA" /var/run/postgresql
	chmod 0700 "$PGDATA"
	exec setpriv --reuid=postgres --regid=postgres --init-groups -- "${BASH:-bash}" "$0" "$@"
fi
shift || true

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	: "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}"
	initdb --pgdata="$PGDATA" --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
		--auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --no-sync >/dev/null
	echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"

	# Only on the local socket: clients must not see a server without its database.
	pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
	if [ "$database" != postgres ]; then
		psql -v ON_ERROR_STOP=1 -v name="$database" -U "$user" -d postgres -q <<<'CREATE DATABASE :"name";'
	fi
	pg_ctl -D "$PGDATA" -m fast -w stop
fi

exec postgres -D "$PGDATA" -c listen_addresses='*' "$@"
