package operations

import (
	"reflect"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

func suspended(u domain.User) domain.User {
	u.SuspendedAt = &Now
	return u
}

const (
	byToken   = `{"token": "fresh-token", "token_expires_at": "2026-11-23T12:00:00Z", "refresh_token": "gradus_rt_family-secret-ac459e9f", "expires_at": "` + LaterText + `", "user": ` + MeJSON + `}`
	byCookie  = `{"token": null, "token_expires_at": null, "refresh_token": null, "expires_at": "` + LaterText + `", "user": ` + MeJSON + `}`
	setCookie = "__Host-gradus_session=fresh-token; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax"
)

// fromCurl and browser match the devices of the calls below. Suites also send them with a cookie.
var (
	fromCurl = gomock.Cond(func(d ports.Device) bool { return d.UserAgent == "curl/8" && !d.Cookie })
	browser  = gomock.Cond(func(d ports.Device) bool { return d.UserAgent == "curl/8" && d.Cookie })
)

// fromCurlInCookie matches the same device, if it asked for a cookie.
var fromCurlInCookie = gomock.Cond(func(d ports.Device) bool { return d.UserAgent == "curl/8" && d.Cookie })

// registers matches a registration, whatever the cookie.
func registers(want ports.Registration) gomock.Matcher {
	return gomock.Cond(func(got ports.Registration) bool {
		got.Device.Session = ""
		return reflect.DeepEqual(got, want)
	})
}

func (p *Ports) sessions() *mock.MockSessionsMockRecorder {
	return p.Sessions.(*mock.MockSessions).EXPECT()
}

func (p *Ports) accounts() *mock.MockAccountsMockRecorder {
	return p.Accounts.(*mock.MockAccounts).EXPECT()
}

func init() {
	register(func(c *gomock.Controller, u *httpapi.UseCases) {
		u.Sessions, u.Accounts = mock.NewMockSessions(c), mock.NewMockAccounts(c)
	}, func() map[string]Operation {
		password := domain.Secret("correct horse battery staple")
		ada := Ada()
		return map[string]Operation{
			"Register": {
				Access:   Access{Want: "201 201 201 201 201 201 201 201", Body: apiclient.Registration("Newcomer", "")},
				Examples: Examples{"with_key": {}, "without_key": {}},
				Volatile: Volatile{{"token", nil, "a secret"}, {"refresh_token", nil, "a secret"}, {"user.id", nil, "random"}},
				Calls: Calls{
					"creates a student and returns a token": {
						Request: post("/auth/register", Registration+`, "time_zone": "Europe/Berlin", "registration_key": "K3Y-K3Y"}`).anonymous().with("User-Agent", "curl/8"),
						Ports: func(p *Ports) {
							p.sessions().Register(anything, Anyone(), registers(ports.Registration{
								Email: "ada@example.com", Name: "Ada Brandt", Password: password, TimeZone: new("Europe/Berlin"), Key: new("K3Y-K3Y"), Device: ports.Device{UserAgent: "curl/8"},
							})).Return(NewTokens(), nil)
						},
						Status: 201, Response: byToken, Headers: map[string]string{"Location": "/api/v1/me", "Set-Cookie": ""},
					},
					"creates a member and sets a cookie": {
						Request: post("/auth/register", Registration+`, "carrier": "cookie"}`).anonymous().with("User-Agent", "curl/8"),
						Ports: func(p *Ports) {
							p.sessions().Register(anything, Anyone(), registers(ports.Registration{
								Email: "ada@example.com", Name: "Ada Brandt", Password: password, Device: ports.Device{UserAgent: "curl/8", Cookie: true},
							})).Return(NewSession(), nil)
						},
						Status: 201, Response: byCookie, Headers: map[string]string{"Location": "/api/v1/me", "Set-Cookie": setCookie},
					},
				},
			},
			"SignIn": {
				Access:   Access{Want: everyone, Body: apiclient.Object{"email": "member@school.example", "password": apiclient.Password}},
				Examples: Examples{"admin": {}, "instructor": {}, "student": {}, "member": {}, "totp": {Prepare: enableTOTP}},
				Volatile: Volatile{{"token", nil, "a secret"}, {"refresh_token", nil, "a secret"}, {"challenge", nil, "a secret"}},
				Calls: Calls{
					"returns a challenge": {
						Request: post("/auth/login", Credentials+`, "carrier": "cookie"}`).anonymous().with("User-Agent", "curl/8").with("Prefer", "code=202"),
						Ports: func(p *Ports) {
							p.sessions().SignIn(anything, Anyone(), "ada@example.com", password, fromCurlInCookie).Return(domain.SignIn{Pending: &domain.PendingSignIn{
								Challenge: domain.SignInChallenge{ExpiresAt: Later}, Token: "fresh-challenge", Methods: []domain.SecondFactor{domain.SecondFactorTOTP},
							}}, nil)
						},
						Status: 202, Response: `{"challenge": "fresh-challenge", "expires_at": "` + LaterText + `", "methods": ["totp"]}`,
						Headers: map[string]string{"Location": "/api/v1/auth/login/completion", "Set-Cookie": ""},
					},
					"returns a token": {
						Request: post("/auth/login", Credentials+`, "carrier": "token"}`).anonymous().with("User-Agent", "curl/8"),
						Ports: func(p *Ports) {
							p.sessions().SignIn(anything, Anyone(), "ada@example.com", password, fromCurl).Return(domain.SignIn{SignedIn: NewTokens()}, nil)
						},
						Status: 200, Response: byToken, Headers: map[string]string{"Set-Cookie": ""},
					},
					"sets a cookie": {
						Request: post("/auth/login", Credentials+`, "carrier": "cookie"}`).anonymous().with("User-Agent", "curl/8"),
						Ports: func(p *Ports) {
							p.sessions().SignIn(anything, Anyone(), "ada@example.com", password, browser).Return(domain.SignIn{SignedIn: NewSession()}, nil)
						},
						Status: 200, Response: byCookie, Headers: map[string]string{"Set-Cookie": setCookie},
					},
				},
			},
			"RefreshSession": {
				Access:   Access{Want: everyone, Body: apiclient.Object{"refresh_token": RefreshToken}},
				Examples: Examples{"student": {Prepare: signInForRefresh}},
				Volatile: Volatile{{"token", nil, "a secret"}, {"refresh_token", nil, "a secret"}},
				Calls: Calls{
					"returns new tokens": {
						Request: post("/auth/refresh", `{"refresh_token": "gradus_rt_old"}`).anonymous().with("User-Agent", "curl/8"),
						Ports: func(p *Ports) {
							p.sessions().Refresh(anything, Anyone(), domain.Secret("gradus_rt_old"), fromCurl).Return(NewTokens(), nil)
						},
						Status: 200, Response: byToken,
					},
				},
			},
			"Reauthenticate": {
				Access:   Access{Want: signedInOnly, Body: apiclient.Object{"current_password": apiclient.Password}},
				Examples: Examples{"student": {As: "ada"}},
				Volatile: Volatile{{"token", nil, "a secret"}, {"refresh_token", nil, "a secret"}},
				Calls: Calls{
					"returns a new token": {
						Request: post("/auth/reauthentication", `{"current_password": "correct horse battery staple"}`).with("User-Agent", "curl/8"),
						Ports: func(p *Ports) {
							p.sessions().Reauthenticate(anything, p.Actor, password, gomock.Any()).Return(NewTokens(), nil)
						},
						Status: 200, Response: byToken, Headers: map[string]string{"Set-Cookie": ""},
					},
				},
			},
			"SignOut": {
				Access:   Access{Want: "401 204 204 204 204 204 204 401"},
				Examples: Examples{"": {As: "ada"}},
				Calls: Calls{
					"removes the cookie": {
						Request: post("/auth/logout", ""),
						Ports:   func(p *Ports) { p.sessions().SignOut(anything, p.Actor).Return(nil) },
						Status:  204, Headers: map[string]string{"Set-Cookie": "__Host-gradus_session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax", "Clear-Site-Data": `"cache", "storage"`},
					},
				},
			},
			"GetMe": {
				Access:   Access{Want: signedInOnly},
				Examples: Examples{"student": {As: "ada"}, "instructor": {As: "tomas"}, "admin": {As: "mira"}, "member": {As: "hana"}},
				Calls: Calls{
					"returns a student with their batch": {
						Request: get("/me"),
						Ports:   func(p *Ports) { p.accounts().Me(anything, p.Actor).Return(Me(), nil) },
						Status:  200, Response: MeJSON,
					},
					"returns an instructor with their batches": {
						Request: get("/me"),
						Ports: func(p *Ports) {
							u := ada
							u.Role = domain.RoleInstructor
							p.accounts().Me(anything, p.Actor).Return(domain.Me{User: u, Teaches: []domain.BatchID{ID[domain.Batch](BatchID)}}, nil)
						},
						Status: 200, Response: `{"id": "` + AdaID + `", "email": "ada@example.com", "name": "Ada Brandt", "role": "instructor", "time_zone": "Europe/Berlin",
				"created_at": "` + AgoText + `", "teaches": ["` + BatchID + `"], "batch": null}`,
					},
				},
			},
			"UpdateMe": {
				Access:   Access{Want: signedInOnly, Body: apiclient.Object{"name": "Another Name"}},
				Examples: Examples{"name": {As: "ada"}},
				Calls: Calls{
					"omitted fields stay unchanged": {
						Request: patch("/me", `{"name": "Ada B."}`),
						Ports: func(p *Ports) {
							p.accounts().UpdateMe(anything, p.Actor, domain.ProfileUpdate{Name: new("Ada B.")}, nil).Return(Me(), nil)
						},
						Status: 200, Response: MeJSON,
					},
					"updates name and time zone": {
						Request: patch("/me", `{"name": "Ada B.", "time_zone": "UTC"}`),
						Ports: func(p *Ports) {
							p.accounts().UpdateMe(anything, p.Actor, domain.ProfileUpdate{Name: new("Ada B."), TimeZone: new("UTC")}, nil).Return(Me(), nil)
						},
						Status: 200, Response: MeJSON,
					},
				},
			},
			"ListUsers": {
				Access:   Access{Want: adminsOnly},
				Examples: Examples{"page": {As: "mira"}},
				Calls: Calls{
					"lists all users": {
						Request: get("/users"),
						Ports: func(p *Ports) {
							p.accounts().Users(anything, p.Actor, domain.UserFilter{}, domain.PageRequest{Limit: defaultLimit}).Return(domain.Page[domain.User]{}, nil)
						},
						Status: 200, Response: `{"items": [], "next": null}`,
					},
					"filters and pages": {
						Request: get("/users?role=student&search=Ada%20B&after=c1&limit=2"),
						Ports: func(p *Ports) {
							p.accounts().Users(anything, p.Actor, domain.UserFilter{Role: domain.RoleStudent, Search: "Ada B"}, domain.PageRequest{After: "c1", Limit: 2}).
								Return(domain.Page[domain.User]{Items: []domain.User{ada}, Next: "c2"}, nil)
						},
						Status: 200, Response: `{"items": [` + AdaJSON + `], "next": "c2"}`,
					},
				},
			},
			"GetUser": {
				Access:   Access{On: "user_id", Want: adminsOnly},
				Examples: Examples{"instructor": {As: "mira"}},
				Calls: Calls{
					"returns a user": {
						Request: get("/users/" + AdaID),
						Ports:   func(p *Ports) { p.accounts().User(anything, p.Actor, ada.ID).Return(ada, nil) },
						Status:  200, Response: AdaJSON,
					},
				},
			},
			"ChangeUserRole": {
				Access:   Access{On: "user_id", Want: adminsOnly, Body: apiclient.Object{"role": "instructor"}},
				Examples: Examples{"admin": {As: "mira"}},
				Calls: Calls{
					"changes the role": {
						Request: put("/users/"+AdaID+"/role", `{"role": "instructor"}`),
						Ports: func(p *Ports) {
							p.accounts().ChangeRole(anything, p.Actor, ada.ID, domain.RoleInstructor, nil).Return(ada, nil)
						},
						Status: 200, Response: AdaJSON,
					},
				},
			},
			"SuspendUser": {
				Access:   Access{On: "user_id", Want: adminsOnly},
				Examples: Examples{"suspended": {As: "mira"}},
				Calls: Calls{
					"barred since Now": {
						Request: post("/users/"+AdaID+"/suspension", ""),
						Ports: func(p *Ports) {
							p.accounts().Suspend(anything, p.Actor, ada.ID, nil).Return(suspended(ada), nil)
						},
						Status: 200, Response: `{"id": "` + AdaID + `", "email": "ada@example.com", "name": "Ada Brandt", "role": "student", "time_zone": "Europe/Berlin",
				"suspended_at": "2026-11-23T12:00:00Z", "created_at": "` + AgoText + `"}`,
					},
				},
			},
			"ReinstateUser": {
				Access:   Access{On: "user_id", Want: "401 403 403 403 403 403 204 401"},
				Examples: Examples{"": {As: "mira"}},
				Calls: Calls{
					"reinstates a user": {
						Request: del("/users/" + AdaID + "/suspension"),
						Ports:   func(p *Ports) { p.accounts().Reinstate(anything, p.Actor, ada.ID, nil).Return(ada, nil) },
						Status:  204,
					},
				},
			},
		}
	})
}

// signInForRefresh starts a session of Ada, and adds its refresh token to a body.
func signInForRefresh(c apiclient.Client, body apiclient.Object) {
	res := c.Post("/auth/login", apiclient.Object{"email": "ada@school.example", "password": apiclient.Password})
	body["refresh_token"] = apiclient.Decode[apiclient.Object](res)["refresh_token"]
}
