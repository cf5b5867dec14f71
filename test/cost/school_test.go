package cost_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
	err = school.Load(ctx, c, school.School{Students: students, Days: 365, Full: 20, Large: []int{1000}, Entries: 5, Now: noon})
	if err != nil {
		return err
	}
	return fill(ctx, c, students)
}

// fill inserts the rows of the reads that bring their own.
func fill(ctx context.Context, c *pgx.Conn, students int) error {
	filled := false
	for _, r := range reads {
		if r.fill == "" {
			continue
		}
		args := []any{noon}
		if strings.Contains(r.fill, "$2") {
			args = append(args, students)
		}
		if _, err := c.Exec(ctx, r.fill, args...); err != nil {
			return fmt.Errorf("%.200s: %w", r.fill, err)
		}
		filled = true
	}
	if !filled {
		return nil // Load has vacuumed the school
	}
	return school.Vacuum(ctx, c)
}
