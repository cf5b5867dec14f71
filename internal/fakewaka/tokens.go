package fakewaka

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

const (
	accessPrefix  = "waka_tok_"
	refreshPrefix = "waka_ref_"
	macSize       = 16

	defaultLifetime = 365 * 24 * time.Hour
	maxLiving       = 8
	maxPerHour      = 10
)

var tokenEncoding = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// token is what a token says about itself. All tokens that descend from one
// authorization share its family, and a refresh token has the generation of the
// answer it first came with.
type token struct {
	prefix             string
	username           string
	family, generation int
	scopes             scopes
	expires            int64 // Unix seconds; zero for refresh tokens
}

// seal writes t with a signature that depends on the seed.
func (s *Server) seal(t token) string {
	var body []byte
	for _, n := range []uint64{uint64(t.family), uint64(t.generation - t.family), uint64(t.scopes), uint64(t.expires)} {
		body = binary.AppendUvarint(body, n)
	}
	body = append(body, t.username...)
	return t.prefix + tokenEncoding.EncodeToString(append(body, s.mac(t.prefix, body)...))
}

// open reads a token that this seed has signed.
func (s *Server) open(text string) (token, bool) {
	t := token{prefix: accessPrefix}
	if strings.HasPrefix(text, refreshPrefix) {
		t.prefix = refreshPrefix
	}
	coded, ok := strings.CutPrefix(text, t.prefix)
	raw, err := tokenEncoding.DecodeString(coded)
	if !ok || err != nil || len(raw) < macSize {
		return token{}, false
	}
	body, mac := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	if !hmac.Equal(mac, s.mac(t.prefix, body)) {
		return token{}, false
	}
	var numbers [4]uint64
	for i := range numbers {
		n, size := binary.Uvarint(body)
		numbers[i], body = n, body[max(0, size):]
	}
	t.family, t.generation = int(numbers[0]), int(numbers[0]+numbers[1])
	t.scopes, t.expires, t.username = scopes(numbers[2]), int64(numbers[3]), string(body)
	return t, true
}

func (s *Server) mac(prefix string, body []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(prefix))
	h.Write(body)
	return h.Sum(nil)[:macSize]
}

// wallet is what the server remembers of a person's tokens. A token that it does
// not remember was issued before a restart, and is as good as its signature.
type wallet struct {
	generation int          // the newest
	issued     map[int]int  // generation to tick
	dead       map[int]bool // generations whose access token was over the limit
	spent      map[int]bool // generations whose refresh token was rotated away
	revoked    map[int]bool // families
	revokedAt  int          // tick: all that was issued up to here is dead; -1 never
	living     []int        // generations, oldest first
	times      []time.Time  // of issue, within the last hour
}

func newWallet() *wallet {
	return &wallet{issued: map[int]int{}, dead: map[int]bool{}, spent: map[int]bool{}, revoked: map[int]bool{}, revokedAt: -1}
}

// alive reports whether t is neither revoked nor expired. The caller holds the
// server's lock.
func (w *wallet) alive(t token, now time.Time) bool {
	if w.revoked[t.family] || w.issued[t.generation] <= w.revokedAt {
		return false
	}
	if t.prefix == refreshPrefix {
		return !w.spent[t.generation]
	}
	return !w.dead[t.generation] && now.Unix() < t.expires
}

// issued is one answer of the token endpoint.
type issued struct {
	access, refresh string
	scopes          scopes
	lifetime        time.Duration
	expires         time.Time
	userID          string
}

// issue makes a pair for acc. family is zero for a new authorization, and
// refresh repeats a refresh token that stays in use. It reports false when the
// hourly limit is reached. The caller holds s.mu.
func (s *Server) issue(acc *account, family int, granted scopes, refresh string, sc Scenario) (issued, bool) {
	w, now := acc.wallet, s.now()
	w.times = slices.DeleteFunc(w.times, func(t time.Time) bool { return now.Sub(t) >= time.Hour })
	if sc.TokenLimits && len(w.times) >= maxPerHour {
		return issued{}, false
	}
	// Counting from the clock keeps generations apart over a restart.
	w.generation = max(w.generation, int(now.Unix())) + 1
	if family == 0 {
		family = w.generation
	}
	s.tick++
	w.issued[w.generation] = s.tick
	w.times, w.living = append(w.times, now), append(w.living, w.generation)
	if sc.TokenLimits {
		for len(w.living) > maxLiving {
			w.dead[w.living[0]] = true
			w.living = w.living[1:]
		}
	}
	out := issued{refresh: refresh, scopes: granted, lifetime: defaultLifetime, userID: acc.ID}
	if sc.TokenLifetime != 0 {
		out.lifetime = sc.TokenLifetime
	}
	out.expires = now.Add(out.lifetime).Truncate(time.Second)
	t := token{accessPrefix, acc.Username, family, w.generation, granted, out.expires.Unix()}
	out.access = s.seal(t)
	if refresh == "" {
		t.prefix, t.expires = refreshPrefix, 0
		out.refresh = s.seal(t)
	}
	return out, true
}
