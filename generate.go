// Package gradus runs the generators, in order. Run them with
// `make generate`.
package gradus

//go:generate go run -C tools ./bundle ../api/openapi.yaml ../api/openapi.gen.yaml
//go:generate go tool -modfile=tools/go.mod oapi-codegen -config api/oapi-codegen.yaml api/openapi.gen.yaml
//go:generate go tool -modfile=tools/go.mod sqlc generate
//go:generate go tool wire ./internal/wiring
