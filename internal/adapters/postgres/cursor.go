package postgres

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/domain"
)

// cursor is what a domain.Cursor holds: the sort key of the last row of a page, and
// a mark of the list and the filters that it was made for.
type cursor[K any] struct {
	List string `json:"l"`
	Key  K      `json:"k"`
}

// list marks a list with its filters, so that a cursor of another question is
// refused instead of skipping rows in silence.
func list(name string, filters ...any) string {
	sum := sha256.Sum256(mustJSON([]any{name, filters}))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// encodeCursor makes an opaque cursor for a list.
func encodeCursor[K any](list string, key K) domain.Cursor {
	return domain.Cursor(base64.RawURLEncoding.EncodeToString(mustJSON(cursor[K]{list, key})))
}

// mustJSON encodes keys and filters: structs of texts, numbers, times and ids.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// decodeCursor reads the sort key of a cursor of the same list; ok is false for the
// zero cursor, which starts.
func decodeCursor[K any](list string, c domain.Cursor) (key K, ok bool, err error) {
	if c == "" {
		return key, false, nil
	}
	var got cursor[K]
	b, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil || json.Unmarshal(b, &got) != nil || got.List != list {
		return key, false, domain.ErrInvalidCursor.At("after")
	}
	return got.Key, true, nil
}

// byName is the sort key of lists of people and batches: the name in lower case,
// as Postgres lowers it. The zero key sorts before every row.
type byName struct {
	Name string
	ID   uuid.UUID
}

// page cuts a query result of up to limit+1 rows down to one page.
func page[R, T, K any](list string, rows []R, limit int, item func(R) T, key func(R) K) domain.Page[T] {
	var p domain.Page[T]
	if len(rows) > limit {
		rows = rows[:limit]
		p.Next = encodeCursor(list, key(rows[limit-1]))
	}
	p.Items = make([]T, len(rows))
	for i, r := range rows {
		p.Items[i] = item(r)
	}
	return p
}

// containing returns a search text as an ILIKE pattern's inside, nil when there is
// none.
func containing(search string) *string {
	if search == "" {
		return nil
	}
	return new(strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(search))
}
