// Command lexers copies the definitions of languages of chroma into a folder, one XML file
// each. Its arguments are the folder and the names.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "lexers:", err)
		os.Exit(1)
	}
}

func run(folder string, names []string) error {
	for _, name := range names {
		lexer, ok := lexers.Get(name).(*chroma.RegexLexer)
		if !ok {
			return fmt.Errorf("chroma has no definition of %s", name)
		}
		text, err := chroma.Marshal(lexer)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".xml"), append(sortStates(text), '\n'), 0o644); err != nil { //nolint:gosec // not secret
			return err
		}
	}
	return nil
}

var state = regexp.MustCompile(`(?sm)^ *<state name.*?</state>\n`)

// sortStates sorts the states of a definition, which chroma writes in random order.
func sortStates(definition []byte) []byte {
	states := state.FindAll(definition, -1)
	slices.SortFunc(states, bytes.Compare)
	head, _, _ := bytes.Cut(definition, state.Find(definition))
	tail := definition[bytes.LastIndex(definition, []byte("</state>\n"))+len("</state>\n"):]
	return slices.Concat(head, bytes.Join(states, nil), tail)
}
