package domain

import (
	"fmt"
	"io"
)

// Secret is text that must never be shown: printing or encoding it yields a placeholder.
// Reveal it only to send or seal it, and do not use it as a map key, because encoders write
// string keys as they are.
type Secret string

const redacted = "[secret]"

// Reveal returns the text.
func (s Secret) Reveal() string { return string(s) }

// String returns a placeholder.
func (s Secret) String() string { return redacted }

// Format writes a placeholder for every verb of fmt, including unsupported ones.
func (s Secret) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, redacted) // fmt.State never fails
}

// MarshalText returns a placeholder for encoders and slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
