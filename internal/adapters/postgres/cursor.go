package postgres

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/domain"
)

// cursor is the content of a domain.Cursor: the sort key of the last row of a page, and
// the scope for which it is valid.
type cursor[K any] struct {
	Scope string `json:"l"`
	Key   K      `json:"k"`
}

// cursorScope returns a short hash of a list and its filters, so that the cursor of
// another list or of other filters is rejected instead of silently skipping rows.
func cursorScope(name string, filters ...any) string {
	sum := sha256.Sum256(mustJSON([]any{name, filters}))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// encodeCursor returns an opaque cursor for a scope.
func encodeCursor[K any](scope string, key K) domain.Cursor {
	return domain.Cursor(base64.RawURLEncoding.EncodeToString(mustJSON(cursor[K]{scope, key})))
}

// mustJSON encodes keys and filters, which are structs of strings, numbers, times and IDs.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// decodeCursor returns the sort key of a cursor of the same scope. ok is false for the
// zero cursor, which requests the first page.
func decodeCursor[K any](scope string, c domain.Cursor) (key K, ok bool, err error) {
	if c == "" {
		return key, false, nil
	}
	var got cursor[K]
	b, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil || json.Unmarshal(b, &got) != nil || got.Scope != scope {
		return key, false, domain.ErrInvalidCursor.At("after")
	}
	return got.Key, true, nil
}

// nameKey is the sort key of lists of users and batches: domain.NameKey and the ID, after the group
// in a search. The zero key sorts before every row.
type nameKey struct {
	Rest bool `json:",omitempty"` // the name does not start with the text of a search
	Name string
	ID   uuid.UUID
}

// newPage returns a page of a query result of up to limit+1 rows. The extra row shows
// that there is a next page.
func newPage[R, T, K any](scope string, rows []R, limit int, item func(R) T, key func(R) K) domain.Page[T] {
	var p domain.Page[T]
	if len(rows) > limit {
		rows = rows[:limit]
		p.Next = encodeCursor(scope, key(rows[limit-1]))
	}
	p.Items = make([]T, len(rows))
	for i, r := range rows {
		p.Items[i] = item(r)
	}
	return p
}

// convertRows converts the rows of a statement. sqlc generates a type for each.
func convertRows[From, To any](rows []From, row func(From) To) []To {
	out := make([]To, len(rows))
	for i, r := range rows {
		out[i] = row(r)
	}
	return out
}

// searchTerm is the text of a search, in the forms that statements use. With a search, the names
// that start with the text come first, because an index has them side by side.
type searchTerm struct {
	Text    string // domain.FoldText; empty for a text that matches everything
	End     string // domain.PrefixEnd of Text
	Pattern string // LIKE pattern of the keys that contain Text
}

// patternEscapes escapes what has a meaning in a LIKE pattern. Building it takes longer than
// escaping, and 9 KB.
var patternEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func newSearchTerm(search string) searchTerm {
	if search == "" {
		return searchTerm{} // most lists
	}
	text := domain.FoldText(search)
	pattern := "%" + patternEscapes.Replace(text) + "%"
	return searchTerm{Text: text, End: domain.PrefixEnd(text), Pattern: pattern}
}

// key returns the sort key of a row. Without a search, no row is of the rest.
func (s searchTerm) key(name string, id uuid.UUID) nameKey {
	return nameKey{Rest: !strings.HasPrefix(name, s.Text), Name: name, ID: id}
}

// after returns the keys after which the page starts in each of the two groups: the names that
// start with the text, and the rest. One condition in a statement is then the start of each range:
// with two, such as name_key >= text as well, Postgres reads the index from the lesser key.
func (s searchTerm) after(k nameKey) (starts, rest nameKey) {
	switch {
	case k.Rest:
		return nameKey{Name: s.End}, k
	case k.Name < s.Text:
		return nameKey{Name: s.Text}, nameKey{}
	}
	return k, nameKey{}
}
