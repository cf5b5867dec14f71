package domain_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestSecret_IsNeverShown(t *testing.T) {
	t.Parallel()

	const canary = "canary-4711"
	secret := domain.Secret(canary)
	holder := struct {
		Token  domain.Secret
		Backup *domain.Secret
		All    []domain.Secret
		ByName map[string]domain.Secret
	}{secret, &secret, []domain.Secret{secret}, map[string]domain.Secret{"token": secret}}

	shown := map[string]string{
		"String": secret.String(),
		"Sprint": fmt.Sprint(secret, holder),
		"Errorf": fmt.Errorf("rejected %w: %v", fmt.Errorf("%s", secret), holder).Error(),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%+q", "%x", "%X", "%d", "%t", "%08.3f", "%-20s", "%U", "%c", "%!"} {
		shown["verb "+verb] = fmt.Sprintf(verb, secret)
		shown["verb "+verb+" in a struct"] = fmt.Sprintf(verb, holder)
	}
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	shown["JSON"] = string(encoded)
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog as JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		"slog as text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
	} {
		var b bytes.Buffer
		slog.New(handler(&b)).InfoContext(t.Context(), "signed in", "token", secret, "holder", holder, "all", holder.All)
		shown[name] = b.String()
	}

	for name, text := range shown {
		// A numeric verb could show the bytes in hexadecimal.
		if strings.Contains(text, canary) || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", canary)) {
			t.Errorf("%s shows the secret: %s", name, text)
		}
		if !strings.Contains(text, "[secret]") {
			t.Errorf("%s has no placeholder: %s", name, text)
		}
	}
	if got := secret.Reveal(); got != canary {
		t.Errorf("Reveal = %q, want %q", got, canary)
	}
}
