package postgres_test

import (
	"cmp"
	"fmt"
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

// TestBatchStore_SearchEqualsFilteringAndSorting compares lists of batches with a filter of all of
// them. There are enough for texts that too many names contain to be found first and sorted then.
func TestBatchStore_SearchEqualsFilteringAndSorting(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	first := []string{"Go", "Gö", "Web", "Evening Go", "50%_\\", "Ergo"}
	var all []domain.Batch
	for i := range 300 {
		all = append(all, build.Batch(t, pool, func(b *domain.Batch) {
			b.Name = fmt.Sprintf("%s %c %d", first[i*i%7%len(first)], 'a'+i%5, i%40)
			switch i % 4 {
			case 1:
				b.ArchivedAt = &build.Now
			case 2:
				b.StartsOn = build.Today + 1
			}
		}))
	}
	build.Exec(t, pool, `VACUUM (ANALYZE) batches`)
	store := postgres.NewBatchStore(pool, build.Clock)
	texts := []string{"", "g", "go", "GO ", "ergo", "e", "ning", "web a 1", "o a", "1", "17", "q", "xq", "xyz", "%", "_", `\`, "50%", `%_\`, "  go  "}
	var some []domain.BatchID
	for _, b := range all[:120] {
		some = append(some, b.ID)
	}

	rapid.Check(t, func(r *rapid.T) {
		f := domain.BatchFilter{
			Search: rapid.SampledFrom(texts).Draw(r, "text"),
			Status: rapid.SampledFrom([]domain.BatchStatus{"", domain.BatchActive, domain.BatchUpcoming, domain.BatchArchived, domain.BatchEnded}).Draw(r, "status"),
		}
		visible := rapid.SampledFrom([]domain.Visibility{{All: true}, {All: true}, {}, {Batches: some}}).Draw(r, "visible")
		limit := rapid.SampledFrom([]int{1, 7, 50, 99, 100}).Draw(r, "limit")
		text := domain.FoldText(f.Search)
		var want []domain.Batch
		for _, b := range all {
			if strings.Contains(domain.NameKey(b.Name), text) && (f.Status == "" || b.Status(build.Now) == f.Status) && (visible.All || slices.Contains(visible.Batches, b.ID)) {
				want = append(want, b)
			}
		}
		rank := func(b domain.Batch) int {
			if strings.HasPrefix(domain.NameKey(b.Name), text) {
				return 0
			}
			return 1
		}
		slices.SortFunc(want, func(a, b domain.Batch) int {
			x, y := uuid.UUID(a.ID), uuid.UUID(b.ID)
			return cmp.Or(rank(a)-rank(b), strings.Compare(domain.NameKey(a.Name), domain.NameKey(b.Name)), slices.Compare(x[:], y[:]))
		})
		got := listAll(t, limit, func(req domain.PageRequest) (domain.Page[domain.Batch], error) {
			return store.ListBatches(t.Context(), visible, f, req)
		})
		names := func(batches []domain.Batch) string {
			return joinNames(batches, func(b domain.Batch) string { return b.Name + " " + b.ID.String() })
		}
		if names(got) != names(want) {
			r.Fatalf("%+v in pages of %d: %d batches, want %d", f, limit, len(got), len(want))
		}
	})
}
