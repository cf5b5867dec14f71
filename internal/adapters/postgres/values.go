package postgres

import (
	"time"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/domain"
)

// ids converts UUIDs to typed IDs. It returns nil for no rows.
func ids[Of any](rows []uuid.UUID) []domain.ID[Of] {
	var out []domain.ID[Of]
	for _, id := range rows {
		out = append(out, domain.ID[Of](id))
	}
	return out
}

// uuids converts typed IDs to UUIDs. It never returns nil, which SQL would read as NULL.
func uuids[Of any](ids []domain.ID[Of]) []uuid.UUID {
	out := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		out[i] = uuid.UUID(id)
	}
	return out
}

// uuidOrNil converts the zero ID to NULL.
func uuidOrNil[Of any](id domain.ID[Of]) *uuid.UUID {
	if id.IsZero() {
		return nil
	}
	return new(uuid.UUID(id))
}

// utc is time.Time.UTC for nullable times.
func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC())
}

// day converts a date column.
func day(t time.Time) domain.Day { return domain.DayAt(t, time.UTC) }

func int32OrNil(n *int) *int32 {
	if n == nil {
		return nil
	}
	return new(int32(*n))
}

func intOrNil(n *int32) *int {
	if n == nil {
		return nil
	}
	return new(int(*n))
}

func dateOrNil(d *domain.Day) *time.Time {
	if d == nil {
		return nil
	}
	return new(d.Date())
}

// timeOrNil returns nil for the zero time.
func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// timeOrZero returns the zero time for nil.
func timeOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
