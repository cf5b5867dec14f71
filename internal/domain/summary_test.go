package domain_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
)

func share(d domain.Dimension, name string, seconds int) domain.Share {
	return domain.Share{Dimension: d, Name: name, Seconds: seconds}
}

func TestNormalizeShares(t *testing.T) {
	t.Parallel()

	tests := map[string]struct{ in, want []domain.Share }{
		"no shares remain no shares": {nil, []domain.Share{}},
		"shares are sorted by dimension, time and name": {
			[]domain.Share{
				share(domain.ByProject, "gradus", 5), share(domain.ByLanguage, "Rust", 10),
				share(domain.ByLanguage, "Go", 10), share(domain.ByLanguage, "C", 20),
			},
			[]domain.Share{
				share(domain.ByLanguage, "C", 20), share(domain.ByLanguage, "Go", 10),
				share(domain.ByLanguage, "Rust", 10), share(domain.ByProject, "gradus", 5),
			},
		},
		"equal names of a dimension are merged": {
			[]domain.Share{share(domain.ByEditor, "Vim", 1), share(domain.ByEditor, " Vim ", 2), share(domain.ByLanguage, "Vim", 4)},
			[]domain.Share{share(domain.ByLanguage, "Vim", 4), share(domain.ByEditor, "Vim", 3)},
		},
		"shares without time are dropped": {
			[]domain.Share{share(domain.ByEditor, "Vim", 0), share(domain.ByEditor, "Emacs", -3)},
			[]domain.Share{},
		},
		"shares without a visible name are dropped": {
			[]domain.Share{share(domain.ByEditor, "", 1), share(domain.ByEditor, " \x00\n", 1), share(domain.ByEditor, "\xff", 1)},
			[]domain.Share{},
		},
		"control characters and invalid UTF-8 are removed from names": {
			[]domain.Share{share(domain.ByProject, "a\x00b\x1b\xffc", 1)},
			[]domain.Share{share(domain.ByProject, "abc", 1)},
		},
		"long names are truncated between characters": {
			[]domain.Share{share(domain.ByProject, "x"+strings.Repeat("é", 100), 1)},
			[]domain.Share{share(domain.ByProject, "x"+strings.Repeat("é", 59), 1)},
		},
		"names that are equal after truncation are merged": {
			[]domain.Share{share(domain.ByProject, strings.Repeat("x", 130), 1), share(domain.ByProject, strings.Repeat("x", 140), 2)},
			[]domain.Share{share(domain.ByProject, strings.Repeat("x", 120), 3)},
		},
		"truncated names are trimmed": {
			[]domain.Share{share(domain.ByProject, strings.Repeat("x", 119)+" y", 1)},
			[]domain.Share{share(domain.ByProject, strings.Repeat("x", 119), 1)},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if diff := gocmp.Diff(tt.want, domain.NormalizeShares(tt.in)); diff != "" {
				t.Errorf("NormalizeShares (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNormalizeShares_KeepsTheLargest50OfEachDimension(t *testing.T) {
	t.Parallel()

	var in []domain.Share
	for i := range 60 {
		in = append(in, share(domain.ByLanguage, fmt.Sprint("l", i), i+1), share(domain.ByProject, fmt.Sprint("p", i), i+1))
	}
	got := domain.NormalizeShares(in)
	if len(got) != 100 {
		t.Fatalf("%d shares remain, want 100", len(got))
	}
	for i, s := range got {
		want := share(domain.ByLanguage, fmt.Sprint("l", 59-i), 60-i)
		if i >= 50 {
			want = share(domain.ByProject, fmt.Sprint("p", 109-i), 110-i)
		}
		if s != want {
			t.Fatalf("share %d is %+v, want %+v", i, s, want)
		}
	}
}

func TestNormalizeShares_IsIdempotentAndIgnoresOrder(t *testing.T) {
	t.Parallel()

	shares := rapid.SliceOf(rapid.Custom(func(t *rapid.T) domain.Share {
		return share(
			rapid.SampledFrom(domain.Dimensions).Draw(t, "dimension"),
			rapid.OneOf(rapid.SampledFrom([]string{"Go", "Go ", "Rust", strings.Repeat("é ", 80)}), rapid.String()).Draw(t, "name"),
			rapid.IntRange(-5, 100_000).Draw(t, "seconds"))
	}))
	rapid.Check(t, func(t *rapid.T) {
		in := shares.Draw(t, "shares")
		once := domain.NormalizeShares(in)
		if diff := gocmp.Diff(once, domain.NormalizeShares(once)); diff != "" {
			t.Fatalf("not idempotent (-once +twice):\n%s", diff)
		}
		if diff := gocmp.Diff(once, domain.NormalizeShares(rapid.Permutation(in).Draw(t, "shuffled"))); diff != "" {
			t.Fatalf("the order matters (-once +shuffled):\n%s", diff)
		}
		for _, s := range once {
			if s.Seconds <= 0 || s.Name == "" || len(s.Name) > 120 || !utf8.ValidString(s.Name) {
				t.Fatalf("%+v is not normalized", s)
			}
		}
	})
}

func TestDimensions_ListsEachOnce(t *testing.T) {
	t.Parallel()

	all := slices.Clone(domain.Dimensions)
	slices.SortFunc(all, cmp.Compare)
	if n := len(slices.Compact(all)); n != 7 || len(domain.Dimensions) != 7 {
		t.Errorf("%d dimensions, %d distinct, want 7", len(domain.Dimensions), n)
	}
}

func TestDayState_Known(t *testing.T) {
	t.Parallel()

	want := map[domain.DayState]bool{
		domain.DayOK: true, domain.DayEmpty: true,
		domain.DayPartial: false, domain.DayPending: false, domain.DayPlanLimited: false, domain.DayError: false, domain.DayDisconnected: false,
	}
	for state, known := range want {
		if state.Known() != known {
			t.Errorf("%s known: %t, want %t", state, state.Known(), known)
		}
	}
}
