package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
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

// auditKey is the sort key of the audit log. Entries of the same time are in the order in
// which they were written.
type auditKey struct {
	At  time.Time
	Seq int64
}

// endOfLog is after every entry.
var endOfLog = auditKey{At: time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)}

// ListAuditEntries implements ports.AuditStore.
func (s *AuditStore) ListAuditEntries(ctx context.Context, f domain.AuditFilter, req domain.PageRequest) (domain.Page[domain.AuditEntry], error) {
	scope := cursorScope("audit_entries", f)
	before, ok, err := decodeCursor[auditKey](scope, req.After)
	if err != nil {
		return domain.Page[domain.AuditEntry]{}, err
	}
	if !ok {
		before = endOfLog
		if !f.To.IsZero() {
			before = auditKey{At: f.To}
		}
	}
	rows, err := s.list(ctx, f, before, int32(req.Limit)+1)
	if err != nil {
		return domain.Page[domain.AuditEntry]{}, fmt.Errorf("list audit entries: %w", err)
	}
	var p domain.Page[domain.AuditEntry]
	if len(rows) > req.Limit {
		rows = rows[:req.Limit]
		last := rows[len(rows)-1]
		p.Next = encodeCursor(scope, auditKey{last.At, last.Seq})
	}
	p.Items = make([]domain.AuditEntry, len(rows))
	for i := range rows {
		if p.Items[i], err = auditEntry(&rows[i]); err != nil {
			return domain.Page[domain.AuditEntry]{}, err
		}
	}
	return p, nil
}

// list runs the statement whose index has the entries of the filter in order.
func (s *AuditStore) list(ctx context.Context, f domain.AuditFilter, before auditKey, limit int32) ([]sqlc.ListAuditEntriesRow, error) {
	db, action := conn(ctx, s.pool), string(f.Action)
	switch {
	case f.Subject != "" && action != "":
		rows, err := s.q.ListAuditEntriesOfSubjectAndAction(ctx, db, sqlc.ListAuditEntriesOfSubjectAndActionParams{
			Subject: f.Subject, Action: action, ActorID: uuidOrNil(f.Actor), FromAt: f.From, BeforeAt: before.At, BeforeSeq: before.Seq, Max: limit,
		})
		return convertRows(rows, func(r sqlc.ListAuditEntriesOfSubjectAndActionRow) sqlc.ListAuditEntriesRow {
			return sqlc.ListAuditEntriesRow(r)
		}), err
	case f.Subject != "":
		rows, err := s.q.ListAuditEntriesOfSubject(ctx, db, sqlc.ListAuditEntriesOfSubjectParams{
			Subject: f.Subject, ActorID: uuidOrNil(f.Actor), FromAt: f.From, BeforeAt: before.At, BeforeSeq: before.Seq, Max: limit,
		})
		return convertRows(rows, func(r sqlc.ListAuditEntriesOfSubjectRow) sqlc.ListAuditEntriesRow { return sqlc.ListAuditEntriesRow(r) }), err
	case !f.Actor.IsZero() && action != "":
		rows, err := s.q.ListAuditEntriesOfActorAndAction(ctx, db, sqlc.ListAuditEntriesOfActorAndActionParams{
			ActorID: f.Actor.String(), Action: action, FromAt: f.From, BeforeAt: before.At, BeforeSeq: before.Seq, Max: limit,
		})
		return convertRows(rows, func(r sqlc.ListAuditEntriesOfActorAndActionRow) sqlc.ListAuditEntriesRow {
			return sqlc.ListAuditEntriesRow(r)
		}), err
	case !f.Actor.IsZero():
		rows, err := s.q.ListAuditEntriesOfActor(ctx, db, sqlc.ListAuditEntriesOfActorParams{
			ActorID: uuid.UUID(f.Actor), FromAt: f.From, BeforeAt: before.At, BeforeSeq: before.Seq, Max: limit,
		})
		return convertRows(rows, func(r sqlc.ListAuditEntriesOfActorRow) sqlc.ListAuditEntriesRow { return sqlc.ListAuditEntriesRow(r) }), err
	case action != "":
		rows, err := s.q.ListAuditEntriesOfAction(ctx, db, sqlc.ListAuditEntriesOfActionParams{
			Action: action, FromAt: f.From, BeforeAt: before.At, BeforeSeq: before.Seq, Max: limit,
		})
		return convertRows(rows, func(r sqlc.ListAuditEntriesOfActionRow) sqlc.ListAuditEntriesRow { return sqlc.ListAuditEntriesRow(r) }), err
	}
	return s.q.ListAuditEntries(ctx, db, sqlc.ListAuditEntriesParams{FromAt: f.From, BeforeAt: before.At, BeforeSeq: before.Seq, Max: limit})
}

func auditEntry(r *sqlc.ListAuditEntriesRow) (domain.AuditEntry, error) {
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
