//go:build unix

package embeddedpg_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/embeddedpg"
)

// repository serves a Maven repository in which PostgreSQL consists of shell scripts:
// postgres prints its version and initdb fails. They are in testdata/stub.txz, because
// Go cannot write xz.
func repository(t *testing.T) (address string, downloads *atomic.Int32) {
	t.Helper()
	stub, err := os.ReadFile("testdata/stub.txz")
	if err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	z := zip.NewWriter(&jar)
	w, err := z.Create("postgres-test.txz")
	if err == nil {
		_, err = w.Write(stub)
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	downloads = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".jar") {
			http.NotFound(w, r)
			return
		}
		downloads.Add(1)
		_, _ = w.Write(jar.Bytes())
	}))
	t.Cleanup(s.Close)
	return s.URL, downloads
}

func TestStart_DownloadsBinariesOnce(t *testing.T) {
	t.Parallel()
	c := uncached(t)
	c.Download = true
	var downloads *atomic.Int32
	c.Repository, downloads = repository(t)
	var reports []string
	c.Report = func(line string) { reports = append(reports, line) }
	// A killed download must not get in the way.
	if err := os.MkdirAll(filepath.Join(c.Dir, "download-1", "pg"), 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := embeddedpg.Start(t.Context(), c)
		if err == nil || !strings.Contains(err.Error(), "this initdb is a stub") {
			t.Fatalf("got %v", err)
		}
	}
	if downloads.Load() != 1 || len(reports) != 1 || !strings.Contains(reports[0], "Downloading PostgreSQL 17") {
		t.Errorf("%d downloads, reported %q", downloads.Load(), reports)
	}
	left, _ := filepath.Glob(filepath.Join(c.Dir, "*-*")) // a constant pattern
	if len(left) != 1 || filepath.Base(left[0]) != "postgresql-17.5.0" {
		t.Errorf("the directory contains %v", left)
	}
}

func TestStart_SharedCacheDownloadsOnce(t *testing.T) {
	t.Parallel()
	cache := openDir(t)
	address, downloads := repository(t)
	var wg sync.WaitGroup
	for range 2 {
		c := uncached(t)
		c.Download, c.Repository, c.Cache = true, address, cache
		wg.Go(func() {
			_, err := embeddedpg.Start(t.Context(), c)
			if err == nil || !strings.Contains(err.Error(), "this initdb is a stub") {
				t.Errorf("got %v", err)
			}
		})
	}
	wg.Wait()
	if downloads.Load() != 1 || !exists(t, filepath.Join(cache, "postgresql-17.5.0", "bin", "postgres")) {
		t.Errorf("%d downloads", downloads.Load())
	}
}

func TestStart_FailedDownloadSaysWhatToDo(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	c := uncached(t)
	c.Download, c.Repository = true, s.URL
	_, err := embeddedpg.Start(t.Context(), c)
	if !errors.Is(err, embeddedpg.ErrNoBinaries) || !strings.Contains(fmt.Sprint(err), "install PostgreSQL") {
		t.Errorf("got %v", err)
	}
}

func TestStart_DoesNotDownloadForExistingData(t *testing.T) {
	t.Parallel()
	c := uncached(t)
	c.Download = true
	var downloads *atomic.Int32
	c.Repository, downloads = repository(t)
	path := filepath.Join(c.Dir, "data", "PG_VERSION")
	if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("16\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	_, err := embeddedpg.Start(t.Context(), c)
	if !errors.Is(err, embeddedpg.ErrVersion) || !strings.Contains(fmt.Sprint(err), "this machine has none") || downloads.Load() != 0 {
		t.Errorf("got %v after %d downloads", err, downloads.Load())
	}
}

// uncached returns a configuration without the cache that all tests share: these tests
// download fake binaries.
func uncached(t *testing.T) embeddedpg.Config {
	t.Helper()
	c := fast(openDir(t))
	c.Cache = ""
	return c
}
