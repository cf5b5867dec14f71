package fakewaka

import (
	"net/http"
	"slices"
)

// mount is a path with an API below it, and how it differs from WakaTime's.
type mount struct {
	path   string
	compat bool // numbers, ranges and accounts as Wakapi sends them
	// The rest is as in Scenario.
	missing       []string
	parts         []string
	ignoreTimeout bool
}

var mounts = []mount{
	{path: "/api/v1/"},
	{path: "/api/compat/wakatime/v1/", compat: true},
	{
		path:          "/api/hackatime/v1/",
		missing:       []string{"users/current", "status_bar/today", "all_time_since_today", "stats", "durations"},
		parts:         []string{"projects"},
		ignoreTimeout: true,
	},
}

// limit restricts a scenario to what the mount offers.
func (m mount) limit(sc *Scenario) {
	sc.MissingEndpoints = slices.Concat(sc.MissingEndpoints, m.missing)
	if sc.OnlyParts == nil {
		sc.OnlyParts = m.parts
	}
	sc.IgnoreTimeout = sc.IgnoreTimeout || m.ignoreTimeout
}

const pageNotFound = "404 page not found\n"

// indexText is the front page of the server.
const indexText = `This is a fake WakaTime for tests and demonstrations. Its people and their coding are invented.

OAuth    GET  /oauth/authorize     POST /oauth/token     POST /oauth/revoke
API      GET  /api/v1/users/current
         GET  /api/v1/users/current/summaries
         GET  /api/v1/users/current/status_bar/today  (and statusbar/today)
         GET  /api/v1/users/current/all_time_since_today
         GET  /api/v1/users/current/stats/{range}
         GET  /api/v1/users/current/durations
Wakapi   the same below /api/compat/wakatime/v1/, without status_bar/today and durations
         summaries (projects alone) and statusbar/today below /api/hackatime/v1/, as Hackatime has them
Control  GET, POST    /_fake/people
         PATCH        /_fake/people/{username}           keystroke_timeout
         POST         /_fake/people/{username}/sessions  coding that arrives late
         POST         /_fake/people/{username}/key       a new API key
         GET, DELETE  /_fake/calls
         PUT, DELETE  /_fake/scenario
         PUT, DELETE  /_fake/people/{username}/scenario
`

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		textResponse(http.StatusOK, indexText).send(w)
	})
	mux.HandleFunc("GET /oauth/authorize", s.authorize)
	mux.HandleFunc("POST /oauth/token", s.token)
	mux.HandleFunc("POST /oauth/revoke", s.revoke)
	for _, m := range mounts {
		s.mountAPI(mux, m)
	}
	s.mountControl(mux)
	return mux
}

func (s *Server) mountAPI(mux *http.ServeMux, m mount) {
	summaryScopes := []string{"read_summaries"}
	statusBar := endpoint{"statusbar/today", summaryScopes, statusBarToday}
	routes := map[string]endpoint{
		"users/current":                      {"users/current", []string{"email"}, currentUser},
		"users/current/summaries":            {"summaries", summaryScopes, summaries},
		"users/current/statusbar/today":      statusBar,
		"users/current/all_time_since_today": {"all_time_since_today", []string{"read_stats"}, allTime},
		"users/current/stats":                {"stats", []string{"read_stats", "read_summaries"}, stats},
		"users/current/stats/{range}":        {"stats", []string{"read_stats", "read_summaries"}, stats},
	}
	notFound := textResponse(http.StatusNotFound, pageNotFound)
	if !m.compat {
		notFound = jsonResponse(http.StatusNotFound, errorBody("Not found."))
		statusBar.name = "status_bar/today"
		routes["users/current/status_bar/today"] = statusBar
		routes["users/current/durations"] = endpoint{"durations", []string{"read_heartbeats"}, durations}
	}
	for path, e := range routes {
		mux.HandleFunc("GET "+m.path+path, s.serve(m, e))
	}
	if m.compat {
		for _, name := range []string{"status_bar/today", "durations"} {
			e := endpoint{name: name, scopes: summaryScopes, handle: func(*call) response { return notFound }}
			mux.HandleFunc("GET "+m.path+"users/current/"+name, s.serve(m, e))
		}
	}
	mux.HandleFunc(m.path, func(w http.ResponseWriter, _ *http.Request) { notFound.send(w) })
}
