package postgres

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// dropped matches the statements of migrations that delete data.
var dropped = regexp.MustCompile(`(?im)^(?:DROP TABLE (?:IF EXISTS )?([a-z_]+)|ALTER TABLE ([a-z_]+)\b([^;]*))`)

// droppedColumn matches an action of ALTER TABLE that deletes data.
var droppedColumn = regexp.MustCompile(`(?i)\bDROP COLUMN (?:IF EXISTS )?([a-z_]+)`)

// Losses returns the migration that Down would revert, and the tables and columns that this
// deletes: "table a", "column a.b".
func (m *Migrator) Losses(ctx context.Context) (Migration, []string, error) {
	latest, err := m.latest(ctx)
	if err != nil {
		return Migration{}, nil, mapError(err)
	}
	text, err := fs.ReadFile(m.files, latest.Name)
	if err != nil {
		return Migration{}, nil, fmt.Errorf("read migration: %w", err)
	}
	_, down, _ := strings.Cut(string(text), "-- +goose Down")
	var losses []string
	for _, s := range dropped.FindAllStringSubmatch(down, -1) {
		if s[1] != "" {
			losses = append(losses, "table "+s[1])
		}
		for _, c := range droppedColumn.FindAllStringSubmatch(s[3], -1) {
			losses = append(losses, "column "+s[2]+"."+c[1])
		}
	}
	return latest, losses, nil
}
