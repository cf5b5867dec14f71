package pgtest

import (
	"errors"
	"sync"
	"testing"
)

// Filled is a database that is filled once per test binary and cloned for each test. Use it
// for data that takes seconds to create. The zero value is not usable; keep a Filled in a
// package variable.
type Filled struct{ make func() (string, error) }

// filled holds the databases to drop when the binary exits.
var filled struct {
	sync.Mutex
	names []string
}

// NewFilled returns a Filled. The first test calls fill with the URL of a new, migrated
// database. fill must close all its connections.
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
		// A database with connections cannot be cloned.
		return name, s.exec(`ALTER DATABASE ` + name + ` WITH ALLOW_CONNECTIONS false`)
	})}
}

// URL returns the URL of a clone. It is dropped after the test, even if there are open
// connections.
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
