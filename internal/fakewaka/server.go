package fakewaka

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Config defines the people and the OAuth client.
type Config struct {
	// Seed determines all data and tokens: the same seed, people and clock give
	// the same responses, and tokens of an earlier run stay valid.
	Seed uint64
	// ClientID and ClientSecret are the credentials of the OAuth client. An
	// empty ClientID accepts any client.
	ClientID, ClientSecret string
	// RedirectURIs lists the allowed redirect URIs, which must match exactly.
	// An empty list allows any.
	RedirectURIs []string
	// Now is the clock and defaults to the system clock. Coding after this time
	// is never reported.
	Now func() time.Time
	// People lists the initial people. AddPerson adds more.
	People []Person
	// TokenFormat is the format of token responses to requests that do not
	// accept JSON. It defaults to TokenForm, as upstream does.
	TokenFormat TokenFormat
}

// Server is a fake WakaTime. Its methods may be called while it serves.
type Server struct {
	cfg Config
	now func() time.Time
	key []byte
	mux *http.ServeMux

	mu        sync.Mutex
	tick      int // orders issued tokens, set scenarios and mass revocations
	people    map[string]*account
	keys      map[string]string // usernames by API key
	codes     map[string]grant
	codeCount int
	scenarios map[string]*activeScenario
	calls     map[callKey]int
	inFlight  map[string]int
	peak      map[string]int
}

// New returns a server for cfg. It panics if a person in cfg is invalid.
func New(cfg Config) *Server {
	s := &Server{
		cfg:       cfg,
		now:       cfg.Now,
		people:    map[string]*account{},
		keys:      map[string]string{},
		codes:     map[string]grant{},
		scenarios: map[string]*activeScenario{},
		calls:     map[callKey]int{},
		inFlight:  map[string]int{},
		peak:      map[string]int{},
	}
	if s.now == nil {
		s.now = time.Now //nolint:forbidigo // the only default clock of this package
	}
	key := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("fakewaka"), cfg.Seed))
	s.key = key[:]
	for _, person := range cfg.People {
		s.AddPerson(person)
	}
	s.mux = s.routes()
	return s
}

// Handler returns the handler of all endpoints. It must run in a real net/http
// server: some scenarios abort the connection by panicking with
// http.ErrAbortHandler, which only that server handles.
func (s *Server) Handler() http.Handler { return s.mux }

// AddPerson adds person, or replaces the person with the same username and keeps
// their tokens, key and added sessions. It panics if person has no username, an unknown time zone, a
// malformed date, or a negative number of minutes or days.
func (s *Server) AddPerson(person Person) {
	acc, err := s.newAccount(person)
	if err != nil {
		panic("fakewaka: " + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.people[person.Username]; ok {
		acc.inherit(old)
	}
	s.people[person.Username] = acc
	s.keys[acc.apiKey] = person.Username
}

// APIKey returns the API key of username: "waka_" and a version 4 UUID. It depends
// on the seed, the username and the number of calls of ResetKey, whether or not the
// person exists.
func (s *Server) APIKey(username string) string {
	if acc := s.account(username); acc != nil {
		return acc.apiKey
	}
	return s.newKey(username, 0)
}

// Seconds returns the whole seconds that a normal response reports for username on
// day (YYYY-MM-DD) in loc: coding up to the current time, counted with the default
// keystroke timeout. The reported total_seconds is this number plus a fraction
// below one half, so that rounding and truncating it give the same result.
// Scenarios do not change it. It panics if the person is unknown or the day is
// malformed.
func (s *Server) Seconds(username, day string, loc *time.Location) int {
	return s.day(username, day, loc).total
}

// AISeconds returns the part of Seconds in the category "ai coding", in any case.
func (s *Server) AISeconds(username, day string, loc *time.Location) int {
	seconds := 0
	for _, p := range s.day(username, day, loc).parts[categories] {
		if strings.EqualFold(p.name, aiCategory) {
			seconds += p.seconds
		}
	}
	return seconds
}

func (s *Server) day(username, text string, loc *time.Location) day {
	acc := s.account(username)
	if acc == nil {
		panic("fakewaka: unknown person " + username)
	}
	d, err := parseDate(text)
	if err != nil {
		panic("fakewaka: " + err.Error())
	}
	return acc.days([]window{d.window(loc)}, defaultCountingRules, s.now())[0]
}

func (s *Server) account(username string) *account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.people[username]
}

// accounts returns all accounts, sorted by username.
func (s *Server) accounts() []*account {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*account, 0, len(s.people))
	for _, acc := range s.people {
		all = append(all, acc)
	}
	slices.SortFunc(all, func(a, b *account) int { return strings.Compare(a.Username, b.Username) })
	return all
}

// derive returns 32 bytes that depend only on the seed and the words.
func (s *Server) derive(words ...string) [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%x/%q", s.key, words))
}
