package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// AuditStore implements ports.AuditStore.
type AuditStore struct {
	pool *pgxpool.Pool
	q    *sqlc.Queries
}

var _ ports.AuditStore = (*AuditStore)(nil)

// NewAuditStore returns an AuditStore on pool.
func NewAuditStore(pool *pgxpool.Pool) *AuditStore {
	return &AuditStore{pool: pool, q: sqlc.New()}
}

// ListAuditEntries implements ports.AuditStore. Postgres plans the query for the given
// filters.
func (s *AuditStore) ListAuditEntries(ctx context.Context, f domain.AuditFilter, req domain.PageRequest) (domain.Page[domain.AuditEntry], error) {
	scope := cursorScope("audit_entries", f)
	before, ok, err := decodeCursor[int64](scope, req.After)
	if err != nil {
		return domain.Page[domain.AuditEntry]{}, err
	}
	if !ok {
		before = math.MaxInt64
	}
	rows, err := s.q.ListAuditEntries(ctx, unpreparedConn(ctx, s.pool), sqlc.ListAuditEntriesParams{
		Before:  before,
		ActorID: uuidOrNil(f.Actor),
		Subject: textOrNil(f.Subject),
		Action:  textOrNil(f.Action),
		FromAt:  timeOrNil(f.From),
		UntilAt: timeOrNil(f.To),
		Max:     int32(req.Limit) + 1,
	})
	if err != nil {
		return domain.Page[domain.AuditEntry]{}, fmt.Errorf("list audit entries: %w", err)
	}
	entries := make([]auditRow, len(rows))
	for i, r := range rows {
		e, err := auditEntry(r)
		if err != nil {
			return domain.Page[domain.AuditEntry]{}, err
		}
		entries[i] = auditRow{r.Seq, e}
	}
	return newPage(scope, entries, req.Limit,
		func(r auditRow) domain.AuditEntry { return r.entry },
		func(r auditRow) int64 { return r.seq }), nil
}

type auditRow struct {
	seq   int64
	entry domain.AuditEntry
}

func auditEntry(r sqlc.ListAuditEntriesRow) (domain.AuditEntry, error) {
	e := domain.AuditEntry{
		ID:        domain.AuditEntryID(r.ID),
		At:        r.At.UTC(),
		ActorName: r.ActorName,
		ActorRole: domain.Role(r.ActorRole),
		Change:    domain.Change{Action: domain.Action(r.Action), Subject: r.Subject},
		Origin:    domain.Origin{RequestID: r.RequestID, Address: r.Address},
	}
	if r.ActorID != nil {
		e.ActorID = domain.UserID(*r.ActorID)
	}
	if err := json.Unmarshal(r.Details, &e.Details); err != nil {
		return e, fmt.Errorf("decode details of audit entry %d: %w", r.Seq, err)
	}
	return e, nil
}
