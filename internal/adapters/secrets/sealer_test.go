package secrets_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/domain"
)

const (
	ada    = "0190c0de-0000-7000-8000-000000000001"
	grace  = "0190c0de-0000-7000-8000-000000000002"
	access = "wakatime_connections.access_token"
	token  = domain.Secret("waka_tok_canary")
)

// key returns an entry of the key list. The key is derived from the ID.
func key(id string) string {
	return id + ":" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(id+"\xfb"), 32)[:32])
}

func sealer(tb testing.TB, keys ...string) *secrets.Sealer {
	tb.Helper()
	s, err := secrets.NewSealer(secrets.Config{Keys: domain.Secret(strings.Join(keys, ","))})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func seal(tb testing.TB, s *secrets.Sealer, plain domain.Secret) []byte {
	tb.Helper()
	sealed, err := s.Seal(plain, ada, access)
	if err != nil {
		tb.Fatal(err)
	}
	return sealed
}

// checkUnreadable checks that Open fails and that its error does not leak the secret.
func checkUnreadable(tb testing.TB, s *secrets.Sealer, sealed []byte, row, column string) {
	tb.Helper()
	got, err := s.Open(sealed, row, column)
	if !errors.Is(err, domain.ErrTokenUnreadable) || got != "" {
		tb.Errorf("got %v, want ErrTokenUnreadable and no secret", err)
	}
	if strings.Contains(fmt.Sprintf("%v %#v", err, err), token.Reveal()) {
		tb.Errorf("the error contains the secret: %v", err)
	}
}

func TestSealer_OpensWhatItSealed(t *testing.T) {
	t.Parallel()
	s := sealer(t, key("k1"))
	rapid.Check(t, func(t *rapid.T) {
		plain := domain.Secret(rapid.String().Draw(t, "plain"))
		row, column := rapid.String().Draw(t, "row"), rapid.String().Draw(t, "column")
		sealed, err := s.Seal(plain, row, column)
		if err != nil {
			t.Fatal(err)
		}
		if len(plain) > 8 && bytes.Contains(sealed, []byte(plain.Reveal())) {
			t.Error("the sealed data contains the plaintext")
		}
		if got, err := s.Open(sealed, row, column); err != nil || got != plain {
			t.Errorf("opened as %q, %v", got.Reveal(), err)
		}
	})
}

func TestOpen_RejectsAnotherRowOrColumn(t *testing.T) {
	t.Parallel()
	s := sealer(t, key("k1"))
	for name, at := range map[string]struct{ row, column string }{
		"another user's row":                   {grace, access},
		"another column":                       {ada, "wakatime_connections.refresh_token"},
		"a column name of the same length":     {ada, "wakatime_connections.accept_token"},
		"an empty row and column":              {"", ""},
		"row and column are swapped":           {access, ada},
		"a character moves from column to row": {"n" + ada, strings.TrimSuffix(access, "n")},
		"the row becomes part of the column":   {"", access + "|" + ada},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkUnreadable(t, s, seal(t, s, token), at.row, at.column)
		})
	}
}

func TestOpen_DistinguishesRowFromColumn(t *testing.T) {
	t.Parallel()
	s := sealer(t, key("k1"))
	sealed, err := s.Seal(token, "b|c", "a")
	if err != nil {
		t.Fatal(err)
	}
	checkUnreadable(t, s, sealed, "c", "a|b")
}

func TestOpen_RejectsModifiedData(t *testing.T) {
	t.Parallel()
	s := sealer(t, key("k1"), key("k2"))
	sealed := seal(t, s, token)
	for i := range sealed {
		for bit := range 8 {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1 << bit
			checkUnreadable(t, s, changed, ada, access)
		}
	}
	for n := range sealed {
		checkUnreadable(t, s, sealed[:n], ada, access)
	}
	checkUnreadable(t, s, append(bytes.Clone(sealed), 0), ada, access)
	checkUnreadable(t, s, nil, ada, access)
	checkUnreadable(t, s, []byte(token.Reveal()), ada, access)
}

func TestSealer_SupportsKeyRotation(t *testing.T) {
	t.Parallel()
	old := sealer(t, key("k1"))
	both := sealer(t, key("k2"), " "+key("k1")+" ")
	later := sealer(t, key("k2"))
	sealed := seal(t, old, token)
	if got, err := both.Open(sealed, ada, access); err != nil || got != token {
		t.Errorf("a secret sealed with the old key is unreadable after a new key is added: %v", err)
	}
	resealed := seal(t, both, token)
	if got, err := later.Open(resealed, ada, access); err != nil || got != token {
		t.Errorf("a resealed secret still needs the old key: %v", err)
	}
	checkUnreadable(t, later, sealed, ada, access)
	checkUnreadable(t, old, resealed, ada, access)
	// Another key with the same ID.
	checkUnreadable(t, sealer(t, "k1:"+strings.TrimPrefix(key("k2"), "k2:")), sealed, ada, access)
}

func TestSeal_NeverReusesANonce(t *testing.T) {
	t.Parallel()
	s := sealer(t, key("k1"))
	seen := map[[12]byte]bool{}
	for range 200_000 {
		seen[[12]byte(seal(t, s, "")[4:])] = true
	}
	if len(seen) != 200_000 {
		t.Errorf("%d nonces for 200,000 secrets", len(seen))
	}
}

func TestNewSealer_RejectsInvalidKeys(t *testing.T) {
	t.Parallel()
	const form = "is not of the form id:base64key"
	material := strings.TrimPrefix(key("canary"), "canary:")
	for name, tc := range map[string]struct{ keys, want string }{
		"an empty list":          {"", "the list is empty"},
		"only spaces":            {"  ", "the list is empty"},
		"a key without an ID":    {material, "key 1 " + form},
		"an empty ID":            {":" + material, "key 1 " + form},
		"a space in the ID":      {"k 1:" + material, "key 1 " + form},
		"an ID that is too long": {strings.Repeat("k", 33) + ":" + material, "key 1 " + form},
		"a trailing comma":       {key("k1") + ",", "key 2 " + form},
		"a short key":            {"k1:" + base64.StdEncoding.EncodeToString([]byte("canary")), "key 1 is not 32 bytes"},
		"a long key":             {"k1:" + material[:40] + material, "key 1 is not 32 bytes"},
		"invalid base64":         {"k1:" + material[:43] + "!", "key 1 is not 32 bytes"},
		"a key in plain text":    {"k1:canarycanarycanarycanarycanaryca", "key 1 is not 32 bytes"},
		"a duplicate ID":         {key("k1") + "," + "k1:" + material, "key 2 has the same ID as an earlier key"},
		"ID and key are swapped": {strings.TrimSuffix(material, "=") + ":k1", "key 1 " + form},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := secrets.NewSealer(secrets.Config{Keys: domain.Secret(tc.keys)})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want %q", err, tc.want)
			}
			if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, material[:8]) || strings.Contains(text, "canary") {
				t.Errorf("the error contains the key: %s", text)
			}
		})
	}
}

func TestSealer_PrintsNoKeys(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte("canary42"), 4)
	cfg := secrets.Config{Keys: domain.Secret("k1:" + base64.StdEncoding.EncodeToString(raw))}
	s, err := secrets.NewSealer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%v %+v %#v %v %+v %#v", s, s, s, cfg, cfg, cfg)
	for _, secret := range []string{"canary", cfg.Keys.Reveal()[3:], "99 97 110 97 114 121", "0x63, 0x61, 0x6e", "63616e617279"} {
		if strings.Contains(text, secret) {
			t.Errorf("the output contains %q: %s", secret, text)
		}
	}
}
