package testserver

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Snapshot is a copy of all rows of a server's database.
//
// Triggers record which tables are written to, so that the cost of Changed and Restore
// depends on what a request did and not on the size of the schema.
type Snapshot struct{ server *Server }

// snapshotTables are the tables that have a snapshot, with their schemas: all but those that
// River's workers update all the time. Their names are unique.
const snapshotTables = `SELECT schemaname || '.' || tablename FROM pg_tables
WHERE schemaname IN ('public', 'gradus_river') AND tablename NOT IN ('river_leader', 'river_client', 'river_client_queue', 'river_queue') ORDER BY 1`

const snapshotSchema = `CREATE SCHEMA snapshot;
CREATE TABLE snapshot."written to" (schema text, name text);
CREATE FUNCTION snapshot.record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO snapshot."written to" VALUES (TG_TABLE_SCHEMA, TG_TABLE_NAME);
	RETURN NULL;
END $$;

-- The time when a session was last seen changes without a change of the session.
CREATE FUNCTION snapshot.changed() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	s text;
	t text;
	differs boolean;
BEGIN
	FOR s, t IN SELECT DISTINCT schema, name FROM snapshot."written to" ORDER BY 2 LOOP
		EXECUTE format('SELECT EXISTS (
			(SELECT to_jsonb(r) - ''last_seen_at'' FROM %2$I.%1$I r EXCEPT ALL SELECT to_jsonb(r) - ''last_seen_at'' FROM snapshot.%1$I r)
			UNION ALL
			(SELECT to_jsonb(r) - ''last_seen_at'' FROM snapshot.%1$I r EXCEPT ALL SELECT to_jsonb(r) - ''last_seen_at'' FROM %2$I.%1$I r))', t, s) INTO differs;
		IF differs THEN RETURN NEXT t; END IF;
	END LOOP;
END $$;

-- As a replica, the database runs no triggers: no counters, no cascades, and no guard of
-- the audit log.
CREATE FUNCTION snapshot.restore() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
	s text;
	t text;
	cols text;
BEGIN
	FOR s, t IN SELECT DISTINCT schema, name FROM snapshot."written to" LOOP
		SELECT string_agg(quote_ident(column_name), ', ') INTO cols FROM information_schema.columns
		WHERE table_schema = s AND table_name = t AND is_generated = 'NEVER';
		EXECUTE format('DELETE FROM %I.%I', s, t);
		EXECUTE format('INSERT INTO %3$I.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM snapshot.%1$I', t, cols, s);
	END LOOP;
	DELETE FROM snapshot."written to";
END $$;`

// Snapshot saves the rows of every table. A database can have one snapshot.
func (s *Server) Snapshot(tb testing.TB) Snapshot {
	tb.Helper()
	script := []string{snapshotSchema}
	for _, table := range s.Strings(tb, snapshotTables) {
		schema, name, _ := strings.Cut(table, ".")
		original, saved := pgx.Identifier{schema, name}.Sanitize(), pgx.Identifier{"snapshot", name}.Sanitize()
		script = append(script,
			`CREATE TABLE `+saved+` AS TABLE `+original,
			`CREATE TRIGGER snapshot AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON `+original+` EXECUTE FUNCTION snapshot.record()`)
	}
	s.Exec(tb, strings.Join(script, ";"))
	return Snapshot{s}
}

// Changed returns the tables whose rows differ from the snapshot, sorted.
func (n Snapshot) Changed(tb testing.TB) []string {
	tb.Helper()
	return n.server.Strings(tb, `SELECT snapshot.changed()`)
}

// Restore restores the rows of all tables.
func (n Snapshot) Restore(tb testing.TB) {
	tb.Helper()
	n.server.Exec(tb, `SELECT snapshot.restore()`)
}
