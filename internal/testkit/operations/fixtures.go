package operations

import (
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// RequestID is the id of every request.
const RequestID = "01a13bad-ac40-7f0e-b2d6-9c3a41e85d70"

// Now is the time of the server's clock.
var Now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// The ids of a student, her batch, and an instructor.
const (
	AdaID   = "01a07bf8-d460-7a15-8c2d-4b6e8f1a3c57"
	BatchID = "01a03412-2700-7d3a-b1c8-5e7f90a2436d"
	TomasID = "01a024d1-6e80-7b52-8f03-91c4d7a6e210"
)

// Ago and Later are an hour before and after Now.
var (
	Ago   = Now.Add(-time.Hour)
	Later = Now.Add(time.Hour)
)

// Ago and Later in JSON.
const (
	AgoText   = "2026-11-23T11:00:00Z"
	LaterText = "2026-11-23T13:00:00Z"
)

// Request bodies for registering and signing in, without the closing brace.
const (
	Registration = `{"email": "ada@example.com", "name": "Ada Brandt", "password": "correct horse battery staple"`
	Credentials  = `{"email": "ada@example.com", "password": "correct horse battery staple"`
)

// ID parses an id and panics if it is invalid.
func ID[Of any](s string) domain.ID[Of] {
	parsed, err := domain.ParseID[Of](s)
	if err != nil {
		panic(err)
	}
	return parsed
}

// Anyone returns the actor of requests without a session.
func Anyone() domain.Actor {
	return domain.Actor{Role: domain.RoleAnyone, Origin: domain.Origin{RequestID: RequestID, Address: "127.0.0.1"}}
}

// AdaJSON is Ada in JSON.
const AdaJSON = `{"id": "` + AdaID + `", "email": "ada@example.com", "name": "Ada Brandt", "role": "student", "time_zone": "Europe/Berlin",
	"suspended_at": null, "created_at": "` + AgoText + `"}`

// Ada returns a user.
func Ada() domain.User {
	return domain.User{
		ID: ID[domain.User](AdaID), Email: "ada@example.com", Name: "Ada Brandt", Role: domain.RoleStudent,
		TimeZone: "Europe/Berlin", CreatedAt: Ago, Version: 3,
	}
}

// MeJSON is Me in JSON.
const MeJSON = `{"id": "` + AdaID + `", "email": "ada@example.com", "name": "Ada Brandt", "role": "student", "time_zone": "Europe/Berlin",
	"created_at": "` + AgoText + `", "teaches": [],
	"batch": {"id": "` + BatchID + `", "name": "Autumn", "time_zone": "America/Chicago", "starts_on": "2026-09-07", "ends_on": "2026-12-18"}}`

// Me returns Ada with her batch.
func Me() domain.Me {
	b := Autumn()
	return domain.Me{User: Ada(), Batch: &domain.BatchSummary{ID: b.ID, Name: b.Name, TimeZone: b.TimeZone, StartsOn: b.StartsOn, EndsOn: b.EndsOn}}
}

// NewSession returns a new session of Ada in a cookie.
func NewSession() domain.SignedIn {
	return domain.SignedIn{Session: domain.Session{ExpiresAt: Later}, Token: "fresh-token", Me: Me()}
}

// NewTokens returns a new session of Ada with a refresh token.
func NewTokens() domain.SignedIn {
	in := NewSession()
	in.Session.TokenExpiresAt = Now
	in.RefreshToken = domain.RefreshToken{Family: "family-", Secret: "secret-"}
	return in
}

// AutumnJSON is Autumn in JSON.
const AutumnJSON = `{"id": "` + BatchID + `", "name": "Autumn", "description": "Evenings", "starts_on": "2026-09-07", "ends_on": "2026-12-18",
	"time_zone": "America/Chicago", "weekly_goal_seconds": 36000, "ai_time": "exclude", "status": "active", "students": 12, "instructors": 2,
	"archived_at": null, "created_at": "` + AgoText + `"}`

// Autumn returns a batch.
func Autumn() domain.Batch {
	return domain.Batch{
		ID: ID[domain.Batch](BatchID), Name: "Autumn", Description: "Evenings", TimeZone: "America/Chicago",
		StartsOn: domain.NewDay(2026, time.September, 7), EndsOn: domain.NewDay(2026, time.December, 18),
		WeeklyGoal: new(36000), AITime: domain.AIExcluded, CreatedAt: Ago, Version: 4, Students: 12, Instructors: 2,
	}
}

// StudentJSON is Student in JSON, and WeekJSON is Week.
const (
	WeekJSON = `{"expected_days": 8, "known_days": 4, "ok_days": 3, "empty_days": 1, "partial_days": 1, "pending_days": 1, "plan_limited_days": 0,
		"error_days": 1, "disconnected_days": 1, "share": 0.5, "seconds": 10800, "ai_seconds": 600, "ai_unknown_days": 2, "partial_seconds": 60}`
	failingJSON = `{"since": "` + AgoText + `", "reason": "unauthorized", "detail": "wakapi.example no longer accepts the stored credentials. Reconnect."}`
	StudentJSON = `{"id": "` + AdaID + `", "name": "Ada Brandt", "email": "ada@example.com", "batch_id": "` + BatchID + `",
		"batch_name": "Autumn", "time_zone": "America/Chicago", "status": "active", "enrolled_at": "` + AgoText + `",
		"connection": "needs_reconnect", "failing": ` + failingJSON + `, "last_week": ` + WeekJSON + `}`
)

// Week returns the coverage of a week.
func Week() domain.Coverage {
	return domain.Coverage{
		Expected: 8, OK: 3, Empty: 1, Partial: 1, Pending: 1, Error: 1, Disconnected: 1,
		Seconds: 10800, AISeconds: 600, AIUnknown: 2, PartialSeconds: 60,
	}
}

func failing() *domain.Failing {
	return &domain.Failing{Since: Ago, Reason: domain.ReasonUnauthorized, Server: "wakapi.example"}
}

// Student returns Ada as a student.
func Student() domain.Student {
	return domain.Student{
		ID: ID[domain.User](AdaID), Name: "Ada Brandt", Email: "ada@example.com", Batch: ID[domain.Batch](BatchID), BatchName: "Autumn",
		TimeZone: "America/Chicago", Status: domain.EnrolmentActive, EnrolledAt: Ago, Connection: domain.NeedsReconnect,
		Failing: failing(), LastWeek: Week(),
	}
}
