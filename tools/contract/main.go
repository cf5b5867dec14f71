// Command contract holds the API's bundle to the last released contract:
//
//	contract check      fails when a client of the released contract would break
//	contract changelog  prints what changed since, as Markdown
//	contract release    makes the bundle the released contract
//
// docs/versioning.md is the promise that it keeps.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

func main() {
	root := flag.String("root", "..", "the folder of the project")
	flag.Parse()
	p := project{root: *root}
	words := map[string]func() (string, error){"check": p.check, "changelog": p.changelog, "release": p.release}
	do := words[flag.Arg(0)]
	if do == nil || flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: contract [-root DIR] check|changelog|release")
		os.Exit(2)
	}
	said, err := do()
	fmt.Print(said)
	if err != nil {
		fmt.Fprintln(os.Stderr, "contract:", err)
		os.Exit(1)
	}
}

// project is where the contract lives.
type project struct{ root string }

func (p project) bundle() string     { return filepath.Join(p.root, "api", "openapi.gen.yaml") }
func (p project) history() string    { return filepath.Join(p.root, "CHANGELOG.md") }
func released(version string) string { return "api/released/v" + major(version) + ".yaml" }

// major is the number of a version that the path of the API carries.
func major(version string) string {
	m, _, _ := strings.Cut(version, ".")
	return m
}

// read returns the bundle, and the released contract of the same major version or
// nil when there is none yet.
func (p project) read() (before, now *openapi3.T, err error) {
	if now, err = readSpec(p.bundle()); err != nil {
		return nil, nil, err
	}
	before, err = readSpec(filepath.Join(p.root, released(now.Info.Version)))
	if errors.Is(err, os.ErrNotExist) {
		return nil, now, nil
	}
	return before, now, err
}

func readSpec(file string) (*openapi3.T, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return doc, nil
}

// check says what would break a client of the released contract, as an error.
func (p project) check() (string, error) {
	before, now, err := p.read()
	if err != nil {
		return "", err
	}
	version := now.Info.Version
	if before == nil {
		if strings.Contains(version, "-") { // 2.0.0-beta.1
			return "contract: " + version + " is a pre-release, which promises nothing yet\n", nil
		}
		return "", fmt.Errorf("%s is missing, so nothing holds version %s to its promise: run `make release-contract` and commit the file", released(version), version)
	}
	list, err := compare(before, now)
	if err != nil {
		return "", err
	}
	var said strings.Builder
	fmt.Fprintf(&said, "contract: %s keeps the promise of %s\n", version, released(version))
	if doubts := list.of(doubtful); len(doubts) > 0 {
		fmt.Fprintf(&said, "contract: look at these, they may break somebody:\n%s", doubts.lines())
	}
	for _, o := range overdue(now) {
		fmt.Fprintf(&said, "contract: warning: %s\n", o)
	}
	if breaks := list.of(breaking); len(breaks) > 0 {
		return "", fmt.Errorf("clients of %s would break:\n%s%s", released(version), breaks.lines(), advice)
	}
	return said.String(), nil
}

const advice = `What to do: keep what clients know and put the new beside it; or deprecate the operation
first, and remove it after its sunset (docs/versioning.md, "Deprecate an operation").
A break that has to be is a new version of the API. api/released is written by
"make release-contract" only.`

// changelog returns what changed since the released contract, for CHANGELOG.md.
func (p project) changelog() (string, error) {
	before, now, err := p.read()
	if err != nil {
		return "", err
	}
	entry, err := section(before, now)
	return cmp.Or(entry, "Nothing changed since "+released(now.Info.Version)+" that a client can see.\n"), err
}

// section is the part of the changelog about one version of the API. It is empty when
// nothing changed that a client can see, and for the first contract of a version.
func section(before, now *openapi3.T) (string, error) {
	if before == nil {
		return "", nil
	}
	list, err := compare(before, now)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return "### API " + now.Info.Version + "\n\n" + list.markdown(), nil
}

// release makes the bundle the released contract, and writes what changed into the
// changelog. It refuses breaks, and another contract under the same version.
func (p project) release() (string, error) {
	before, now, err := p.read()
	if err != nil {
		return "", err
	}
	version := now.Info.Version
	text, err := os.ReadFile(p.bundle())
	if err != nil {
		return "", err
	}
	file := filepath.Join(p.root, released(version))
	if before != nil {
		if _, err := p.check(); err != nil {
			return "", err
		}
		old, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		switch {
		case string(old) == string(text):
			return "contract: " + version + " is released already\n", nil
		case before.Info.Version == version:
			return "", fmt.Errorf("%s is released and the contract has changed since: raise info.version in api/openapi.yaml (the minor for what is new, the patch for words), run `make generate`, and try again", version)
		}
	}
	entry, err := section(before, now)
	if err != nil {
		return "", err
	}
	if err := p.note(entry); err != nil {
		return "", err
	}
	if err := cmp.Or(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, text, 0o644)); err != nil {
		return "", err
	}
	return "contract: " + version + " is released: commit " + released(version) + " and CHANGELOG.md\n\n" + entry, nil
}

const unreleased = "## Unreleased\n\n"

// note puts an entry on top of what CHANGELOG.md lists as not yet released.
func (p project) note(entry string) error {
	if entry == "" {
		return nil
	}
	text, err := os.ReadFile(p.history())
	if err != nil {
		return err
	}
	above, below, found := strings.Cut(string(text), unreleased)
	if !found {
		return errors.New(`CHANGELOG.md has no heading "## Unreleased" to put the API's changes under: add it`)
	}
	return os.WriteFile(p.history(), []byte(above+unreleased+entry+"\n"+below), 0o644)
}
