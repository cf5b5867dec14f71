package buffer_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// BenchmarkCheck measures the whole server with and without the check, but without a network
// and a database.
func BenchmarkCheck(b *testing.B) {
	var page domain.Page[domain.Student]
	for range 100 {
		page.Items = append(page.Items, operations.Student())
	}
	for name, path := range map[string]string{"one thing": "/me", "a page of 100": "/students?limit=100", "a problem": "/users/" + operations.AdaID} {
		for _, check := range []httpapi.ResponseCheck{httpapi.CheckOff, httpapi.CheckFail} {
			b.Run(name+"/"+string(check), func(b *testing.B) {
				s := servertest.Start(b, checking(check)).SignedIn()
				s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).Return(operations.Me(), nil).AnyTimes()
				s.Accounts.EXPECT().User(servertest.Anything, servertest.Anything, servertest.Anything).Return(domain.User{}, domain.ErrUserNotFound).AnyTimes()
				s.Students.EXPECT().Students(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(page, nil).AnyTimes()
				b.ReportAllocs()
				for b.Loop() {
					rec := httptest.NewRecorder()
					req := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/api/v1"+path, nil)
					req.Header.Set("Authorization", "Bearer "+servertest.Token)
					s.Handler.ServeHTTP(rec, req)
					if rec.Code >= 500 {
						b.Fatal(rec.Body)
					}
				}
			})
		}
	}
}
