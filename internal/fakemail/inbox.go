package fakemail

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

//go:embed inbox.html.tmpl
var inboxHTML string

var inboxPage = template.Must(template.New("inbox").Parse(inboxHTML))

const (
	// pagePolicy allows pages of the inbox their own style, and nothing else.
	pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	// messagePolicy treats a message like a page of its own origin, without scripts and images.
	messagePolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// Handler serves the inbox: pages for people, and JSON for scripts. It answers only requests to
// this machine by its own names, so that pages of other sites cannot read the inbox with a name
// that they make resolve to it.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		all := s.Messages("")
		slices.Reverse(all)
		s.page(w, all, nil)
	})
	mux.HandleFunc("GET /messages", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.Messages(r.URL.Query().Get("to"))) // the client has gone
	})
	mux.HandleFunc("DELETE /messages", func(w http.ResponseWriter, _ *http.Request) {
		s.Clear()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /messages/{id}", s.one(func(w http.ResponseWriter, m Message) { s.page(w, nil, &m) }))
	mux.HandleFunc("GET /messages/{id}/html", s.one(func(w http.ResponseWriter, m Message) {
		w.Header().Set("Content-Security-Policy", messagePolicy)
		write(w, "text/html; charset=utf-8", m.HTML)
	}))
	mux.HandleFunc("GET /messages/{id}/text", s.one(func(w http.ResponseWriter, m Message) { write(w, "text/plain; charset=utf-8", m.Text) }))
	mux.HandleFunc("GET /messages/{id}/source", s.one(func(w http.ResponseWriter, m Message) { write(w, "text/plain; charset=utf-8", m.Raw) }))
	return local(mux)
}

// one returns a handler of one message.
func (s *Server) one(render func(http.ResponseWriter, Message)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		all := s.Messages("")
		i := slices.IndexFunc(all, func(m Message) bool { return m.ID == r.PathValue("id") })
		if i < 0 {
			http.Error(w, "There is no such message. The inbox keeps the newest ones.", http.StatusNotFound)
			return
		}
		render(w, all[i])
	}
}

func (s *Server) page(w http.ResponseWriter, all []Message, one *Message) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", pagePolicy)
	_ = inboxPage.Execute(w, struct { // the client has gone
		All []Message
		One *Message
	}{all, one})
}

func write(w http.ResponseWriter, mediaType, body string) {
	w.Header().Set("Content-Type", mediaType)
	_, _ = w.Write([]byte(body)) // the client has gone
}

// local rejects requests to other names than those of this machine.
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
		if host != "localhost" && (err != nil || !ip.IsLoopback()) {
			http.Error(w, "The inbox can be read only at the address of this machine, such as 127.0.0.1.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
