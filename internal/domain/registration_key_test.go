package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestRegistrationKey_TakeSeat(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		key  domain.RegistrationKey
		want error
	}{
		"a key without limits is accepted":                      {key: domain.RegistrationKey{Enabled: true, Taken: 5000}},
		"the last seat can be taken":                            {key: domain.RegistrationKey{Enabled: true, Seats: new(10), Taken: 9}},
		"a full batch is rejected":                              {key: domain.RegistrationKey{Enabled: true, Seats: new(10), Taken: 10}, want: domain.ErrBatchFull},
		"a batch with more students than seats is rejected":     {key: domain.RegistrationKey{Enabled: true, Seats: new(1), Taken: 10}, want: domain.ErrBatchFull},
		"a disabled key is rejected":                            {key: domain.RegistrationKey{}, want: domain.ErrRegistrationKeyInvalid},
		"a key is accepted until it expires":                    {key: domain.RegistrationKey{Enabled: true, ExpiresAt: new(noon.Add(time.Nanosecond))}},
		"an expired key is rejected":                            {key: domain.RegistrationKey{Enabled: true, ExpiresAt: new(noon)}, want: domain.ErrRegistrationKeyInvalid},
		"an expired key does not reveal that the batch is full": {key: domain.RegistrationKey{Enabled: true, ExpiresAt: new(noon), Seats: new(1), Taken: 1}, want: domain.ErrRegistrationKeyInvalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			key, want := tt.key, tt.key.Taken
			if tt.want == nil {
				want++
			}
			if err := key.TakeSeat(noon); !errors.Is(err, tt.want) || key.Taken != want {
				t.Errorf("TakeSeat: %d taken, error %v; want %d, %v", key.Taken, err, want, tt.want)
			}
		})
	}
}

func TestRegistrationKey_Enrol(t *testing.T) {
	t.Parallel()

	key := domain.NewRegistrationKey(domain.BatchID{7}, "ABC", noon)
	disabled, full := key, key
	disabled.Enabled = false
	full.Seats, full.Taken = new(1), 1
	member := domain.User{ID: domain.UserID{1}, Role: domain.RoleMember}

	t.Run("a member becomes a student of the key's batch", func(t *testing.T) {
		t.Parallel()

		k, u := key, member
		got, err := k.Enrol(&u, domain.EnrolmentID{5}, noon)
		want := domain.Enrolment{ID: domain.EnrolmentID{5}, User: u.ID, Batch: domain.BatchID{7}, Status: domain.EnrolmentActive, EnrolledAt: noon}
		if diff := cmp.Diff(want, got); diff != "" || err != nil || u.Role != domain.RoleStudent || k.Taken != 1 {
			t.Errorf("Enrol: role %q, %d taken, error %v (-want +got):\n%s", u.Role, k.Taken, err, diff)
		}
	})

	tests := map[string]struct {
		key  domain.RegistrationKey
		role domain.Role
		want error
	}{
		"a student is already enrolled, even with an invalid key": {disabled, domain.RoleStudent, domain.ErrAlreadyEnrolled},
		"an instructor is rejected, even with an invalid key":     {disabled, domain.RoleInstructor, domain.ErrForbidden},
		"a disabled key changes nothing":                          {disabled, domain.RoleMember, domain.ErrRegistrationKeyInvalid},
		"a full batch changes nothing":                            {full, domain.RoleMember, domain.ErrBatchFull},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			k, u := tt.key, domain.User{Role: tt.role}
			_, err := k.Enrol(&u, domain.EnrolmentID{5}, noon)
			if !errors.Is(err, tt.want) || u.Role != tt.role || k.Taken != tt.key.Taken {
				t.Errorf("Enrol: role %q, %d taken, error %v; want %v and nothing changed", u.Role, k.Taken, err, tt.want)
			}
		})
	}
}

func TestErrRegistrationKeyInvalid_HasAField(t *testing.T) {
	t.Parallel()

	want := []string{"registration_key registration_key_invalid"}
	if diff := cmp.Diff(want, fieldCodes(domain.ErrRegistrationKeyInvalid)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRegistrationKey_Update(t *testing.T) {
	t.Parallel()

	key := domain.RegistrationKey{Key: "ABC", Enabled: true, ExpiresAt: new(noon), Seats: new(10), Taken: 4}
	tests := map[string]struct {
		update  domain.RegistrationKeyUpdate
		want    func(*domain.RegistrationKey)
		changed bool
		invalid []string
	}{
		"an empty update changes nothing": {},
		"the same values change nothing":  {update: domain.RegistrationKeyUpdate{Enabled: new(true), ExpiresAt: new(new(noon.In(time.FixedZone("", 3600)))), Seats: new(new(10))}},
		"it can be disabled":              {update: domain.RegistrationKeyUpdate{Enabled: new(false)}, want: func(k *domain.RegistrationKey) { k.Enabled = false }, changed: true},
		"the expiry can be changed":       {update: domain.RegistrationKeyUpdate{ExpiresAt: new(new(noon.Add(time.Hour)))}, want: func(k *domain.RegistrationKey) { k.ExpiresAt = new(noon.Add(time.Hour)) }, changed: true},
		"the expiry is converted to UTC microseconds": {
			update: domain.RegistrationKeyUpdate{ExpiresAt: new(new(noon.Add(1500).In(time.FixedZone("", 3600))))},
			want:   func(k *domain.RegistrationKey) { k.ExpiresAt = new(noon.Add(time.Microsecond)) }, changed: true,
		},
		"an expiry after the year 9999 in UTC is rejected": {
			update:  domain.RegistrationKeyUpdate{ExpiresAt: new(new(time.Date(9999, 12, 31, 23, 30, 0, 0, time.FixedZone("", -3600))))},
			invalid: []string{"expires_at out_of_range"},
		},
		"an expiry before the year 1 in UTC is rejected": {
			update:  domain.RegistrationKeyUpdate{ExpiresAt: new(new(time.Date(1, 1, 1, 0, 30, 0, 0, time.FixedZone("", 3600))))},
			invalid: []string{"expires_at out_of_range"},
		},
		"the expiry can be removed":               {update: domain.RegistrationKeyUpdate{ExpiresAt: new((*time.Time)(nil))}, want: func(k *domain.RegistrationKey) { k.ExpiresAt = nil }, changed: true},
		"the seat limit can be removed":           {update: domain.RegistrationKeyUpdate{Seats: new((*int)(nil))}, want: func(k *domain.RegistrationKey) { k.Seats = nil }, changed: true},
		"fewer seats than are taken are accepted": {update: domain.RegistrationKeyUpdate{Seats: new(new(1))}, want: func(k *domain.RegistrationKey) { k.Seats = new(1) }, changed: true},
		"100,000 seats are accepted":              {update: domain.RegistrationKeyUpdate{Seats: new(new(100_000))}, want: func(k *domain.RegistrationKey) { k.Seats = new(100_000) }, changed: true},
		"100,001 seats are rejected":              {update: domain.RegistrationKeyUpdate{Enabled: new(false), Seats: new(new(100_001))}, invalid: []string{"seats out_of_range"}},
		"0 seats are rejected":                    {update: domain.RegistrationKeyUpdate{Enabled: new(false), Seats: new(new(0))}, invalid: []string{"seats out_of_range"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, want := key, key
			if tt.want != nil {
				tt.want(&want)
				want.Version++
			}
			changed, err := got.Update(tt.update)

			if changed != tt.changed {
				t.Errorf("Update: changed %t, want %t", changed, tt.changed)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Update (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.invalid, fieldCodes(err)); diff != "" {
				t.Errorf("Update: invalid fields (-want +got):\n%s", diff)
			}
			if got.ExpiresAt != nil && got.ExpiresAt.Location() != time.UTC {
				t.Errorf("the expiry is not in UTC: %s", got.ExpiresAt)
			}
		})
	}
}

func TestRegistrationKey_Rotate(t *testing.T) {
	t.Parallel()

	got := domain.RegistrationKey{Batch: domain.BatchID{7}, Key: "OLD", Seats: new(3), Taken: 2}
	got.Rotate("NEW", noon)

	want := domain.RegistrationKey{Batch: domain.BatchID{7}, Key: "NEW", Seats: new(3), Taken: 2, RotatedAt: noon, Version: 1}
	if got.Key.Reveal() != "NEW" || !cmp.Equal(want, got) {
		t.Errorf("Rotate: %+v with key %q, want %+v", got, got.Key.Reveal(), want)
	}
}

func TestNormalizeKey(t *testing.T) {
	t.Parallel()

	for _, typed := range []string{"7KQ2MX4VTD", "7kq2m-x4vtd", " 7kq2m x4vtd\n", "\t7KQ2M--X4VTD ", "7KQ2M\u2011X4VTD", "\u20687kq2m\u2013x4vtd\u2069", "\ufeff７ＫＱ２Ｍ\u00a0X4VTD"} {
		if got := domain.NormalizeKey(typed).Reveal(); got != "7KQ2MX4VTD" {
			t.Errorf("NormalizeKey(%q) = %q", typed, got)
		}
	}
}
