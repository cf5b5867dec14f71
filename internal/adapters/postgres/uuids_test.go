package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
)

// typeMaps returns the types of pgx without and with our own codecs.
func typeMaps() (theirs, ours *pgtype.Map) {
	theirs, ours = pgtype.NewMap(), pgtype.NewMap()
	postgres.RegisterUUIDs(ours)
	return theirs, ours
}

// The codecs only make UUIDs cheaper: the bytes are those of pgx.
func TestUUIDs_AreEncodedAsByPgx(t *testing.T) {
	t.Parallel()
	a, b := uuid.UUID{1, 2, 15: 3}, uuid.Max
	theirs, ours := typeMaps()
	for name, tt := range map[string]struct {
		oid   uint32
		value any
	}{
		"an ID":             {pgtype.UUIDOID, a},
		"a pointer":         {pgtype.UUIDOID, &a},
		"a nil pointer":     {pgtype.UUIDOID, (*uuid.UUID)(nil)},
		"NULL":              {pgtype.UUIDOID, nil},
		"text":              {pgtype.UUIDOID, a.String()},
		"IDs":               {pgtype.UUIDArrayOID, []uuid.UUID{a, b}},
		"no IDs":            {pgtype.UUIDArrayOID, []uuid.UUID{}},
		"a nil slice":       {pgtype.UUIDArrayOID, []uuid.UUID(nil)},
		"pointers, one nil": {pgtype.UUIDArrayOID, []*uuid.UUID{&a, nil}},
		"an ID of pgx":      {pgtype.UUIDOID, pgtype.UUID{Bytes: a, Valid: true}},
		"an array of bytes": {pgtype.UUIDOID, [16]byte(a)},
		"arrays of bytes":   {pgtype.UUIDArrayOID, [][16]byte{a, b}},
	} {
		for _, format := range []int16{pgtype.BinaryFormatCode, pgtype.TextFormatCode} {
			want, wantErr := theirs.Encode(tt.oid, format, tt.value, nil)
			got, err := ours.Encode(tt.oid, format, tt.value, nil)
			if (err == nil) != (wantErr == nil) || !cmp.Equal(got, want) {
				t.Errorf("%s, format %d: %x, %v, want %x, %v", name, format, got, err, want, wantErr)
			}
		}
	}
}

func TestUUIDs_AreScannedAsByPgx(t *testing.T) {
	t.Parallel()
	a, b := uuid.UUID{1, 2, 15: 3}, uuid.Max
	theirs, ours := typeMaps()
	encode := func(oid uint32, format int16, value any) []byte {
		src, err := theirs.Encode(oid, format, value, nil)
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	for _, format := range []int16{pgtype.BinaryFormatCode, pgtype.TextFormatCode} {
		one := encode(pgtype.UUIDOID, format, a)
		many := encode(pgtype.UUIDArrayOID, format, []uuid.UUID{a, b})
		for name, tt := range map[string]struct {
			oid    uint32
			src    []byte
			target func() any
		}{
			"an ID":             {pgtype.UUIDOID, one, func() any { return new(uuid.UUID) }},
			"NULL":              {pgtype.UUIDOID, nil, func() any { return new(b) }},
			"a short ID":        {pgtype.UUIDOID, one[:15], func() any { return new(uuid.UUID) }},
			"a nullable ID":     {pgtype.UUIDOID, one, func() any { return new((*uuid.UUID)(nil)) }},
			"a nullable NULL":   {pgtype.UUIDOID, nil, func() any { return new(&b) }},
			"text":              {pgtype.UUIDOID, one, func() any { return new("") }},
			"any":               {pgtype.UUIDOID, one, func() any { return new(any(nil)) }},
			"IDs":               {pgtype.UUIDArrayOID, many, func() any { return new([]uuid.UUID(nil)) }},
			"NULL for IDs":      {pgtype.UUIDArrayOID, nil, func() any { return new([]uuid.UUID{b}) }},
			"no IDs":            {pgtype.UUIDArrayOID, encode(pgtype.UUIDArrayOID, format, []uuid.UUID{}), func() any { return new([]uuid.UUID(nil)) }},
			"IDs, one NULL":     {pgtype.UUIDArrayOID, encode(pgtype.UUIDArrayOID, format, []*uuid.UUID{&a, nil}), func() any { return new([]uuid.UUID(nil)) }},
			"pointers, one nil": {pgtype.UUIDArrayOID, encode(pgtype.UUIDArrayOID, format, []*uuid.UUID{&a, nil}), func() any { return new([]*uuid.UUID(nil)) }},
			"a short array":     {pgtype.UUIDArrayOID, many[:len(many)-1], func() any { return new([]uuid.UUID(nil)) }},
		} {
			got, want := tt.target(), tt.target()
			wantErr := theirs.Scan(tt.oid, format, tt.src, want)
			err := ours.Scan(tt.oid, format, tt.src, got)
			if (err == nil) != (wantErr == nil) || err == nil && !cmp.Equal(got, want) {
				t.Errorf("%s, format %d: %v, %v, want %v, %v", name, format, got, err, want, wantErr)
			}
		}
	}
}

// A parameter and a value are pgx's most frequent work, so they must not become expensive
// unnoticed.
//
//nolint:paralleltest // AllocsPerRun counts the allocations of all tests that run.
func TestUUIDs_AllocateNothing(t *testing.T) {
	_, m := typeMaps()
	var one any = uuid.Max
	var many any = []uuid.UUID{uuid.Max, uuid.Max}
	buf, id := make([]byte, 0, 256), new(uuid.UUID)
	n := testing.AllocsPerRun(100, func() {
		_, err := m.Encode(pgtype.UUIDOID, pgtype.BinaryFormatCode, one, buf)
		if err == nil {
			_, err = m.Encode(pgtype.UUIDArrayOID, pgtype.BinaryFormatCode, many, buf)
		}
		if err == nil {
			err = m.Scan(pgtype.UUIDOID, pgtype.BinaryFormatCode, uuid.Max[:], id)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
