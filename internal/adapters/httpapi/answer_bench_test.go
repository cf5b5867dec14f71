package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
)

// What it costs to hold answers to the contract: the whole server, without a network
// and without a database.
func BenchmarkCheck(b *testing.B) {
	var page domain.Page[domain.Student]
	for range 100 {
		page.Items = append(page.Items, student())
	}
	for name, path := range map[string]string{"one thing": "/me", "a page of 100": "/students?limit=100", "a problem": "/users/" + adaID} {
		for _, check := range []httpapi.ResponseCheck{httpapi.CheckOff, httpapi.CheckFail} {
			b.Run(name+"/"+string(check), func(b *testing.B) {
				s := serve(b, checking(check)).SignedIn()
				s.Accounts.EXPECT().Me(anything, anything).Return(me(), nil).AnyTimes()
				s.Accounts.EXPECT().User(anything, anything, anything).Return(domain.User{}, domain.ErrUserNotFound).AnyTimes()
				s.Students.EXPECT().Students(anything, anything, anything, anything).Return(page, nil).AnyTimes()
				b.ReportAllocs()
				for b.Loop() {
					rec := httptest.NewRecorder()
					req := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/api/v1"+path, nil)
					req.Header.Set("Authorization", "Bearer "+token)
					s.Handler.ServeHTTP(rec, req)
					if rec.Code >= 500 {
						b.Fatal(rec.Body)
					}
				}
			})
		}
	}
}
