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

// key makes an entry of the list: the same id, the same key.
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

// unreadable fails unless opening does, in words that tell nothing.
func unreadable(tb testing.TB, s *secrets.Sealer, sealed []byte, row, column string) {
	tb.Helper()
	got, err := s.Open(sealed, row, column)
	if !errors.Is(err, domain.ErrTokenUnreadable) || got != "" {
		tb.Errorf("opened, or failed with %v", err)
	}
	if strings.Contains(fmt.Sprintf("%v %#v", err, err), token.Reveal()) {
		tb.Errorf("the error tells the secret: %v", err)
	}
}

func TestWhatIsSealedOpensAgain(t *testing.T) {
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
			t.Error("the sealed bytes hold the plain text")
		}
		if got, err := s.Open(sealed, row, column); err != nil || got != plain {
			t.Errorf("opened as %q, %v", got.Reveal(), err)
		}
	})
}

func TestASealedSecretBelongsToItsPlace(t *testing.T) {
	t.Parallel()
	s := sealer(t, key("k1"))
	for name, at := range map[string]struct{ row, column string }{
		"another user's row":                   {grace, access},
		"another column":                       {ada, "wakatime_connections.refresh_token"},
		"a column with a name as long":         {ada, "wakatime_connections.accept_token"},
		"nowhere":                              {"", ""},
		"row and column swapped":               {access, ada},
		"a letter moved from column to row":    {"n" + ada, strings.TrimSuffix(access, "n")},
		"the row moved to the column entirely": {"", access + "|" + ada},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unreadable(t, s, seal(t, s, token), at.row, at.column)
		})
	}
}

func TestRowAndColumnAreToldApart(t *testing.T) {
	t.Parallel()
	s := sealer(t, key("k1"))
	sealed, err := s.Seal(token, "b|c", "a")
	if err != nil {
		t.Fatal(err)
	}
	unreadable(t, s, sealed, "c", "a|b")
}

func TestASealedSecretThatWasChangedStaysShut(t *testing.T) {
	t.Parallel()
	s := sealer(t, key("k1"), key("k2"))
	sealed := seal(t, s, token)
	for i := range sealed {
		for bit := range 8 {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1 << bit
			unreadable(t, s, changed, ada, access)
		}
	}
	for n := range sealed {
		unreadable(t, s, sealed[:n], ada, access)
	}
	unreadable(t, s, append(bytes.Clone(sealed), 0), ada, access)
	unreadable(t, s, nil, ada, access)
	unreadable(t, s, []byte(token.Reveal()), ada, access)
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	old := sealer(t, key("k1"))
	both := sealer(t, key("k2"), " "+key("k1")+" ")
	later := sealer(t, key("k2"))
	sealed := seal(t, old, token)
	if got, err := both.Open(sealed, ada, access); err != nil || got != token {
		t.Errorf("a new first key makes the old one's secrets unreadable: %v", err)
	}
	again := seal(t, both, token)
	if got, err := later.Open(again, ada, access); err != nil || got != token {
		t.Errorf("sealed again, it still needs the old key: %v", err)
	}
	unreadable(t, later, sealed, ada, access)
	unreadable(t, old, again, ada, access)
	// The same id with another key is not the same key.
	unreadable(t, sealer(t, "k1:"+strings.TrimPrefix(key("k2"), "k2:")), sealed, ada, access)
}

func TestNoncesDoNotRepeat(t *testing.T) {
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

func TestKeysThatAreNone(t *testing.T) {
	t.Parallel()
	const form = "is not of the form id:base64key"
	material := strings.TrimPrefix(key("canary"), "canary:")
	for name, tc := range map[string]struct{ keys, want string }{
		"none":                   {"", "there is none"},
		"spaces":                 {"  ", "there is none"},
		"a key without an id":    {material, "key 1 " + form},
		"an empty id":            {":" + material, "key 1 " + form},
		"an id of odd letters":   {"k 1:" + material, "key 1 " + form},
		"an id that is too long": {strings.Repeat("k", 33) + ":" + material, "key 1 " + form},
		"a comma at the end":     {key("k1") + ",", "key 2 " + form},
		"a short key":            {"k1:" + base64.StdEncoding.EncodeToString([]byte("canary")), "key 1 is not 32 bytes"},
		"a long key":             {"k1:" + material[:40] + material, "key 1 is not 32 bytes"},
		"no base64":              {"k1:" + material[:43] + "!", "key 1 is not 32 bytes"},
		"a key in plain":         {"k1:canarycanarycanarycanarycanaryca", "key 1 is not 32 bytes"},
		"one id twice":           {key("k1") + "," + "k1:" + material, "key 2 has the id of an earlier key"},
		"id and key swapped":     {strings.TrimSuffix(material, "=") + ":k1", "key 1 " + form},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := secrets.NewSealer(secrets.Config{Keys: domain.Secret(tc.keys)})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want %q", err, tc.want)
			}
			if said := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(said, material[:8]) || strings.Contains(said, "canary") {
				t.Errorf("the error tells the key: %s", said)
			}
		})
	}
}

func TestPrintingASealerTellsNoKey(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte("canary42"), 4)
	cfg := secrets.Config{Keys: domain.Secret("k1:" + base64.StdEncoding.EncodeToString(raw))}
	s, err := secrets.NewSealer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprintf("%v %+v %#v %v %+v %#v", s, s, s, cfg, cfg, cfg)
	for _, secret := range []string{"canary", cfg.Keys.Reveal()[3:], "99 97 110 97 114 121", "0x63, 0x61, 0x6e", "63616e617279"} {
		if strings.Contains(said, secret) {
			t.Errorf("it tells %q: %s", secret, said)
		}
	}
}
