package pgtest

import (
	"errors"
	"sync"
	"testing"
)

// Filled is a database that is filled once in a test binary and cloned for each test:
// for what takes seconds to make and a tenth of one to copy. Its zero value is not
// usable; keep it in a package variable.
type Filled struct{ make func() (string, error) }

// filled holds the databases to be dropped when the binary ends.
var filled struct {
	sync.Mutex
	names []string
}

// NewFilled returns a Filled. fill gets the address of a fresh, migrated database when
// the first test asks, and must leave no connection open.
func NewFilled(fill func(url string) error) *Filled {
	return &Filled{sync.OnceValues(func() (string, error) {
		s, err := shared()
		if err != nil {
			return "", err
		}
		name := newName()
		if err := s.clone(name); err != nil {
			return "", err
		}
		filled.Lock()
		filled.names = append(filled.names, name)
		filled.Unlock()
		if err := fill(s.url(name)); err != nil {
			return "", err
		}
		// A connection to a template would block its clones.
		return name, s.exec(`ALTER DATABASE ` + name + ` WITH ALLOW_CONNECTIONS false`)
	})}
}

// URL returns the address of a clone that is dropped after the test, whoever is still
// connected.
func (f *Filled) URL(tb testing.TB) string {
	tb.Helper()
	template, err := f.make()
	if err != nil {
		tb.Fatalf("pgtest: fill a database: %v", err)
	}
	s, err := shared()
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	return database(tb, s, func(name string, after ...string) error {
		return s.copy(template, name, after...)
	})
}

func dropFilled() error {
	filled.Lock()
	defer filled.Unlock()
	var errs []error
	for _, name := range filled.names {
		s, err := shared()
		if err == nil {
			err = s.exec(`DROP DATABASE ` + name + ` WITH (FORCE)`)
		}
		errs = append(errs, err)
	}
	filled.names = nil
	return errors.Join(errs...)
}
