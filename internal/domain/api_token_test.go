package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestNewAPIToken(t *testing.T) {
	t.Parallel()
	id, user := domain.APITokenID{2}, domain.UserID{1}
	got, err := domain.NewAPIToken(id, user, " Nightly QA\n", []domain.APIScope{"write", "read", "write"}, 365, noon)
	want := domain.APIToken{
		ID: id, User: user, Name: "Nightly QA", Scopes: []domain.APIScope{"read", "write"}, CreatedAt: noon, ExpiresAt: noon.AddDate(0, 0, 365),
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("NewAPIToken returned %v (-want +got):\n%s", err, diff)
	}
	tests := map[string]struct {
		name   string
		scopes []domain.APIScope
		days   int
		field  string
	}{
		"an empty name":              {" ", []domain.APIScope{"read"}, 1, "name"},
		"a long name":                {strings.Repeat("x", 101), []domain.APIScope{"read"}, 1, "name"},
		"no scope":                   {"QA", nil, 1, "scopes"},
		"an unknown scope":           {"QA", []domain.APIScope{"read", "everything"}, 1, "scopes"},
		"a scope without operations": {"QA", []domain.APIScope{"auditlog:write"}, 1, "scopes"},
		"no day":                     {"QA", []domain.APIScope{"read"}, 0, "expires_in_days"},
		"more than a year":           {"QA", []domain.APIScope{"read"}, 366, "expires_in_days"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := domain.NewAPIToken(id, user, tt.name, tt.scopes, tt.days, noon)
			e, ok := errors.AsType[*domain.Error](err)
			if !ok || !errors.Is(err, domain.ErrInvalid) || len(e.Fields) != 1 || e.Fields[0].Field != tt.field {
				t.Errorf("got %+v, want one error of the field %s", err, tt.field)
			}
		})
	}
}

func TestAPIToken_Alive(t *testing.T) {
	t.Parallel()
	token := domain.APIToken{ExpiresAt: noon}
	revoked := token
	revoked.RevokedAt = new(noon.Add(-time.Hour))
	if !token.Alive(noon.Add(-1)) || token.Alive(noon) || revoked.Alive(noon.Add(-time.Minute)) {
		t.Error("a token works until it expires or is revoked")
	}
}

func TestActor_Permits(t *testing.T) {
	t.Parallel()
	token := func(scopes ...domain.APIScope) domain.Actor {
		return domain.Actor{TokenID: domain.APITokenID{1}, Scopes: scopes}
	}
	tests := map[string]struct {
		actor domain.Actor
		scope domain.APIScope
		want  error
	}{
		"a session has all scopes":             {domain.Actor{}, "students:write", nil},
		"a session is a session":               {domain.Actor{}, "", nil},
		"the scope itself":                     {token("batches:read", "students:read"), "students:read", nil},
		"the scope of all slices":              {token("read"), "students:read", nil},
		"reading is not writing":               {token("read", "students:read"), "students:write", domain.ErrInsufficientScope},
		"writing is not reading":               {token("write", "students:write"), "students:read", domain.ErrInsufficientScope},
		"another slice":                        {token("batches:read"), "students:read", domain.ErrInsufficientScope},
		"no scope":                             {token(), "students:read", domain.ErrInsufficientScope},
		"all scopes do not replace a session":  {token(domain.APIScopes()...), "", domain.ErrSessionRequired},
		"an empty scope does not replace one":  {token(""), "", domain.ErrSessionRequired},
		"part of a scope is not another scope": {token("read"), "students:reader", domain.ErrInsufficientScope},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := tt.actor.Permits(tt.scope); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// A token is never a fresh authentication, so it can do nothing that is sensitive.
func TestActor_May_NothingSensitiveWithAToken(t *testing.T) {
	t.Parallel()
	admin := domain.Actor{UserID: domain.UserID{1}, Role: domain.RoleAdmin, TokenID: domain.APITokenID{1}, Scopes: []domain.APIScope{"write"}}
	for _, do := range []domain.Action{domain.ActAPITokenCreate, domain.ActUserChangeRole, domain.ActPasswordChange} {
		if err := admin.May(do, domain.Subject{User: admin.UserID}); !errors.Is(err, domain.ErrReauthenticationRequired) {
			t.Errorf("%s: %v", do, err)
		}
	}
}

func TestAPIToken_Text(t *testing.T) {
	t.Parallel()
	const random = "0123456789abcdefghijklmnopqrstuvwxyzABCD_-x"
	text := domain.FormatAPIToken(random)
	// The format is documented: scanners depend on it.
	if want := domain.Secret("gradus_pat_" + random + "31659fb5"); text != want {
		t.Errorf("the token is %s, want %s", text.Reveal(), want.Reveal())
	}
	if !domain.WellFormedAPIToken(text) || !domain.IsAPIToken(text) {
		t.Error("a new token is not well-formed")
	}
	tests := map[string]string{
		"truncated":                text.Reveal()[:61],
		"longer":                   text.Reveal() + "0",
		"a character is wrong":     strings.Replace(text.Reveal(), "0", "1", 1),
		"the checksum is wrong":    text.Reveal()[:54] + "00000000",
		"the checksum in capitals": text.Reveal()[:54] + strings.ToUpper(text.Reveal()[54:]),
		"another prefix":           "gradus_tok_" + text.Reveal()[11:],
		"empty":                    "",
		"the prefix alone":         "gradus_pat_",
		"the token of a session":   random,
	}
	for name, bad := range tests {
		if domain.WellFormedAPIToken(domain.Secret(bad)) {
			t.Errorf("%s: %q is well-formed", name, bad)
		}
	}
}
