package securitylog_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/gradus-dev/gradus/internal/adapters/securitylog"
	"github.com/gradus-dev/gradus/internal/domain"
)

func TestRecord_WritesOneLineAndCounts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		event domain.SecurityEvent
		want  map[string]any
	}{
		"all that is known": {
			event: domain.SecurityEvent{
				Kind: domain.EventSignInFailed, User: domain.UserID{1}, Device: "Firefox\nlevel=ERROR", Reason: "wrong_password",
				Origin: domain.Origin{RequestID: "r1", Address: "192.0.2.1"},
			},
			want: map[string]any{
				"level": "WARN", "msg": "security event", "kind": "sign_in_failed", "reason": "wrong_password", "device": "Firefox\nlevel=ERROR",
				"address": "192.0.2.1", "request_id": "r1", "user_id": "01000000-0000-0000-0000-000000000000",
			},
		},
		"nothing but the kind": {
			event: domain.SecurityEvent{Kind: domain.EventSignIn},
			want:  map[string]any{"level": "INFO", "msg": "security event", "kind": "sign_in"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			log := securitylog.New(slog.New(slog.NewJSONHandler(&out, nil)))
			log.Record(t.Context(), tt.event)

			if n := strings.Count(out.String(), "\n"); n != 1 {
				t.Fatalf("the log has %d lines, want 1: %s", n, out.String())
			}
			got := map[string]any{}
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			delete(got, "time")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("line (-want +got):\n%s", diff)
			}
			if n := testutil.ToFloat64(log.WithLabelValues(string(tt.event.Kind), tt.event.Reason)); n != 1 {
				t.Errorf("counted %v events, want 1", n)
			}
		})
	}
}
