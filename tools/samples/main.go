// Command samples generates code samples: a call of each operation with each of the three
// clients, from the contract's examples.
//
//	samples api/openapi.gen.yaml clients/go/gradus.gen.go api/samples.gen.json
//	samples -unpack clients api/samples.gen.json docs/guides/clients.md docs/guides/react.md
//
// The second form writes every sample, and those of the guides, to files below
// clients/*/.samples, so that `make test-samples` can compile them.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
)

// sample is an entry of x-codeSamples.
type sample struct {
	Lang   string `json:"lang"`
	Label  string `json:"label"`
	Source string `json:"source"`
}

// server is a placeholder for the address of the server, which replaces it when it serves
// the samples.
const server = "https://gradus.example.org"

const api = server + "/api/v1"

func main() {
	unpackTo := flag.String("unpack", "", "write the samples below this directory, to compile them")
	flag.Parse()
	var err error
	switch {
	case *unpackTo != "" && flag.NArg() >= 2:
		err = unpack(flag.Arg(0), flag.Args()[1:], *unpackTo)
	case *unpackTo == "" && flag.NArg() == 3:
		err = generate(flag.Arg(0), flag.Arg(1), flag.Arg(2))
	default:
		fmt.Fprintln(os.Stderr, "usage: samples CONTRACT GO-CLIENT OUT | samples -unpack DIR SAMPLES GUIDE...")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "samples:", err)
		os.Exit(1)
	}
}

func generate(contract, goClient, out string) error {
	operations, err := readContract(contract)
	if err != nil {
		return err
	}
	client, err := readGoClient(goClient)
	if err != nil {
		return err
	}
	all := map[string][]sample{}
	for _, o := range operations {
		inGo, err := client.sample(o)
		if err != nil {
			return fmt.Errorf("%s: %w", o.id, err)
		}
		all[o.id] = []sample{
			{"typescript", "TypeScript", typeScript(o)},
			{"go", "Go", inGo},
			{"python", "Python", python(o)},
		}
		for i := range all[o.id] { // pages would show an empty last line
			all[o.id][i].Source = strings.TrimSuffix(all[o.id][i].Source, "\n")
		}
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(all); err != nil {
		return err
	}
	return os.WriteFile(out, text.Bytes(), 0o644)
}
