package httpapi_test

import (
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

func suspended(u domain.User) domain.User {
	u.SuspendedAt = &now
	return u
}

const (
	byToken   = `{"token": "fresh-token", "expires_at": "` + laterText + `", "user": ` + servertest.MeJSON + `}`
	byCookie  = `{"token": null, "expires_at": "` + laterText + `", "user": ` + servertest.MeJSON + `}`
	setCookie = "__Host-gradus_session=fresh-token; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax"
)

func sessionRows() map[string]row {
	password := domain.Secret("correct horse battery staple")
	return map[string]row{
		"a key, a time zone and a token for a program": {
			operation: "Register",
			call:      post("/auth/register", servertest.Registration+`, "time_zone": "Europe/Berlin", "registration_key": "K3Y-K3Y"}`).SignedOut().With("User-Agent", "curl/8"),
			port: func(s *server) {
				s.Sessions.EXPECT().Register(anything, servertest.Anyone(), ports.Registration{
					Email: "ada@example.com", Name: "Ada Brandt", Password: password, TimeZone: new("Europe/Berlin"), Key: new("K3Y-K3Y"), UserAgent: "curl/8",
				}).Return(servertest.NewSession(), nil)
			},
			status: 201, want: byToken, headers: map[string]string{"Location": "/api/v1/me", "Set-Cookie": ""},
		},
		"neither, and a cookie for a browser": {
			operation: "Register",
			call:      post("/auth/register", servertest.Registration+`, "carrier": "cookie"}`).SignedOut().With("User-Agent", "curl/8"),
			port: func(s *server) {
				s.Sessions.EXPECT().Register(anything, servertest.Anyone(), ports.Registration{
					Email: "ada@example.com", Name: "Ada Brandt", Password: password, UserAgent: "curl/8",
				}).Return(servertest.NewSession(), nil)
			},
			status: 201, want: byCookie, headers: map[string]string{"Location": "/api/v1/me", "Set-Cookie": setCookie},
		},
		"a token for a program": {
			operation: "SignIn",
			call:      post("/auth/login", servertest.Credentials+`, "carrier": "token"}`).SignedOut().With("User-Agent", "curl/8"),
			port: func(s *server) {
				s.Sessions.EXPECT().SignIn(anything, servertest.Anyone(), "ada@example.com", password, "curl/8").Return(servertest.NewSession(), nil)
			},
			status: 200, want: byToken, headers: map[string]string{"Set-Cookie": ""},
		},
		"a cookie for a browser": {
			operation: "SignIn",
			call:      post("/auth/login", servertest.Credentials+`, "carrier": "cookie"}`).SignedOut().With("User-Agent", "curl/8"),
			port: func(s *server) {
				s.Sessions.EXPECT().SignIn(anything, servertest.Anyone(), "ada@example.com", password, "curl/8").Return(servertest.NewSession(), nil)
			},
			status: 200, want: byCookie, headers: map[string]string{"Set-Cookie": setCookie},
		},
		"the cookie goes with the session": {
			operation: "SignOut",
			call:      post("/auth/logout", ""),
			port:      func(s *server) { s.Sessions.EXPECT().SignOut(anything, s.Actor).Return(nil) },
			status:    204, headers: map[string]string{"Set-Cookie": "__Host-gradus_session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"},
		},
	}
}

func accountRows() map[string]row {
	ada := servertest.Ada()
	return map[string]row{
		"a student with their batch": {
			operation: "GetMe", call: get("/me"),
			port:   func(s *server) { s.Accounts.EXPECT().Me(anything, s.Actor).Return(servertest.Me(), nil) },
			status: 200, want: servertest.MeJSON,
		},
		"an instructor with their batches": {
			operation: "GetMe", call: get("/me"),
			port: func(s *server) {
				u := ada
				u.Role = domain.RoleInstructor
				s.Accounts.EXPECT().Me(anything, s.Actor).Return(domain.Me{User: u, Teaches: []domain.BatchID{id[domain.Batch](batchID)}}, nil)
			},
			status: 200, want: `{"id": "` + adaID + `", "email": "ada@example.com", "name": "Ada Brandt", "role": "instructor", "time_zone": "Europe/Berlin",
				"created_at": "` + agoText + `", "teaches": ["` + batchID + `"], "batch": null}`,
		},
		"what is left out stays": {
			operation: "UpdateMe", call: patch("/me", `{"name": "Ada B."}`),
			port: func(s *server) {
				s.Accounts.EXPECT().UpdateMe(anything, s.Actor, domain.ProfileUpdate{Name: new("Ada B.")}, nil).Return(servertest.Me(), nil)
			},
			status: 200, want: servertest.MeJSON,
		},
		"name and time zone": {
			operation: "UpdateMe", call: patch("/me", `{"name": "Ada B.", "time_zone": "UTC"}`),
			port: func(s *server) {
				s.Accounts.EXPECT().UpdateMe(anything, s.Actor, domain.ProfileUpdate{Name: new("Ada B."), TimeZone: new("UTC")}, nil).Return(servertest.Me(), nil)
			},
			status: 200, want: servertest.MeJSON,
		},
		"all users on one page": {
			operation: "ListUsers", call: get("/users"),
			port: func(s *server) {
				s.Accounts.EXPECT().Users(anything, s.Actor, domain.UserFilter{}, domain.PageRequest{Limit: defaultLimit}).Return(domain.Page[domain.User]{}, nil)
			},
			status: 200, want: `{"items": [], "next": null}`,
		},
		"a page of some, with a next": {
			operation: "ListUsers", call: get("/users?role=student&search=Ada%20B&after=c1&limit=2"),
			port: func(s *server) {
				s.Accounts.EXPECT().Users(anything, s.Actor, domain.UserFilter{Role: domain.RoleStudent, Search: "Ada B"}, domain.PageRequest{After: "c1", Limit: 2}).
					Return(domain.Page[domain.User]{Items: []domain.User{ada}, Next: "c2"}, nil)
			},
			status: 200, want: `{"items": [` + servertest.AdaJSON + `], "next": "c2"}`,
		},
		"one user": {
			operation: "GetUser", call: get("/users/" + adaID),
			port:   func(s *server) { s.Accounts.EXPECT().User(anything, s.Actor, ada.ID).Return(ada, nil) },
			status: 200, want: servertest.AdaJSON,
		},
		"another role": {
			operation: "ChangeUserRole", call: put("/users/"+adaID+"/role", `{"role": "instructor"}`),
			port: func(s *server) {
				s.Accounts.EXPECT().ChangeRole(anything, s.Actor, ada.ID, domain.RoleInstructor, nil).Return(ada, nil)
			},
			status: 200, want: servertest.AdaJSON,
		},
		"barred since now": {
			operation: "SuspendUser", call: post("/users/"+adaID+"/suspension", ""),
			port: func(s *server) {
				s.Accounts.EXPECT().Suspend(anything, s.Actor, ada.ID, nil).Return(suspended(ada), nil)
			},
			status: 200, want: `{"id": "` + adaID + `", "email": "ada@example.com", "name": "Ada Brandt", "role": "student", "time_zone": "Europe/Berlin",
				"suspended_at": "2026-11-23T12:00:00Z", "created_at": "` + agoText + `"}`,
		},
		"let in again": {
			operation: "ReinstateUser", call: del("/users/" + adaID + "/suspension"),
			port:   func(s *server) { s.Accounts.EXPECT().Reinstate(anything, s.Actor, ada.ID, nil).Return(ada, nil) },
			status: 204,
		},
	}
}
