package fakewaka

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Session is coding that the server learns about when it is added, however old it is,
// like the late heartbeats of an editor that was offline.
type Session struct {
	// Day is the day of the start (YYYY-MM-DD) in the person's own zone.
	Day string `json:"day"`
	// Start is the wall clock time of the start (HH:MM). Time that is already covered
	// counts once, and a pause that is not longer than the timeout is joined.
	//
	// If Start is empty, the session takes place between 03:00 and 07:40, when nothing
	// is scheduled, after earlier added sessions. It then adds exactly Seconds to the
	// day in the person's own zone, counted with the default timeout.
	Start string `json:"start,omitempty"`
	// Seconds is the length, at most twelve hours.
	Seconds int `json:"seconds"`
	// Category is the category of all of the time. If empty, the time has the usual
	// mix of categories.
	Category string `json:"category,omitempty"`
}

const (
	freeFrom       = 3 * 60                 // minutes after midnight
	freeUntil      = 8*60 - breakSeconds/60 // minutes after midnight
	maxSessionTime = int(12 * time.Hour / time.Second)
)

// AddSession adds coding to a day of username. From then on, all responses include it,
// as far as it is not in the future. It panics if the person is unknown, or if the
// session is malformed, starts before the person's first day or, without a start, does
// not fit.
func (s *Server) AddSession(username string, session Session) {
	if err := s.addSession(username, session); err != nil {
		panic("fakewaka: " + err.Error())
	}
}

// ResetKey replaces the API key of username and returns the new one. The old one
// returns 401. It panics if the person is unknown.
func (s *Server) ResetKey(username string) string {
	key, err := s.resetKey(username)
	if err != nil {
		panic("fakewaka: " + err.Error())
	}
	return key
}

// SetKeystrokeTimeout changes Person.KeystrokeTimeout. It panics if the person is
// unknown or minutes is not positive.
func (s *Server) SetKeystrokeTimeout(username string, minutes int) {
	if err := s.setKeystrokeTimeout(username, minutes); err != nil {
		panic("fakewaka: " + err.Error())
	}
}

func (s *Server) addSession(username string, in Session) error {
	return s.update(username, func(a *account) error {
		added, err := a.parseSession(in)
		if err == nil {
			a.add(added)
		}
		return err
	})
}

func (s *Server) resetKey(username string) (key string, err error) {
	err = s.update(username, func(a *account) error {
		a.resets++
		a.apiKey = s.newKey(username, a.resets)
		key = a.apiKey
		return nil
	})
	return key, err
}

// newKey returns the API key of username after a number of resets.
func (s *Server) newKey(username string, resets int) string {
	words := []string{"api key", username}
	if resets > 0 {
		words = append(words, strconv.Itoa(resets))
	}
	return "waka_" + uuidFrom(s.derive(words...))
}

func (s *Server) setKeystrokeTimeout(username string, minutes int) error {
	if minutes <= 0 {
		return errors.New("keystroke_timeout: must be positive")
	}
	return s.update(username, func(a *account) error {
		a.KeystrokeTimeout = minutes
		return nil
	})
}

// update replaces the account of username with a changed copy, because requests read
// accounts without the lock.
func (s *Server) update(username string, change func(*account) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	acc := s.people[username]
	if acc == nil {
		return errors.New("unknown person " + username)
	}
	changed := *acc
	if err := change(&changed); err != nil {
		return err
	}
	delete(s.keys, acc.apiKey)
	s.people[username] = &changed
	s.keys[changed.apiKey] = username
	return nil
}

// inherit copies from old what Person does not define.
func (a *account) inherit(old *account) {
	a.tokens, a.apiKey, a.resets = old.tokens, old.apiKey, old.resets
	for _, s := range old.extra {
		a.add(s)
	}
}

func (a *account) parseSession(in Session) (session, error) {
	d, err := parseDate(in.Day)
	switch {
	case err != nil:
		return session{}, err
	case d < a.schedule.since:
		return session{}, fmt.Errorf("day: must not be before %s, the first day of %s", a.schedule.since, a.Username)
	case in.Seconds <= 0 || in.Seconds > maxSessionTime:
		return session{}, fmt.Errorf("seconds: must be in the range 1 to %d", maxSessionTime)
	}
	start, err := a.sessionStart(d, in)
	if err != nil {
		return session{}, err
	}
	seed := a.random("added", len(a.extra)).Uint64()
	return session{start: start, end: start + int64(in.Seconds), day: d, seed: seed, category: in.Category}, nil
}

func (a *account) sessionStart(d date, in Session) (int64, error) {
	if in.Start != "" {
		t, err := time.Parse("15:04", in.Start)
		if err != nil {
			return 0, fmt.Errorf("start: %q is not HH:MM", in.Start)
		}
		return d.at(t.Hour(), t.Minute(), a.loc).Unix(), nil
	}
	start, until := d.at(0, freeFrom, a.loc).Unix(), d.at(0, freeUntil, a.loc).Unix()
	for _, s := range a.extra {
		if s.start < until+breakSeconds {
			start = max(start, s.end+breakSeconds)
		}
	}
	if start+int64(in.Seconds) > until {
		return 0, fmt.Errorf("seconds: the session does not fit before 07:40 on %s; set start", d)
	}
	return start, nil
}

// add adds the parts of s that are not covered yet. The caller must own a.
func (a *account) add(s session) {
	covered := slices.Clone(a.added)
	for d := s.day - 1; d <= s.day+1; d++ {
		covered = append(covered, a.sessionsOn(d)...)
	}
	parts := []session{s}
	for _, c := range covered {
		var left []session
		for _, p := range parts {
			left = append(left, p.without(c)...)
		}
		parts = left
	}
	// Another copy of the account may share the arrays.
	a.extra = append(slices.Clip(a.extra), s)
	a.added = append(slices.Clip(a.added), parts...)
}

// without returns the parts of s outside of other.
func (s session) without(other session) []session {
	before, after := s, s
	before.end, after.start = min(s.end, other.start), max(s.start, other.end)
	return slices.DeleteFunc([]session{before, after}, func(p session) bool { return p.start >= p.end })
}
