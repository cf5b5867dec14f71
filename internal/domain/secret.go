package domain

import (
	"fmt"
	"io"
)

// Secret is text that must never be shown: every way of printing or encoding it
// yields a placeholder. Reveal it only where it is sent or sealed, and do not make it
// the key of a map: encoders write string keys as they are.
type Secret string

const redacted = "[secret]"

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

// String hides the text.
func (s Secret) String() string { return redacted }

// Format hides the text from every verb of fmt, the wrong ones included.
func (s Secret) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, redacted) // fmt.State never fails
}

// MarshalText hides the text from encoders and from slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
