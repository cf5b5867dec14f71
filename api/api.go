// Package api holds the API's contract: the server checks requests against it, the
// documentation shows it, and tests hold every answer to it.
package api

import _ "embed"

// Spec is the whole OpenAPI document as one YAML file.
//
//go:embed openapi.gen.yaml
var Spec []byte
