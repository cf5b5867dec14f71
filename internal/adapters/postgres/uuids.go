package postgres

import (
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// registerUUIDs makes a connection send and read UUIDs in binary. Without it, pgx knows
// uuid.UUID only by its methods for database/sql, so each one is formatted and parsed, with
// 18 allocations for a parameter and five for a value.
func registerUUIDs(m *pgtype.Map) {
	element := &pgtype.Type{Name: "uuid", OID: pgtype.UUIDOID, Codec: uuidCodec{}}
	m.RegisterType(element)
	m.RegisterType(&pgtype.Type{Name: "_uuid", OID: pgtype.UUIDArrayOID, Codec: uuidArrayCodec{&pgtype.ArrayCodec{ElementType: element}}})
}

// uuidCodec is the codec of a UUID. It leaves all but uuid.UUID to pgx, which follows pointers.
type uuidCodec struct{ pgtype.UUIDCodec }

// PlanEncode implements pgtype.Codec.
func (c uuidCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(uuid.UUID); ok && format == pgtype.BinaryFormatCode {
		return encodeUUID{}
	}
	return c.UUIDCodec.PlanEncode(m, oid, format, value)
}

// PlanScan implements pgtype.Codec.
func (c uuidCodec) PlanScan(m *pgtype.Map, oid uint32, format int16, target any) pgtype.ScanPlan {
	if format == pgtype.BinaryFormatCode {
		switch target.(type) {
		case *uuid.UUID:
			return scanUUID{}
		case **uuid.UUID:
			return scanNullUUID{}
		}
	}
	return c.UUIDCodec.PlanScan(m, oid, format, target)
}

type encodeUUID struct{}

// Encode implements pgtype.EncodePlan.
func (encodeUUID) Encode(value any, buf []byte) ([]byte, error) {
	id := value.(uuid.UUID)
	return append(buf, id[:]...), nil
}

type scanUUID struct{}

// Scan implements pgtype.ScanPlan. Like uuid.UUID.Scan, it leaves the target as it is for NULL.
func (scanUUID) Scan(src []byte, target any) error {
	if src == nil {
		return nil
	}
	return readUUID(src, target.(*uuid.UUID))
}

type scanNullUUID struct{}

// Scan implements pgtype.ScanPlan.
func (scanNullUUID) Scan(src []byte, target any) error {
	p := target.(**uuid.UUID)
	if *p = nil; src == nil {
		return nil
	}
	*p = new(uuid.UUID)
	return readUUID(src, *p)
}

func readUUID(src []byte, id *uuid.UUID) error {
	if len(src) != len(id) {
		return fmt.Errorf("a UUID of %d bytes", len(src))
	}
	copy(id[:], src)
	return nil
}

// uuidArrayCodec is the codec of an array of UUIDs. It leaves all but []uuid.UUID to pgx.
type uuidArrayCodec struct{ *pgtype.ArrayCodec }

// PlanEncode implements pgtype.Codec.
func (c uuidArrayCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.([]uuid.UUID); ok && format == pgtype.BinaryFormatCode {
		return encodeUUIDs{}
	}
	return c.ArrayCodec.PlanEncode(m, oid, format, value)
}

// PlanScan implements pgtype.Codec.
func (c uuidArrayCodec) PlanScan(m *pgtype.Map, oid uint32, format int16, target any) pgtype.ScanPlan {
	ids, ok := target.(*[]uuid.UUID)
	if !ok {
		return c.ArrayCodec.PlanScan(m, oid, format, target)
	}
	next := c.ArrayCodec.PlanScan(m, oid, format, (*pgtype.FlatArray[uuid.UUID])(ids))
	if next == nil {
		return nil
	}
	return scanUUIDs{next}
}

type encodeUUIDs struct{}

// Encode implements pgtype.EncodePlan.
func (encodeUUIDs) Encode(value any, buf []byte) ([]byte, error) {
	ids := value.([]uuid.UUID)
	const dimensions, flags, lowerBound = 1, 0, 1
	for _, n := range [...]uint32{dimensions, flags, pgtype.UUIDOID, uint32(len(ids)), lowerBound} {
		buf = binary.BigEndian.AppendUint32(buf, n)
	}
	for _, id := range ids {
		buf = binary.BigEndian.AppendUint32(buf, uint32(len(id)))
		buf = append(buf, id[:]...)
	}
	return buf, nil
}

// scanUUIDs scans into the type of pgx for slices, which needs no reflection.
type scanUUIDs struct{ next pgtype.ScanPlan }

// Scan implements pgtype.ScanPlan.
func (s scanUUIDs) Scan(src []byte, target any) error {
	return s.next.Scan(src, (*pgtype.FlatArray[uuid.UUID])(target.(*[]uuid.UUID)))
}
