// Package postgres implements the stores and the unit of work of internal/ports on
// PostgreSQL.
//
// The layers, in reading order:
//
//   - Pool. open.go creates the connection pools. connection.go tells direct connections from
//     those through a connection pooler, and gives both their settings. conn.go chooses what
//     a query runs on: conn returns the transaction in ctx, or else the pool. A query whose
//     prepared statement is stale runs again (stale.go).
//   - Transaction. [UnitOfWork].Do begins a transaction, puts it into the ctx of its
//     function (package pgtx), and writes the audit entry before the commit. Stores find
//     the transaction in ctx, and so does the job queue; their methods take no transaction.
//     [IdempotencyStore].Once begins a transaction for a whole request, in which each unit
//     of work is a savepoint. Methods that lock rows call requireTx, which fails outside a
//     unit of work. Do runs its function again after a deadlock or a serialization failure.
//   - Sessions. [SessionStore] keeps those of the last second in a [SessionCache], which
//     forgets a user when a unit of work that may have changed them ends.
//   - Errors. mapError turns errors of an unavailable database into domain.ErrUnavailable
//     on every connection. The rest is up to the store: notFound, requireAffected, and
//     violates, which maps a violated constraint by its name to a domain error (errors.go).
//   - Pages. Lists are keyset-paginated. A cursor holds the sort key of the last row and a
//     hash of the list and its filters; cursor.go encodes, decodes and cuts pages, and
//     nothing else knows their content. Lists fetch limit+1 rows.
//   - Queries. db/queries has a file per slice, and sqlc generates internal/sqlc from it.
//     A query is named Get, List, Lock, Insert, Upsert, Update or Delete plus a noun.
//     A statement that waits for a lock keeps its old snapshot: lock in one statement, read
//     or count in the next.
//   - Plans. Statements are prepared, and have one plan for all parameters: a list with
//     several ways to read has a branch for each, and conditions without a column turn the
//     others off (docs/decisions/0051), or a statement for each: see ListAuditEntries. Each
//     index names the query that it serves, in the migration that creates it.
//   - Counts. A count is exact if triggers keep it or an index has only what is counted.
//     Otherwise it stops at a bound that the contract names. Such a LIMIT has the order of an
//     index: see GetDashboard.
//   - Converters. Each noun has one unexported function from row to noun, in the file of
//     its store: user, batch, student, connection. Times are converted to UTC. values.go
//     has the converters of single values, between zero values and NULL.
//   - Stores. One file per store, one method per method of the port, and one query or a few
//     per method. A method's contract is the comment in internal/ports; the comment here
//     says only what is special about the implementation.
//   - Migrations. [Migrator] runs those in db/migrations and River's own, beside those of other
//     programs in the same database (shared.go). [Schema] reports which are pending. A
//     migration that has been released is never edited.
package postgres
