package apiclient

import (
	"net/http"
	"net/url"
	"strings"
)

// Password is a valid password, and that of every user whom tests create.
const Password = "three blue teapots sing"

// Registration returns the body with which a new user registers: a student with the key of
// a batch, a member without one.
func Registration(name, key string) Object {
	body := Object{"email": strings.ToLower(name) + "@school.example", "name": name, "password": Password}
	if key != "" {
		body["registration_key"] = key
	}
	return body
}

// Register creates an account and returns the client of its session.
func (c Client) Register(body Object) Client {
	c.tb.Helper()
	return c.SignedIn(c.Anonymous().Post("/auth/register", body).Expect(http.StatusCreated))
}

// SignIn starts a session and returns its client.
func (c Client) SignIn(email, password string) Client {
	c.tb.Helper()
	return c.SignedIn(c.Anonymous().Post("/auth/login", Object{"email": email, "password": password}).Expect(http.StatusOK))
}

// SignedIn returns the client of the session that the response started.
func (c Client) SignedIn(r Response) Client {
	c.tb.Helper()
	in := Decode[struct {
		Token        string
		RefreshToken string `json:"refresh_token"`
		User         struct{ ID, Email, Role string }
	}](r)
	return c.As(Session{Token: in.Token, RefreshToken: in.RefreshToken, ID: in.User.ID, Email: in.User.Email, Role: in.User.Role})
}

// Refresh renews the tokens of the session and returns its client.
func (c Client) Refresh() Client {
	c.tb.Helper()
	return c.SignedIn(c.Anonymous().Post("/auth/refresh", Object{"refresh_token": c.RefreshToken}).Expect(http.StatusOK))
}

// Join enrols the caller in the batch of a key.
func (c Client) Join(key string) Client {
	c.tb.Helper()
	c.Post("/me/enrolment", Object{"registration_key": key}).Expect(http.StatusCreated)
	c.Role = "student"
	return c
}

// Create creates an object and returns its ID.
func (c Client) Create(path string, body any) string {
	c.tb.Helper()
	return Decode[struct{ ID string }](c.Post(path, body).Expect(http.StatusCreated)).ID
}

// CreateBatch creates a batch and returns its ID.
func (c Client) CreateBatch(body any) string {
	c.tb.Helper()
	return c.Create("/batches", body)
}

// RegistrationKey returns the key of a batch.
func (c Client) RegistrationKey(batch string) string {
	c.tb.Helper()
	return Get[struct{ Key string }](c, "/batches/"+batch+"/registration-key").Key
}

// Consent starts an OAuth flow that the user of the fake WakaTime server approves. It
// returns the parameters with which WakaTime redirects the browser: code and state.
func (c Client) Consent(username string) Object {
	c.tb.Helper()
	started := Decode[struct {
		URL string `json:"authorization_url"`
	}](c.Post("/me/wakatime/authorization", nil).Expect(http.StatusCreated))
	page := c.Anonymous().Get(started.URL + "&login=" + url.QueryEscape(username)).Expect(http.StatusFound)
	back, err := url.Parse(page.Header.Get("Location"))
	if err != nil {
		c.tb.Fatal(err)
	}
	return Object{"code": back.Query().Get("code"), "state": back.Query().Get("state")}
}

// ConnectByOAuth connects the caller to a user of the fake WakaTime server by OAuth.
func (c Client) ConnectByOAuth(username string) {
	c.tb.Helper()
	c.Post("/me/wakatime/callback", c.Consent(username)).Expect(http.StatusOK)
}

// ConnectByKey connects the caller by an API key of the server at baseURL; an empty one is
// WakaTime itself.
func (c Client) ConnectByKey(key, baseURL string) Response {
	c.tb.Helper()
	body := Object{"api_key": key}
	if baseURL != "" {
		body["base_url"] = baseURL
	}
	return c.Put("/me/wakatime/api-key", body).Expect(http.StatusOK)
}
