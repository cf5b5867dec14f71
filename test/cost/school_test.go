package cost_test

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/testkit/school"
)

// noon is the time of the server, and today its day.
var noon = time.Date(2026, time.October, 14, 12, 0, 0, 0, time.UTC)

// load fills a database with a school. Batch 0 has 1,000 students, and 20 students have the
// days of a year.
func load(ctx context.Context, url string, students int) (err error) {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	return school.Load(ctx, c, school.School{Students: students, Days: 365, Full: 20, Large: []int{1000}, Entries: 5, Now: noon})
}
