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
	maxValidTokens  = 8
	maxPerHour      = 10
)

var tokenEncoding = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// token is the content of a token. All tokens that descend from one authorization
// share its family. A refresh token has the generation of the response that first
// contained it.
type token struct {
	prefix             string
	username           string
	family, generation int
	scopes             scopes
	expires            int64 // Unix seconds; zero for refresh tokens
}

// encodeToken encodes t with a signature that depends on the seed.
func (s *Server) encodeToken(t token) string {
	var body []byte
	for _, n := range []uint64{uint64(t.family), uint64(t.generation - t.family), uint64(t.scopes), uint64(t.expires)} {
		body = binary.AppendUvarint(body, n)
	}
	body = append(body, t.username...)
	return t.prefix + tokenEncoding.EncodeToString(append(body, s.mac(t.prefix, body)...))
}

// decodeToken decodes a token that was signed with the same seed.
func (s *Server) decodeToken(text string) (token, bool) {
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

// tokenRecord holds the state of a person's tokens. A token without a record was
// issued before a restart and is valid if its signature is.
type tokenRecord struct {
	generation int          // the newest
	issued     map[int]int  // generation to tick
	evicted    map[int]bool // generations whose access token exceeded the limit
	rotated    map[int]bool // generations whose refresh token was replaced
	revoked    map[int]bool // families
	revokedAt  int          // tick: everything issued up to here is revoked; -1 means never
	current    []int        // generations that count toward the limit, oldest first
	times      []time.Time  // of issue, within the last hour
}

func newTokenRecord() *tokenRecord {
	return &tokenRecord{issued: map[int]int{}, evicted: map[int]bool{}, rotated: map[int]bool{}, revoked: map[int]bool{}, revokedAt: -1}
}

// valid reports whether t is neither revoked nor expired. The caller must hold
// the server's lock.
func (r *tokenRecord) valid(t token, now time.Time) bool {
	if r.revoked[t.family] || r.issued[t.generation] <= r.revokedAt {
		return false
	}
	if t.prefix == refreshPrefix {
		return !r.rotated[t.generation]
	}
	return !r.evicted[t.generation] && now.Unix() < t.expires
}

// issued is a successful response of the token endpoint.
type issued struct {
	access, refresh string
	scopes          scopes
	lifetime        time.Duration
	expires         time.Time
	userID          string
}

// issue creates a token pair for acc. family is zero for a new authorization.
// refresh is the refresh token to return again, or empty to create a new one. It
// reports false when the hourly limit is reached. The caller must hold s.mu.
func (s *Server) issue(acc *account, family int, granted scopes, refresh string, sc Scenario) (issued, bool) {
	r, now := acc.tokens, s.now()
	r.times = slices.DeleteFunc(r.times, func(t time.Time) bool { return now.Sub(t) >= time.Hour })
	if sc.TokenLimits && len(r.times) >= maxPerHour {
		return issued{}, false
	}
	// Starting at the clock's time keeps generations unique across restarts.
	r.generation = max(r.generation, int(now.Unix())) + 1
	if family == 0 {
		family = r.generation
	}
	s.tick++
	r.issued[r.generation] = s.tick
	r.times, r.current = append(r.times, now), append(r.current, r.generation)
	if sc.TokenLimits {
		for len(r.current) > maxValidTokens {
			r.evicted[r.current[0]] = true
			r.current = r.current[1:]
		}
	}
	out := issued{refresh: refresh, scopes: granted, lifetime: defaultLifetime, userID: acc.ID}
	if sc.TokenLifetime != 0 {
		out.lifetime = sc.TokenLifetime
	}
	out.expires = now.Add(out.lifetime).Truncate(time.Second)
	t := token{accessPrefix, acc.Username, family, r.generation, granted, out.expires.Unix()}
	out.access = s.encodeToken(t)
	if refresh == "" {
		t.prefix, t.expires = refreshPrefix, 0
		out.refresh = s.encodeToken(t)
	}
	return out, true
}
