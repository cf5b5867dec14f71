// Package api embeds the contract of the API. The server validates requests against it,
// the documentation shows it, and tests validate every response against it.
package api

import (
	"bytes"
	"embed"
	"io/fs"
)

// Spec is the OpenAPI document, bundled into one YAML file.
//
//go:embed openapi.gen.yaml
var Spec []byte

//go:embed problems/*.yaml
var problems embed.FS

// Problems returns the problem codes as one YAML mapping: what each code means and how to
// handle it. The comment in problems/common.yaml describes the properties.
func Problems() []byte {
	names, _ := fs.Glob(problems, "problems/*.yaml") // a constant pattern
	var table [][]byte
	for _, name := range names {
		text, _ := problems.ReadFile(name) // embedded, so it exists
		table = append(table, text)
	}
	return bytes.Join(table, []byte("\n"))
}

// Samples holds the code samples of each operation for each client, as JSON: x-codeSamples
// by operationId. tools/samples generates it. Samples that need the URL of a server use
// SampleURL.
//
//go:embed samples.gen.json
var Samples []byte

// SampleURL is the placeholder for the URL of a server in Samples.
const SampleURL = "https://gradus.example.org"
