package domain_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestError_MatchesItsSentinel(t *testing.T) {
	t.Parallel()

	err := fmt.Errorf("sign up: %w", domain.ErrForbidden.Withf("Not %s.", "today").At("day"))
	if !errors.Is(err, domain.ErrForbidden) {
		t.Errorf("%v is not %v", err, domain.ErrForbidden)
	}
	if errors.Is(err, domain.ErrInvalid) || errors.Is(err, errors.New("forbidden")) {
		t.Errorf("%v matches another error", err)
	}
	if domain.ErrForbidden.Detail == "Not today." || domain.ErrForbidden.Fields != nil {
		t.Errorf("the sentinel was changed: %+v", domain.ErrForbidden)
	}
	e, ok := errors.AsType[*domain.Error](err)
	if !ok || e.Detail != "Not today." || len(e.Fields) != 1 || e.Fields[0] != (domain.FieldError{Field: "day", Code: "forbidden", Detail: "Not today."}) {
		t.Errorf("got %+v", e)
	}
	if got := err.Error(); got != "sign up: forbidden: Not today." {
		t.Errorf("Error() = %q", got)
	}
}

func TestError_After(t *testing.T) {
	t.Parallel()

	later := domain.ErrBusy.After(time.Minute)
	if !errors.Is(later, domain.ErrBusy) || later.RetryAfter != time.Minute || domain.ErrBusy.RetryAfter == time.Minute {
		t.Errorf("After: %+v from %+v", later, domain.ErrBusy)
	}
}

func TestCodes_AreSortedUniqueAndInSnakeCase(t *testing.T) {
	t.Parallel()

	codes := domain.Codes()
	if len(codes) < 30 || !slices.IsSorted(codes) || len(slices.Compact(slices.Clone(codes))) != len(codes) {
		t.Errorf("Codes: %v", codes)
	}
	for _, c := range codes {
		if strings.Trim(c, "abcdefghijklmnopqrstuvwxyz_") != "" {
			t.Errorf("the code %q is not in snake_case", c)
		}
	}
	for _, e := range []*domain.Error{domain.ErrForbidden, domain.ErrRegistrationKeyInvalid, domain.ErrLastAdmin} {
		if !slices.Contains(codes, e.Code) {
			t.Errorf("Codes does not list %q", e.Code)
		}
	}
}
