// Package api holds the API's contract: the server checks requests against it, the
// documentation shows it, and tests hold every answer to it.
package api

import _ "embed"

// Spec is the whole OpenAPI document as one YAML file.
//
//go:embed openapi.gen.yaml
var Spec []byte

// Problems is the table of problem codes: what each means and what to do about it.
// The file's first lines describe its columns.
//
//go:embed problems.yaml
var Problems []byte

// Samples is how each operation is called with each of the clients: x-codeSamples by
// operationId, as JSON. tools/samples makes it. Where the samples need the address of a
// server it is https://gradus.example.org.
//
//go:embed samples.gen.json
var Samples []byte
