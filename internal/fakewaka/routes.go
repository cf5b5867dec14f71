package fakewaka

import (
	"net/http"
)

const (
	apiMount    = "/api/v1/"
	compatMount = "/api/compat/wakatime/v1/"
)

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
Control  GET, POST    /_fake/people
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
	for _, mount := range []string{apiMount, compatMount} {
		s.mountAPI(mux, mount, mount == compatMount)
	}
	s.mountControl(mux)
	return mux
}

func (s *Server) mountAPI(mux *http.ServeMux, mount string, compat bool) {
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
	notFound := jsonResponse(http.StatusNotFound, errorBody("Not found."))
	if compat {
		notFound = textResponse(http.StatusNotFound, "404 page not found\n")
	} else {
		statusBar.name = "status_bar/today"
		routes["users/current/status_bar/today"] = statusBar
		routes["users/current/durations"] = endpoint{"durations", []string{"read_heartbeats"}, durations}
	}
	for path, e := range routes {
		mux.HandleFunc("GET "+mount+path, s.serve(e, compat))
	}
	if compat {
		for _, name := range []string{"status_bar/today", "durations"} {
			e := endpoint{name: name, scopes: summaryScopes, handle: func(*call) response { return notFound }}
			mux.HandleFunc("GET "+mount+"users/current/"+name, s.serve(e, compat))
		}
	}
	mux.HandleFunc(mount, func(w http.ResponseWriter, _ *http.Request) { notFound.send(w) })
}
