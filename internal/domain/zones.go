package domain

import (
	"archive/zip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// The rules and names of all time zones. They are embedded, because the files of a machine
// or a database server can lack names, and two machines can disagree about today.
// tools/timezones writes them.
var (
	//go:embed zoneinfo/zoneinfo.zip
	zoneRules string
	//go:embed zoneinfo/names.txt
	zoneNames string // a line per zone: its current name and its aliases
)

// zone is a known time zone.
type zone struct {
	name     TimeZone
	names    []string // with aliases
	location func() *time.Location
}

type zoneTable struct {
	byName map[string]*zone // by name in lowercase
	sorted []*zone
}

// find returns the zone of a name, or nil.
func (t *zoneTable) find(name string) *zone {
	const longest = 64
	if len(name) > longest {
		return nil
	}
	return t.byName[strings.ToLower(name)]
}

// zones returns all time zones. It panics if the embedded files do not fit together.
var zones = sync.OnceValue(func() *zoneTable {
	archive, err := zip.NewReader(strings.NewReader(zoneRules), int64(len(zoneRules)))
	if err != nil {
		panic(fmt.Sprintf("read time zones: %v", err))
	}
	t := &zoneTable{byName: map[string]*zone{}}
	for line := range strings.Lines(zoneNames) {
		names := strings.Fields(line)
		z := &zone{
			name:     TimeZone(names[0]),
			names:    names,
			location: sync.OnceValue(func() *time.Location { return loadZone(archive, names[0]) }),
		}
		t.sorted = append(t.sorted, z)
		for _, name := range names {
			t.byName[strings.ToLower(name)] = z
		}
	}
	return t
})

// loadZone parses the rules of a zone.
func loadZone(archive *zip.Reader, name string) *time.Location {
	if name == string(UTC) {
		return time.UTC
	}
	f, err := archive.Open(name)
	if err != nil {
		panic(fmt.Sprintf("open time zone: %v", err))
	}
	data, err := io.ReadAll(f)
	if err != nil {
		panic(fmt.Sprintf("read time zone %s: %v", name, err))
	}
	loc, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		panic(fmt.Sprintf("parse time zone %s: %v", name, err))
	}
	return loc
}
