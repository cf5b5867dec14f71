#!/usr/bin/env bash
# Applies docs/slice*.md to a copy of the checkout, generates code, and runs the suites there:
# the slice must compile and the suites must pass.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
checkout=$PWD
copy=$checkout/.gradus/slice # always the same, for Go's caches

rm -rf "$copy"
mkdir -p "$copy"
git ls-files --cached --others --exclude-standard -z | tar -c --null --ignore-failed-read -T - | tar -x -C "$copy"
go run -C tools ./slice apply "$copy" "$checkout/docs/slice.md" "$checkout/docs/slice-tests.md"

cd "$copy"
make generate clients-go samples examples
go vet ./...
go run ./internal/testkit/testdb -- go test \
	./api ./docs ./internal ./internal/domain/... ./internal/ports/... ./internal/adapters/httpapi/... ./test/api ./test/contract ./test/cost ./test/examples
go run ./internal/testkit/testdb -- go test -run 'Room|Migrat' ./internal/adapters/postgres ./cmd/gradus
cd "$checkout"
rm -rf "$copy"
