package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
)

// derivedChunk is the number of rows that one statement reads or writes.
const derivedChunk = 1000

// deriver computes columns that only the program can compute, because it knows names and time
// zones: for rows of older programs, and of programs with other versions of that knowledge. It
// changes only rows that differ, so it can run at any time and any number of times.
type deriver struct {
	db querier
	q  *sqlc.Queries
}

func derive(ctx context.Context, pool *pgxpool.Pool) error {
	// The pool of migrations asks for no types, which arrays need.
	d := deriver{db: withMode{pool, pgx.QueryExecModeDescribeExec}, q: sqlc.New()}
	for _, step := range []func(context.Context) error{d.timeZones, d.userKeys, d.batchKeys, d.enrolmentDays, d.connectionDays} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// timeZones stores the current names of time zones. Unknown ones stay, and count as UTC.
func (d deriver) timeZones(ctx context.Context) error {
	zones, err := d.q.ListTimeZones(ctx, d.db)
	if err != nil {
		return err
	}
	for _, alias := range zones {
		current, ok := renamed(alias)
		if !ok {
			continue
		}
		if err := d.q.RenameUserTimeZone(ctx, d.db, sqlc.RenameUserTimeZoneParams{Alias: alias, Current: current}); err != nil {
			return err
		}
		if err := d.q.RenameBatchTimeZone(ctx, d.db, sqlc.RenameBatchTimeZoneParams{Alias: alias, Current: current}); err != nil {
			return err
		}
	}
	labels, err := d.q.ListTimeZoneLabels(ctx, d.db)
	if err != nil {
		return err
	}
	for _, alias := range labels {
		current, ok := renamed(alias)
		if !ok {
			continue
		}
		if err := d.renameLabel(ctx, alias, current); err != nil {
			return err
		}
	}
	return nil
}

// renameLabel renames the time zone of days, which would otherwise count as those of another
// time zone and be fetched again.
func (d deriver) renameLabel(ctx context.Context, alias, current string) error {
	n, err := d.q.RenameTimeZoneLabel(ctx, d.db, sqlc.RenameTimeZoneLabelParams{Alias: alias, Current: current})
	if err != nil || n > 0 {
		return err
	}
	if err := d.q.MergeTimeZoneLabels(ctx, d.db, sqlc.MergeTimeZoneLabelsParams{Alias: alias, Current: current}); err != nil {
		return err
	}
	return d.q.DeleteTimeZoneLabel(ctx, d.db, alias)
}

// renamed returns the current name of a time zone that was renamed.
func renamed(name string) (string, bool) {
	z, err := domain.ParseTimeZone("", name)
	return string(z), err == nil && string(z) != name
}

// UnknownTimeZones returns the time zones of users and batches that the program does not know.
// They count as UTC.
func (m *Migrator) UnknownTimeZones(ctx context.Context) ([]string, error) {
	zones, err := sqlc.New().ListTimeZones(ctx, m.pool)
	if err != nil {
		return nil, mapError(err)
	}
	return slices.DeleteFunc(zones, func(name string) bool {
		_, err := domain.ParseTimeZone("", name)
		return err == nil
	}), nil
}

func (d deriver) userKeys(ctx context.Context) error {
	return inChunks(func(after uuid.UUID) (uuid.UUID, int, error) {
		rows, err := d.q.ListUserKeys(ctx, d.db, sqlc.ListUserKeysParams{After: after, Max: derivedChunk})
		if err != nil || len(rows) == 0 {
			return after, 0, err
		}
		p := sqlc.UpdateUserKeysParams{}
		for _, r := range rows {
			name, search := domain.NameKey(r.Name), domain.SearchKey(r.Name, domain.Email(r.Email))
			if name != r.NameKey || search != r.SearchKey {
				p.Ids, p.Names = append(p.Ids, r.ID), append(p.Names, r.Name)
				p.NameKeys, p.SearchKeys = append(p.NameKeys, name), append(p.SearchKeys, search)
			}
		}
		if len(p.Ids) > 0 {
			err = d.q.UpdateUserKeys(ctx, d.db, p)
		}
		return rows[len(rows)-1].ID, len(rows), err
	})
}

func (d deriver) batchKeys(ctx context.Context) error {
	return inChunks(func(after uuid.UUID) (uuid.UUID, int, error) {
		rows, err := d.q.ListBatchKeys(ctx, d.db, sqlc.ListBatchKeysParams{After: after, Max: derivedChunk})
		if err != nil || len(rows) == 0 {
			return after, 0, err
		}
		for _, r := range rows {
			key := domain.NameKey(r.Name)
			if key == r.NameKey {
				continue
			}
			if err := d.q.UpdateBatchKey(ctx, d.db, sqlc.UpdateBatchKeyParams{ID: r.ID, Name: r.Name, NameKey: key}); err != nil {
				return after, 0, err
			}
		}
		return rows[len(rows)-1].ID, len(rows), nil
	})
}

func (d deriver) enrolmentDays(ctx context.Context) error {
	return inChunks(func(after uuid.UUID) (uuid.UUID, int, error) {
		rows, err := d.q.ListEnrolmentsWithoutDay(ctx, d.db, sqlc.ListEnrolmentsWithoutDayParams{After: after, Max: derivedChunk})
		if err != nil || len(rows) == 0 {
			return after, 0, err
		}
		p := sqlc.UpdateEnrolmentDaysParams{}
		for _, r := range rows {
			p.Ids, p.Days = append(p.Ids, r.ID), append(p.Days, dateIn(r.TimeZone, r.EnrolledAt))
		}
		return rows[len(rows)-1].ID, len(rows), d.q.UpdateEnrolmentDays(ctx, d.db, p)
	})
}

func (d deriver) connectionDays(ctx context.Context) error {
	return inChunks(func(after uuid.UUID) (uuid.UUID, int, error) {
		rows, err := d.q.ListConnectionsWithoutDay(ctx, d.db, sqlc.ListConnectionsWithoutDayParams{After: after, Max: derivedChunk})
		if err != nil || len(rows) == 0 {
			return after, 0, err
		}
		p := sqlc.UpdateConnectionDaysParams{}
		for _, r := range rows {
			p.Ids, p.Days = append(p.Ids, r.ID), append(p.Days, dateIn(r.TimeZone, r.ConnectedAt))
		}
		return rows[len(rows)-1].ID, len(rows), d.q.UpdateConnectionDays(ctx, d.db, p)
	})
}

// dateIn returns the calendar day in a stored time zone.
func dateIn(zone string, at time.Time) time.Time { return domain.StoredTimeZone(zone).Today(at).Date() }

// inChunks calls do until it handles less than a full chunk. do returns the last ID that it
// handled, and the number of rows.
func inChunks(do func(after uuid.UUID) (last uuid.UUID, n int, err error)) error {
	var after uuid.UUID
	for {
		last, n, err := do(after)
		if err != nil || n < derivedChunk {
			return err
		}
		after = last
	}
}
