// Package api holds the API's contract: the server checks requests against it, the
// documentation shows it, and tests hold every answer to it.
package api

import (
	"bytes"
	"embed"
	"io/fs"
)

// Spec is the whole OpenAPI document as one YAML file.
//
//go:embed openapi.gen.yaml
var Spec []byte

//go:embed problems/*.yaml
var problems embed.FS

// Problems returns the table of problem codes as one YAML mapping: what each code means
// and what to do about it. The first lines of problems/common.yaml describe its columns.
func Problems() []byte {
	names, _ := fs.Glob(problems, "problems/*.yaml") // a constant pattern
	var table [][]byte
	for _, name := range names {
		text, _ := problems.ReadFile(name) // embedded, so it is there
		table = append(table, text)
	}
	return bytes.Join(table, []byte("\n"))
}

// Samples is how each operation is called with each of the clients: x-codeSamples by
// operationId, as JSON. tools/samples makes it. Where the samples need the address of a
// server it is https://gradus.example.org.
//
//go:embed samples.gen.json
var Samples []byte
