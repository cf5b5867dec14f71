package wakatime_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body string
		want domain.WakaTimeAccount
	}{
		"a response of WakaTime":         {`{"data":{"id":"5f-1","username":"ada","timezone":"America/Chicago","plan":"free","new":{}}}`, domain.WakaTimeAccount{ID: "5f-1", Username: "ada", TimeZone: "America/Chicago", Plan: "free"}},
		"a response of Wakapi":           {recorded(t, "users-current.json"), domain.WakaTimeAccount{ID: "ada", Username: "ada", TimeZone: "America/Chicago"}},
		"a number as ID":                 {`{"data":{"id":17,"username":null,"timezone":["x"],"plan":{}}}`, domain.WakaTimeAccount{ID: "17"}},
		"control characters are removed": {`{"data":{"id":"5f","username":" a\u0000d\na "}}`, domain.WakaTimeAccount{ID: "5f", Username: "ada"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newServerClient(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(tc.body)) })
			got, err := c.Account(t.Context(), bearer("token"))
			if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
	for _, body := range []string{``, `{}`, `[]`, `{"data":null}`, `{"data":[]}`, `{"data":{"id":""}}`, `{"data":{"id":null}}`, `{"data":{"username":"ada"}}`} {
		t.Run("a response without an ID is rejected: "+body, func(t *testing.T) {
			t.Parallel()
			c := newServerClient(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
			if _, err := c.Account(t.Context(), bearer("token")); reason(t, err) != domain.ReasonInvalid {
				t.Errorf("got %v", err)
			}
		})
	}
}
