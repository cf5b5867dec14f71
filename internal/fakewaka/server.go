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

// Config says who exists and which OAuth client may ask.
type Config struct {
	// Seed decides all data and tokens: the same seed, people and clock give
	// the same answers, and tokens of an earlier run stay valid.
	Seed uint64
	// ClientID and ClientSecret are what an OAuth client must present. An empty
	// ClientID accepts any client.
	ClientID, ClientSecret string
	// RedirectURIs lists the allowed redirect URIs, compared exactly. Empty
	// allows any.
	RedirectURIs []string
	// Now is the clock; nil is the system's. It ends today's coding: nothing
	// that lies after it is ever reported.
	Now func() time.Time
	// People exist at the start; AddPerson adds more.
	People []Person
	// TokenFormat is the token endpoint's answer to a request that does not
	// accept JSON. Empty is TokenForm, as upstream does.
	TokenFormat TokenFormat
}

// Server is one fake WakaTime. Its methods may be called while it serves.
type Server struct {
	cfg Config
	now func() time.Time
	key []byte
	mux *http.ServeMux

	mu        sync.Mutex
	tick      int // counts issued tokens, set scenarios and mass revocations, to order them
	people    map[string]*account
	codes     map[string]grant
	codeCount int
	scenarios map[string]*activeScenario
	calls     map[callKey]int
	inFlight  map[string]int
	peak      map[string]int
}

// New returns a server for cfg. It panics when a person in cfg is invalid.
func New(cfg Config) *Server {
	s := &Server{
		cfg:       cfg,
		now:       cfg.Now,
		people:    map[string]*account{},
		codes:     map[string]grant{},
		scenarios: map[string]*activeScenario{},
		calls:     map[callKey]int{},
		inFlight:  map[string]int{},
		peak:      map[string]int{},
	}
	if s.now == nil {
		s.now = time.Now //nolint:forbidigo // the one default clock of this package
	}
	key := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("fakewaka"), cfg.Seed))
	s.key = key[:]
	for _, person := range cfg.People {
		s.AddPerson(person)
	}
	s.mux = s.routes()
	return s
}

// Handler serves everything. It must run in a real net/http server: some
// scenarios abort the connection by panicking with http.ErrAbortHandler, which
// only that server understands.
func (s *Server) Handler() http.Handler { return s.mux }

// AddPerson adds person, or replaces the one of the same username and keeps
// that one's tokens. It panics when person has no username, an unknown time
// zone, a malformed date or a negative number of minutes or days.
func (s *Server) AddPerson(person Person) {
	acc, err := s.newAccount(person)
	if err != nil {
		panic("fakewaka: " + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.people[person.Username]; ok {
		acc.wallet = old.wallet
	}
	s.people[person.Username] = acc
}

// APIKey returns the API key of username: "waka_" and a version 4 UUID. It is
// the same for the same seed, whether or not the person exists yet.
func (s *Server) APIKey(username string) string {
	return "waka_" + uuidFrom(s.derive("api key", username))
}

// Seconds returns the whole seconds that an honest answer reports for username
// on day (YYYY-MM-DD) cut in loc: what lies before the clock's now, counted with
// the default keystroke timeout. The reported total_seconds is this number plus
// a fraction below one half, so rounding it and truncating it agree. Scenarios
// do not change it. It panics for an unknown person or a malformed day.
func (s *Server) Seconds(username, day string, loc *time.Location) int {
	acc := s.account(username)
	if acc == nil {
		panic("fakewaka: no person " + username)
	}
	date, err := parseDate(day)
	if err != nil {
		panic("fakewaka: " + err.Error())
	}
	days := acc.days([]window{date.window(loc)}, defaultYardstick, s.now())
	return days[0].total
}

func (s *Server) account(username string) *account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.people[username]
}

// accounts returns everybody, sorted by username.
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

// derive returns 32 bytes that depend on the seed and the words alone.
func (s *Server) derive(words ...string) [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%x/%q", s.key, words))
}
