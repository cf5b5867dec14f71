package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

func TestETag_IsTheVersion(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	s.Batches.EXPECT().Batch(anything, s.Actor, operations.ID[domain.Batch](operations.BatchID)).Return(domain.Batch{ID: operations.ID[domain.Batch](operations.BatchID), Name: "B", TimeZone: "UTC", AITime: domain.AIExcluded, CreatedAt: operations.Now, Version: 7}, nil)
	if got := s.Do(t, servertest.Get("/batches/"+operations.BatchID)).Header.Get("ETag"); got != `"7"` {
		t.Errorf("the ETag is %s", got)
	}
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	const never = -1
	tests := map[string]struct {
		header string
		want   domain.ExpectedVersions
	}{
		"no header matches any version":        {"", nil},
		"a star matches any version":           {"*", nil},
		"one version":                          {`"7"`, domain.ExpectedVersions{7}},
		"several versions":                     {`"7", "8"`, domain.ExpectedVersions{7, 8}},
		"the version of a compressed response": {`"7-gzip"`, domain.ExpectedVersions{7}},
		"a tag that nginx made weak":           {`W/"7"`, domain.ExpectedVersions{7}},
		"a tag compressed by Apache":           {`"7-br"`, domain.ExpectedVersions{7}},
		"a large version":                      {`"1789000000000001"`, domain.ExpectedVersions{1789000000000001}},
		"a tag without quotes":                 {`7`, domain.ExpectedVersions{7}},
		"several versions in several forms":    {`W/"6",7-gzip , "8"-gzip`, domain.ExpectedVersions{6, 7, 8}},
		"one tag of two versions is unknown":   {`"7,8"`, domain.ExpectedVersions{never}},
		"a negative version is unknown":        {`"-1"`, domain.ExpectedVersions{never}},
		"an unknown tag matches no version":    {`"5d41402a"`, domain.ExpectedVersions{never}},
		"the empty tag matches no version":     {`""`, domain.ExpectedVersions{never}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			s.Batches.EXPECT().RestoreBatch(anything, s.Actor, operations.ID[domain.Batch](operations.BatchID), tt.want).Return(domain.Batch{}, nil)
			s.Do(t, servertest.Delete("/batches/"+operations.BatchID+"/archival").With("If-Match", tt.header)).Want(t, http.StatusNoContent, "")
		})
	}
}

func TestIfMatch_RejectsMalformedTags(t *testing.T) {
	t.Parallel()
	for _, header := range []string{`"7`, `7"`, `"7";"8"`, `7 8`, `"7",`, `*, "7"`, `w/"7"`, "\"7\"\t"} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			if header == "\"7\"\t" {
				header = "\"7\"\t\"8\""
			}
			p := servertest.Start(t).SignedIn().Do(t, servertest.Delete("/batches/"+operations.BatchID+"/archival").With("If-Match", header)).WantProblem(t, 422, "invalid_request")
			if got := p.Fields(); len(got) != 1 || got[0] != "If-Match malformed" {
				t.Errorf("the invalid fields are %v", got)
			}
		})
	}
}

func TestIfMatch_MismatchIs412(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	s.Accounts.EXPECT().UpdateMe(anything, s.Actor, domain.ProfileUpdate{Name: new("Ada")}, domain.ExpectedVersions{3}).Return(domain.Me{}, domain.ErrVersionMismatch)
	s.Do(t, servertest.Patch("/me", `{"name": "Ada"}`).With("If-Match", `"3"`)).WantProblem(t, 412, "version_mismatch")
}
