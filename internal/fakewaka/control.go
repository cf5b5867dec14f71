package fakewaka

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// mountControl adds the API that controls a running server.
func (s *Server) mountControl(mux *http.ServeMux) {
	mux.HandleFunc("GET /_fake/people", s.listPeople)
	mux.HandleFunc("POST /_fake/people", s.postPerson)
	mux.HandleFunc("PATCH /_fake/people/{username}", s.patchPerson)
	mux.HandleFunc("POST /_fake/people/{username}/key", s.postKey)
	mux.HandleFunc("POST /_fake/people/{username}/sessions", s.postSession)
	mux.HandleFunc("GET /_fake/calls", s.listCalls)
	mux.HandleFunc("DELETE /_fake/calls", func(w http.ResponseWriter, _ *http.Request) {
		s.ResetCalls()
		w.WriteHeader(http.StatusNoContent)
	})
	for _, path := range []string{"/_fake/scenario", "/_fake/people/{username}/scenario"} {
		mux.HandleFunc("PUT "+path, s.putScenario)
		mux.HandleFunc("DELETE "+path, s.putScenario)
	}
}

// personView is a person as the control API returns them.
type personView struct {
	Person
	APIKey       string    `json:"api_key"`
	TodaySeconds int       `json:"today_seconds"`
	Scenario     *Scenario `json:"scenario,omitempty"`
}

func (s *Server) listPeople(w http.ResponseWriter, _ *http.Request) {
	people, now := []personView{}, s.now()
	for _, acc := range s.accounts() {
		people = append(people, s.view(acc, now))
	}
	jsonResponse(http.StatusOK, map[string]any{"people": people, "scenario": s.scenario("")}).send(w)
}

func (s *Server) view(acc *account, now time.Time) personView {
	today := dateOf(now, acc.loc).window(acc.loc)
	return personView{
		Person:       acc.Person,
		APIKey:       acc.apiKey,
		TodaySeconds: acc.days([]window{today}, defaultCountingRules, now)[0].total,
		Scenario:     s.scenario(acc.Username),
	}
}

func (s *Server) postPerson(w http.ResponseWriter, r *http.Request) {
	var person Person
	err := decodeBody(w, r, &person)
	if err == nil {
		_, err = s.newAccount(person)
	}
	if err != nil {
		jsonResponse(http.StatusBadRequest, errorBody(err.Error())).send(w)
		return
	}
	if s.account(person.Username) != nil {
		jsonResponse(http.StatusConflict, errorBody("This username already exists.")).send(w)
		return
	}
	s.AddPerson(person)
	jsonResponse(http.StatusCreated, personView{Person: s.account(person.Username).Person, APIKey: s.APIKey(person.Username)}).send(w)
}

// patchPerson changes the keystroke timeout, the only setting that can change.
func (s *Server) patchPerson(w http.ResponseWriter, r *http.Request) {
	var body struct {
		KeystrokeTimeout int `json:"keystroke_timeout"`
	}
	s.change(w, r, &body, func(username string) error { return s.setKeystrokeTimeout(username, body.KeystrokeTimeout) })
}

func (s *Server) postKey(w http.ResponseWriter, r *http.Request) {
	s.change(w, r, nil, func(username string) error {
		_, err := s.resetKey(username)
		return err
	})
}

func (s *Server) postSession(w http.ResponseWriter, r *http.Request) {
	var body Session
	s.change(w, r, &body, func(username string) error { return s.addSession(username, body) })
}

// change reads body, if it is not nil, applies a change to the person of the path
// and returns the person.
func (s *Server) change(w http.ResponseWriter, r *http.Request, body any, apply func(username string) error) {
	username := r.PathValue("username")
	if s.account(username) == nil {
		noPerson(username).send(w)
		return
	}
	var err error
	if body != nil {
		err = decodeBody(w, r, body)
	}
	if err == nil {
		err = apply(username)
	}
	if err != nil {
		jsonResponse(http.StatusBadRequest, errorBody(err.Error())).send(w)
		return
	}
	jsonResponse(http.StatusOK, s.view(s.account(username), s.now())).send(w)
}

func noPerson(username string) response {
	return jsonResponse(http.StatusNotFound, errorBody("No person named "+username+"."))
}

func decodeBody(w http.ResponseWriter, r *http.Request, into any) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// callView is a counter as the control API returns it.
type callView struct {
	Username string `json:"username"`
	Endpoint string `json:"endpoint"`
	Count    int    `json:"count"`
}

func (s *Server) listCalls(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	calls, peaks := []callView{}, maps.Clone(s.peak)
	for key, n := range s.calls {
		calls = append(calls, callView{key.username, key.endpoint, n})
	}
	s.mu.Unlock()
	slices.SortFunc(calls, func(a, b callView) int {
		return strings.Compare(a.Username+"\x00"+a.Endpoint, b.Username+"\x00"+b.Endpoint)
	})
	jsonResponse(http.StatusOK, map[string]any{"calls": calls, "in_flight_peak": peaks}).send(w)
}

// putScenario sets a scenario. DELETE removes it.
func (s *Server) putScenario(w http.ResponseWriter, r *http.Request) {
	username := r.PathValue("username")
	if username != "" && s.account(username) == nil {
		noPerson(username).send(w)
		return
	}
	var sc Scenario
	if r.Method == http.MethodPut {
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(&sc); err != nil {
			jsonResponse(http.StatusBadRequest, errorBody(err.Error())).send(w)
			return
		}
	}
	s.SetScenario(username, sc)
	jsonResponse(http.StatusOK, sc).send(w)
}
