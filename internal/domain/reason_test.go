package domain_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestReasons_HaveMessages(t *testing.T) {
	t.Parallel()

	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []domain.Reason
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Reason") && spec.Names[0].Name != "ReasonNone" {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			declared = append(declared, domain.Reason(value))
		}
		return true
	})
	slices.Sort(declared)
	if diff := cmp.Diff(declared, domain.Reasons()); diff != "" {
		t.Errorf("(-declared +with message):\n%s", diff)
	}
	for _, reason := range domain.Reasons() {
		for _, server := range []string{"", "api.wakatime.com", "waka.example:3000"} {
			message := reason.Message(server)
			if !strings.HasSuffix(message, ".") || strings.Contains(message, "%") || server == "waka.example:3000" && strings.Contains(message, "WakaTime") {
				t.Errorf("the message of %s for %q is not a sentence about it: %q", reason, server, message)
			}
		}
	}
	if domain.ReasonNone.Message("") != "" {
		t.Errorf("the message of ReasonNone is %q", domain.ReasonNone.Message(""))
	}
}

func TestReason_Kinds(t *testing.T) {
	t.Parallel()

	var temporary, daySpecific []domain.Reason
	for _, r := range domain.Reasons() {
		if r.Temporary() {
			temporary = append(temporary, r)
		}
		if r.DaySpecific() {
			daySpecific = append(daySpecific, r)
		}
	}
	if diff := cmp.Diff([]domain.Reason{domain.ReasonInvalid, domain.ReasonNotReady, domain.ReasonThrottled, domain.ReasonUnavailable}, temporary); diff != "" {
		t.Errorf("Temporary (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]domain.Reason{domain.ReasonInvalid, domain.ReasonNotReady, domain.ReasonPlanLimited}, daySpecific); diff != "" {
		t.Errorf("DaySpecific (-want +got):\n%s", diff)
	}
}

func TestUpstreamError(t *testing.T) {
	t.Parallel()

	cause := errors.New("connection refused")
	err := error(&domain.UpstreamError{Reason: domain.ReasonUnavailable, Err: cause})
	if err.Error() != "wakatime: unavailable: connection refused" || !errors.Is(err, cause) {
		t.Errorf("error %v", err)
	}
	if got := (&domain.UpstreamError{Reason: domain.ReasonThrottled}).Error(); got != "wakatime: throttled" {
		t.Errorf("error %q", got)
	}
}
