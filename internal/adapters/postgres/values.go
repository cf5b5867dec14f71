package postgres

import (
	"time"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/domain"
)

// ids gives rows of UUIDs their type; none are nil.
func ids[Of any](rows []uuid.UUID) []domain.ID[Of] {
	var out []domain.ID[Of]
	for _, id := range rows {
		out = append(out, domain.ID[Of](id))
	}
	return out
}

// uuids undoes ids.
func uuids[Of any](ids []domain.ID[Of]) []uuid.UUID {
	out := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		out[i] = uuid.UUID(id)
	}
	return out
}

// textOrNil turns the empty text, which stands for no filter, into NULL.
func textOrNil[T ~string](s T) *string {
	if s == "" {
		return nil
	}
	return new(string(s))
}

// timeOrNil turns the zero time, which stands for no filter, into NULL.
func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// utc is time.Time.UTC for times that may be absent.
func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC())
}

// day reads a date column.
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
