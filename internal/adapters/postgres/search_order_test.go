package postgres_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// TestSearch_ListsPrefixesFirst compares pages of changing sizes with all matches, sorted by group,
// name and ID. Some texts have more matches than a search sorts, and some names are the same.
func TestSearch_ListsPrefixesFirst(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	// The first and the last code points, and those around surrogates, are edges of ranges.
	letters := []string{"a", "b", "A", "á", " ", "z", "~", "\u07ff", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff"}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same names in each run
	all := make([]domain.User, 400)
	for i := range all {
		all[i] = build.User(t, pool, func(u *domain.User) {
			name := "a"
			for range 1 + random.IntN(4) {
				name += letters[min(random.IntN(len(letters)), random.IntN(len(letters)))]
			}
			if i%3 > 0 {
				name = strings.TrimPrefix(name, "a")
			}
			u.Name = cmp.Or(strings.TrimSpace(name), "b")
			u.Email = domain.Email(fmt.Sprintf("ba%d@zoo.edu", i))
		})
	}
	build.Exec(t, pool, `VACUUM (ANALYZE) users`)

	rapid.Check(t, func(r *rapid.T) {
		key := []rune(domain.SearchKey(rapid.SampledFrom(all).Draw(r, "user").Name, "ba1@zoo.edu"))
		from := min(rapid.IntRange(0, 4).Draw(r, "from"), len(key)-1)
		text := string(key[from:min(from+rapid.IntRange(1, 5).Draw(r, "length"), len(key))])
		folded := domain.FoldText(text)

		var want []domain.User
		for _, u := range all {
			if strings.Contains(domain.SearchKey(u.Name, u.Email), folded) {
				want = append(want, u)
			}
		}
		slices.SortFunc(want, func(a, b domain.User) int {
			x, y := uuid.UUID(a.ID), uuid.UUID(b.ID)
			return cmp.Or(cmp.Compare(rest(a.Name, folded), rest(b.Name, folded)),
				strings.Compare(domain.NameKey(a.Name), domain.NameKey(b.Name)), slices.Compare(x[:], y[:]))
		})

		var got []domain.User
		for req := (domain.PageRequest{}); ; {
			req.Limit = rapid.SampledFrom([]int{1, 2, 10, 50, 100}).Draw(r, "limit")
			p, err := store.ListUsers(t.Context(), domain.UserFilter{Search: text}, req)
			if err != nil {
				r.Fatal(err)
			}
			got = append(got, p.Items...)
			if req.After = p.Next; p.Next == "" {
				break
			}
		}
		if d := diff(names(want), names(got)); d != "" || len(folded) == 0 && len(got) != len(all) {
			r.Fatalf("%q: %s", text, d)
		}
	})
}

func names(users []domain.User) []string {
	out := make([]string, len(users))
	for i, u := range users {
		out[i] = u.Name + " " + u.ID.String()
	}
	return out
}
