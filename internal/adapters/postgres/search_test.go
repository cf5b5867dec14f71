package postgres_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// pupil is a user with the enrolment of a student, if they are one.
type pupil struct {
	user      domain.User
	batch     domain.BatchID // zero for no student
	status    domain.EnrolmentStatus
	connected bool
}

// pupils inserts 300 users: enough for names that too many have to be found first and sorted
// then. Some have the same name.
func pupils(t *testing.T, pool *pgxpool.Pool, batches []domain.BatchID) []pupil {
	t.Helper()
	first := []string{"Ada", "Ádám", "Bo", "Zoë", "Zoe", "50%_\\"}
	var all []pupil
	for i := range 300 {
		p := pupil{}
		change := func(u *domain.User) {
			u.Name, u.Email = fmt.Sprintf("%s %c%c", first[i*i%7%len(first)], 'a'+i%5, 'm'+i%3), domain.Email(fmt.Sprintf("p%d@zoo.edu", i))
		}
		if i%4 == 0 {
			p.user = build.User(t, pool, change)
		} else {
			p.batch, p.status, p.connected = batches[i%len(batches)], []domain.EnrolmentStatus{domain.EnrolmentActive, domain.EnrolmentActive, domain.EnrolmentPaused}[i%3], i%5 == 0
			p.user = build.Student(t, pool, p.batch, func(u *domain.User, e *domain.Enrolment) {
				change(u)
				e.Status = p.status
			})
			if p.connected {
				build.Connection(t, pool, p.user.ID)
			}
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b pupil) int {
		x, y := uuid.UUID(a.user.ID), uuid.UUID(b.user.ID)
		return cmp.Or(strings.Compare(domain.NameKey(a.user.Name), domain.NameKey(b.user.Name)), slices.Compare(x[:], y[:]))
	})
	return all
}

// TestSearch_EqualsFilteringAndSorting compares every way to search and list people with a
// filter of all of them.
func TestSearch_EqualsFilteringAndSorting(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	var batches []domain.BatchID
	for range 7 {
		batches = append(batches, build.Batch(t, pool).ID)
	}
	all := pupils(t, pool, batches)
	build.Exec(t, pool, `VACUUM (ANALYZE) users, enrolments`)
	users, students := postgres.NewUserStore(pool), postgres.NewStudentStore(pool, build.Clock)
	texts := []string{"", "a", "zo", "zoe", "ZOË", "ad", "ada a", "bo em", "p1", "p17@", "zoo.edu", "edu", "q", "xq", "xyz", "%", "_", `\`, "50%", `%_\`, "  zoe  ", "e", "m p"}

	rapid.Check(t, func(r *rapid.T) {
		text, limit := rapid.SampledFrom(texts).Draw(r, "text"), rapid.SampledFrom([]int{1, 7, 50, 99, 100}).Draw(r, "limit")
		matches := func(p pupil) bool {
			return strings.Contains(domain.NameKey(p.user.Name)+" "+string(p.user.Email), domain.FoldText(text))
		}
		check := func(what string, all []pupil, want func(pupil) bool, got []domain.UserID) {
			var ids []domain.UserID
			for _, p := range all {
				if matches(p) && want(p) {
					ids = append(ids, p.user.ID)
				}
			}
			if !slices.Equal(ids, got) {
				r.Fatalf("%s, %q, pages of %d: %d people, want %d", what, text, limit, len(got), len(ids))
			}
		}

		role := rapid.SampledFrom([]domain.Role{"", domain.RoleStudent, domain.RoleMember, domain.RoleAdmin}).Draw(r, "role")
		check("users", startingFirst(all, text), func(p pupil) bool { return role == "" || p.user.Role == role },
			idsOf(listAll(t, limit, func(req domain.PageRequest) (domain.Page[domain.User], error) {
				return users.ListUsers(t.Context(), domain.UserFilter{Role: role, Search: text}, req)
			}), func(u domain.User) domain.UserID { return u.ID }))

		visible := rapid.SampledFrom([]domain.Visibility{{All: true}, {}, {Batches: batches[:1]}, {Batches: batches[:4]}, {Batches: batches[1:]}}).Draw(r, "visible")
		filter := domain.StudentFilter{
			Search: text, Status: rapid.SampledFrom([]domain.EnrolmentStatus{"", domain.EnrolmentActive, domain.EnrolmentPaused, domain.EnrolmentDropped}).Draw(r, "status"),
			Connected: rapid.SampledFrom([]*bool{nil, new(true), new(false)}).Draw(r, "connected"),
			Batch:     rapid.SampledFrom([]domain.BatchID{{}, batches[1]}).Draw(r, "batch"),
		}
		check(fmt.Sprintf("%+v of %+v", filter, visible), startingFirst(all, text), func(p pupil) bool {
			return !p.batch.IsZero() && (visible.All || slices.Contains(visible.Batches, p.batch)) && (filter.Batch.IsZero() || p.batch == filter.Batch) &&
				(filter.Status == "" || p.status == filter.Status) && (filter.Connected == nil || p.connected == *filter.Connected)
		}, idsOf(listAll(t, limit, func(req domain.PageRequest) (domain.Page[domain.Student], error) {
			return students.ListStudents(t.Context(), visible, filter, req)
		}), func(s domain.Student) domain.UserID { return s.ID }))
	})
}

// startingFirst moves the names that start with a text to the front.
func startingFirst(all []pupil, text string) []pupil {
	all, text = slices.Clone(all), domain.FoldText(text)
	slices.SortStableFunc(all, func(a, b pupil) int {
		return cmp.Compare(rest(a.user.Name, text), rest(b.user.Name, text))
	})
	return all
}

// rest returns 0 for a name that starts with a folded text, and 1 for others.
func rest(name, text string) int {
	if strings.HasPrefix(domain.NameKey(name), text) {
		return 0
	}
	return 1
}

func idsOf[T any](items []T, id func(T) domain.UserID) []domain.UserID {
	var out []domain.UserID
	for _, i := range items {
		out = append(out, id(i))
	}
	return out
}

// TestLists_PlanOnceForAllParameters covers what the limits of test/cost rest on: those run with
// either plan, a server with that of its settings.
func TestLists_PlanOnceForAllParameters(t *testing.T) {
	t.Parallel()
	pool := openPool(t, pgtest.New(t).Config().ConnString())
	got := ask[string](t, pool, `SELECT concat_ws(' ', current_setting('plan_cache_mode'), current_setting('jit'), current_setting('max_parallel_workers_per_gather'))`)
	if want := "force_generic_plan off 0"; got != want {
		t.Errorf("the settings are %q, want %q", got, want)
	}
}
