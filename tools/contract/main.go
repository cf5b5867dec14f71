// Command contract compares the API's bundle with the last released contract:
//
//	contract check      fails if a change would break clients of the released contract
//	contract changelog  prints the changes since the release, as Markdown
//	contract release    makes the bundle the released contract
//
// It implements the policy in docs/versioning.md.
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
	root := flag.String("root", "..", "the root directory of the project")
	flag.Parse()
	p := project{root: *root}
	commands := map[string]func() (string, error){"check": p.check, "changelog": p.changelog, "release": p.release}
	run := commands[flag.Arg(0)]
	if run == nil || flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: contract [-root DIR] check|changelog|release")
		os.Exit(2)
	}
	output, err := run()
	fmt.Print(output)
	if err != nil {
		fmt.Fprintln(os.Stderr, "contract:", err)
		os.Exit(1)
	}
}

// project is a directory with a contract.
type project struct{ root string }

func (p project) bundle() string        { return filepath.Join(p.root, "api", "openapi.gen.yaml") }
func (p project) changelogFile() string { return filepath.Join(p.root, "CHANGELOG.md") }
func released(version string) string    { return "api/released/v" + major(version) + ".yaml" }

// major returns the major number of a version, which is part of the API's path.
func major(version string) string {
	m, _, _ := strings.Cut(version, ".")
	return m
}

// read returns the bundle, and the released contract of the same major version or nil if
// there is none.
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

// check returns an error if a change would break clients of the released contract.
func (p project) check() (string, error) {
	before, now, err := p.read()
	if err != nil {
		return "", err
	}
	version := now.Info.Version
	if before == nil {
		if strings.Contains(version, "-") { // 2.0.0-beta.1
			return "contract: " + version + " is a pre-release without a compatibility guarantee\n", nil
		}
		return "", fmt.Errorf("%s is missing, so the compatibility of version %s cannot be checked: run `make release-contract` and commit the file", released(version), version)
	}
	list, err := compare(before, now)
	if err != nil {
		return "", err
	}
	var report strings.Builder
	fmt.Fprintf(&report, "contract: %s is compatible with %s\n", version, released(version))
	if unclear := list.of(uncertain); len(unclear) > 0 {
		fmt.Fprintf(&report, "contract: review these changes, they may break clients:\n%s", unclear.lines())
	}
	for _, o := range overdue(now) {
		fmt.Fprintf(&report, "contract: warning: %s\n", o)
	}
	if breaks := list.of(breaking); len(breaks) > 0 {
		return "", fmt.Errorf("these changes break clients of %s:\n%s%s", released(version), breaks.lines(), advice)
	}
	return report.String(), nil
}

const advice = `Keep the existing behavior and add the new one beside it; or deprecate the operation
first and remove it after its sunset (docs/versioning.md, "Deprecate an operation").
An unavoidable breaking change needs a new version of the API. Only
"make release-contract" writes to api/released.`

// changelog returns the changes since the released contract, for CHANGELOG.md.
func (p project) changelog() (string, error) {
	before, now, err := p.read()
	if err != nil {
		return "", err
	}
	entry, err := section(before, now)
	return cmp.Or(entry, "No visible changes for clients since "+released(now.Info.Version)+".\n"), err
}

// section returns the changelog section for a version of the API. It is empty without
// visible changes, and for the first contract of a major version.
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

// release makes the bundle the released contract and adds the changes to the changelog. It
// rejects breaking changes, and a different contract with the same version.
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
			return "contract: " + version + " is already released\n", nil
		case before.Info.Version == version:
			return "", fmt.Errorf("%s is already released and the contract has changed: increase info.version in api/openapi.yaml (the minor version for additions, the patch version for wording), run `make generate`, and try again", version)
		}
	}
	entry, err := section(before, now)
	if err != nil {
		return "", err
	}
	if err := p.addToChangelog(entry); err != nil {
		return "", err
	}
	if err := cmp.Or(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, text, 0o644)); err != nil {
		return "", err
	}
	return "contract: " + version + " is released: commit " + released(version) + " and CHANGELOG.md\n\n" + entry, nil
}

const unreleased = "## Unreleased\n\n"

// addToChangelog adds an entry at the top of the unreleased changes in CHANGELOG.md.
func (p project) addToChangelog(entry string) error {
	if entry == "" {
		return nil
	}
	text, err := os.ReadFile(p.changelogFile())
	if err != nil {
		return err
	}
	above, below, found := strings.Cut(string(text), unreleased)
	if !found {
		return errors.New(`CHANGELOG.md has no heading "## Unreleased" for the API's changes: add it`)
	}
	return os.WriteFile(p.changelogFile(), []byte(above+unreleased+entry+"\n"+below), 0o644)
}
