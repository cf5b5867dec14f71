// Command slice reads docs/slice.md and docs/slice-tests.md, which contain a complete slice
// of the program and its tests.
//
//	slice cost FILE...        list the files that a slice of five operations needs
//	slice apply DIR FILE...   write the slice to the checkout in DIR
//
// `make test-slice` applies it to a copy of the checkout, to test that the documents
// compile and pass the suites.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "slice:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, args []string) error {
	switch {
	case len(args) > 1 && args[0] == "cost":
		blocks, err := parseFiles(args[1:])
		if err != nil {
			return err
		}
		printCost(w, blocks)
		return nil
	case len(args) > 2 && args[0] == "apply":
		blocks, err := parseFiles(args[2:])
		if err != nil {
			return err
		}
		for _, b := range blocks {
			if err := b.apply(args[1]); err != nil {
				return fmt.Errorf("%s, line %d: %w", b.document, b.line, err)
			}
		}
		return nil
	}
	return errors.New("usage: slice cost FILE..., or slice apply DIR FILE...")
}

func parseFiles(names []string) (all []block, err error) {
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		blocks, err := parse(name, string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, blocks...)
	}
	return all, nil
}

// nextNumber is the placeholder for the number of the next migration.
const nextNumber = "NNNNN"

// apply creates a new file or edits an existing one.
func (b block) apply(dir string) error {
	path := filepath.Join(dir, filepath.FromSlash(b.path))
	if parent, name, ok := strings.Cut(b.path, nextNumber); ok {
		files, err := filepath.Glob(filepath.Join(dir, parent, "*.sql"))
		if err != nil {
			return err
		}
		path = filepath.Join(dir, parent, fmt.Sprintf("%05d%s", len(files)+1, name))
	}
	old, err := os.ReadFile(path)
	switch {
	case b.shared && err != nil:
		return err
	case b.shared:
		edited, err := edit(string(old), b.text)
		if err != nil {
			return fmt.Errorf("%s: %w", b.path, err)
		}
		return os.WriteFile(path, []byte(edited), 0o644)
	case err == nil:
		return fmt.Errorf("%s already exists", b.path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(b.text), 0o644)
}

// operations is the size of the slice that cost counts: list, get, create, update and
// delete. The last three write.
const operations, writes = 5, 3

func printCost(w io.Writer, blocks []block) {
	var own, shared []string
	for _, b := range blocks {
		switch {
		case b.shared:
			shared = append(shared, b.path)
		case b.each:
			for range writes {
				own = append(own, b.path)
			}
		default:
			own = append(own, b.path)
		}
	}
	fmt.Fprintf(w, "A slice of %d operations needs %d new files and edits of %d shared files.\n\nNew:\n", operations, len(own), len(shared))
	for i, path := range own {
		if i > 0 && own[i-1] == path {
			continue // the document shows it once
		}
		times := ""
		for _, b := range blocks {
			if b.path == path && b.each {
				times = fmt.Sprintf("  and %d more, one per use case that writes", writes-1)
			}
		}
		fmt.Fprintf(w, "  %s%s\n", path, times)
	}
	fmt.Fprintf(w, "\nShared:\n")
	for _, path := range shared {
		fmt.Fprintf(w, "  %s\n", path)
	}
}
