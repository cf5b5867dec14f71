// Package gradus runs the generators, in order. Run them with
// `make generate`.
package gradus

//go:generate go run -C tools ./bundle ../api/openapi.yaml ../api/openapi.gen.yaml
//go:generate go tool -modfile=tools/go.mod oapi-codegen -config api/oapi-codegen.yaml api/openapi.gen.yaml
//go:generate go tool -modfile=tools/go.mod sqlc generate
//go:generate go tool wire ./internal/wiring
//go:generate go run -C tools ./settings ../.env.example ../docs/operate/settings.md
//go:generate go run -C tools ./lexers ../internal/adapters/httpapi/internal/docs/site/lexers json bash typescript python sql yaml diff ini
