# Gradus. `make help` lists the targets.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
BIN     := bin
GOBIN   := $(CURDIR)/$(BIN)/tools
export CGO_ENABLED ?= 0
# Property tests play the same cases each time, so that a change is rejected for its own
# faults alone. RAPID_SEED=0 plays random ones.
export RAPID_SEED ?= 1

# renovate: datasource=go depName=github.com/golangci/golangci-lint/v2
GOLANGCI_LINT := v2.15.0
# renovate: datasource=go depName=golang.org/x/vuln
GOVULNCHECK := v1.9.0
# renovate: datasource=go depName=github.com/zricethezav/gitleaks/v8
GITLEAKS := v8.30.1

## setup: install the pinned tools and the git hooks
.PHONY: setup
setup: $(GOBIN)/golangci-lint-$(GOLANGCI_LINT)
	git config core.hooksPath .githooks 2>/dev/null || true
	go mod download

$(GOBIN)/golangci-lint-$(GOLANGCI_LINT):
	GOBIN=$(GOBIN) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT)
	mv $(GOBIN)/golangci-lint $@

## run: build and run a demo class with live data (needs only Go)
.PHONY: run
run: build
	./$(BIN)/gradus demo

## build: compile bin/gradus
.PHONY: build
build:
	go build -trimpath -buildvcs=false -ldflags "$(LDFLAGS)" -o $(BIN)/gradus ./cmd/gradus

## test: run all tests with the race detector on PostgreSQL (in a container, or embedded without Docker)
.PHONY: test
test: export CGO_ENABLED := 1
test:
	@# test/faults first, because it mostly waits
	go run ./internal/testkit/testdb -- go test -race -timeout 10m ./test/faults ./...

## test-short: like test, but with one caller per rule in the role matrix, and without the race detector
.PHONY: test-short
test-short:
	go run ./internal/testkit/testdb -- go test -short -timeout 10m ./...

## histories: play 100,000 random histories of a student (HISTORIES=1000 for 1,000)
HISTORIES ?= 100000
.PHONY: histories
histories: export RAPID_SEED := 0
histories:
	go test ./internal/testkit/histories -run '^TestHistories$$' -count=1 -timeout 60m -rapid.checks=$$(( $(HISTORIES) / 100 ))

## cover: measure the test coverage of hand-written code; fails below COVER_MIN percent
COVER_MIN ?= 85
.PHONY: cover
cover:
	go run ./internal/testkit/testdb -- go test -timeout 10m -coverpkg=./... -coverprofile=cover.out ./... > cover.log || { cat cover.log; exit 1; }
	go run -C tools ./coverage -min $(COVER_MIN) $(CURDIR)/cover.out

## check: run everything that must pass before a merge, including tests
.PHONY: check
check: lint verify test

## verify: check that generated code is up to date
.PHONY: verify
verify: generate clients
	go mod tidy -diff
	go -C tools mod tidy -diff
	@git diff --exit-code --stat -- . || { echo "generated files are out of date: run 'make generate clients' and commit the changes" >&2; exit 1; }
	@big=$$(git ls-tree -r -l HEAD | awk '$$4 > 2 * 1024 * 1024 { print $$5 }'); test -z "$$big" || { echo "committed files larger than 2 MiB (a built program?): $$big" >&2; exit 1; }
	@test -z "$$(git status --porcelain -- api clients db internal)" || { git status --short -- api clients db internal; echo "there are uncommitted files" >&2; exit 1; }

## generate: generate the contract's bundle, server stubs, queries, mocks and wiring
.PHONY: generate
generate:
	go generate ./...

## examples: update the contract's examples with responses of the seeded server, and bundle them
.PHONY: examples
examples:
	go run -C tools ./bundle ../api/openapi.yaml ../api/openapi.gen.yaml
	go run ./internal/testkit/testdb -- go test ./test/examples -count=1 -update
	go run -C tools ./bundle ../api/openapi.yaml ../api/openapi.gen.yaml

## fmt: format the code
.PHONY: fmt
fmt: setup
	$(GOBIN)/golangci-lint-$(GOLANGCI_LINT) fmt ./...

## lint: check formatting and run the linters
.PHONY: lint
lint: setup
	$(GOBIN)/golangci-lint-$(GOLANGCI_LINT) fmt --diff ./...
	$(GOBIN)/golangci-lint-$(GOLANGCI_LINT) run ./...

## lint-spec: lint the contract with Redocly and Spectral, and check its examples (needs Node 20)
.PHONY: lint-spec
lint: lint-spec
lint-spec: export REDOCLY_TELEMETRY := off
lint-spec: export REDOCLY_SUPPRESS_UPDATE_NOTICE := true
lint-spec: tools/speclint/node_modules/.package-lock.json
	cd tools/speclint && npx --no-install redocly lint --config redocly.yaml --lint-config error --format stylish ../../api/openapi.gen.yaml
	cd tools/speclint && npx --no-install spectral lint --ruleset spectral.yaml --fail-severity hint ../../api/openapi.gen.yaml

## test-generators: generate clients with openapi-generator, openapi-typescript and orval (needs Node 20, Java 11)
.PHONY: test-generators
test-generators: tools/generators/node_modules/.package-lock.json
	tools/generators/check.sh

tools/%/node_modules/.package-lock.json: tools/%/package-lock.json
	cd tools/$* && npm ci --loglevel=error --no-audit --no-fund && touch node_modules/.package-lock.json

## audit: find known vulnerabilities, and run audit-offline (needs internet access)
.PHONY: audit
audit: audit-offline
	go run golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK) ./...

## audit-offline: find secrets in the history, and verify the checksums of modules
.PHONY: audit-offline
audit-offline:
	go run github.com/zricethezav/gitleaks/v8@$(GITLEAKS) git --no-banner .
	go mod verify
	go -C tools mod verify
	go -C clients/go mod verify

## migration: create an empty migration (NAME=add_thing)
.PHONY: migration
migration:
	@test -n "$(NAME)" || { echo "NAME is missing: make migration NAME=add_thing" >&2; exit 2; }
	@last=$$(ls db/migrations | sort | tail -n 1 | cut -d_ -f1); next=$$(printf '%05d' $$((10#$$last + 1))); \
	printf -- "-- +goose Up\nSET LOCAL lock_timeout = '5s';\n\n-- +goose Down\nSET LOCAL lock_timeout = '5s';\n" > db/migrations/$${next}_$(NAME).sql; \
	echo db/migrations/$${next}_$(NAME).sql

## bench: measure what reads cost with 1,000 and 10,000 students (LADDER=1000,100000 FULL= JSON=)
LADDER ?= 1000,10000
.PHONY: bench
bench:
	go run ./internal/testkit/testdb -- go test -run '^$$' -bench '^BenchmarkReads$$' -benchtime 1x -timeout 60m ./bench -args -ladder $(LADDER) $(if $(FULL),-full $(FULL)) $(if $(JSON),-json $(abspath $(JSON)))

## bench-sync: sync 10,000 students from an upstream that takes 50 ms (GRADUS_BENCH_STUDENTS=500 for 500)
.PHONY: bench-sync
bench-sync:
	go run ./internal/testkit/testdb -- go test -run '^$$' -bench Syncs -benchtime 1x -timeout 20m ./bench

## bench-signin: measure signing in: rate, timing, a flood, and the limits on a class and on guesses
.PHONY: bench-signin
bench-signin:
	go run ./internal/testkit/testdb -- go test -run '^$$' -bench SignIns -benchtime 1x -timeout 10m ./bench
	go run ./internal/testkit/testdb -- go test -count 1 -v -run '^TestLimits' ./test/api

## verify-contract: check that the API is compatible with its last release
.PHONY: verify-contract
verify: verify-contract
verify-contract:
	go run -C tools ./contract check

## test-versions: test the tools, including the detection of breaking changes
.PHONY: test-versions
check: test-versions
test-versions:
	go -C tools test -count=1 ./... # Go's cache ignores changes of files outside of the module

## slice-cost: list the files that a slice of five operations needs
.PHONY: slice-cost
slice-cost:
	@go run -C tools ./slice cost $(CURDIR)/docs/slice.md $(CURDIR)/docs/slice-tests.md

## test-slice: apply docs/slice.md to a copy of the checkout and run the suites there
.PHONY: test-slice
check: test-slice
test-slice:
	tools/slice/check.sh

## changelog-api: print the API's changes since its last release, as Markdown
.PHONY: changelog-api
changelog-api:
	@go run -C tools ./contract changelog

## release-contract: release the API's contract and record the changes in CHANGELOG.md
.PHONY: release-contract
release-contract:
	@go run -C tools ./contract release

## bench-mock: measure the time of gradus mock from start to the first response
.PHONY: bench-mock
bench-mock:
	go test -run '^$$' -bench Mock -benchtime 50x ./cmd/gradus ./internal/adapters/httpapi/internal/mockserver

## clients: generate and build the clients
.PHONY: clients
clients: clients-typescript clients-go clients-python samples

## test-clients: test the clients against a server with the fake WakaTime behind it
.PHONY: test-clients
test-clients: test-client-typescript test-client-go test-client-python test-samples

## clients-typescript: generate and build @gradus/client (needs Node 20 or newer)
.PHONY: clients-typescript
clients-typescript: clients/typescript/node_modules/.package-lock.json
	cd clients/typescript && npm run --silent generate && npm run --silent build

## test-client-typescript: test clients/typescript against a server and a stub, its types and package
.PHONY: test-client-typescript
test-client-typescript: clients/typescript/node_modules/.package-lock.json
	go build -o $(BIN)/classroom ./internal/democlass/classroom
	cd clients/typescript && npm test --silent -- ../../$(BIN)/classroom -users 250

# npm writes this file last.
clients/typescript/node_modules/.package-lock.json: clients/typescript/package-lock.json
	cd clients/typescript && npm ci --loglevel=error --no-audit --no-fund && touch node_modules/.package-lock.json

# --- the clients in Go and Python ---------------------------------------------------

## clients-go: generate clients/go from the contract
.PHONY: clients-go
clients-go:
	@printf '// Code generated by make clients-go from api/openapi.gen.yaml. DO NOT EDIT.\n\npackage gradus\n\n// APIVersion is the version of the contract that this client is made from.\nconst APIVersion = "%s"\n' \
	  "$$(sed -n 's/^    version: //p' api/openapi.gen.yaml)" > clients/go/version.gen.go
	go tool -modfile=tools/go.mod oapi-codegen -config clients/go/oapi-codegen.yaml api/openapi.gen.yaml

## lint-client-go: check formatting and run the linters on clients/go, a separate module
.PHONY: lint-client-go
lint: lint-client-go
lint-client-go: setup
	cd clients/go && $(GOBIN)/golangci-lint-$(GOLANGCI_LINT) fmt --config ../../.golangci.yaml --diff ./...
	cd clients/go && $(GOBIN)/golangci-lint-$(GOLANGCI_LINT) run --config ../../.golangci.yaml ./...

## test-client-go: vet and test clients/go against a server
.PHONY: test-client-go
test-client-go:
	go build -o $(BIN)/classroom ./internal/democlass/classroom
	go -C clients/go mod tidy -diff
	go -C clients/go vet ./...
	CLASSROOM=$(CURDIR)/$(BIN)/classroom go -C clients/go test -count 1 ./...

VENV := clients/python/.venv
PYTHON ?= python3

# The tools of the Python client, pinned in requirements.lock.
$(VENV)/.ready: clients/python/requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "the Python client needs Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r clients/python/requirements.lock
	touch $@

## clients-python: generate clients/python from the contract
.PHONY: clients-python
clients-python: $(VENV)/.ready
	cd clients/python && PATH="$$PWD/.venv/bin:$$PATH" openapi-python-client generate --path ../../api/openapi.gen.yaml --meta none \
	  --config openapi-python-client.yaml --custom-template-path templates --output-path src/gradus_client --overwrite --fail-on-warning

## test-client-python: check types, lint and test clients/python against a server
.PHONY: test-client-python
test-client-python: $(VENV)/.ready
	go build -o $(BIN)/classroom ./internal/democlass/classroom
	cd clients/python && .venv/bin/ruff check --quiet . && .venv/bin/ruff format --quiet --check . && .venv/bin/mypy src tests
	cd clients/python && CLASSROOM=$(CURDIR)/$(BIN)/classroom .venv/bin/pytest --quiet

## lock-python: update requirements.lock from clients/python/requirements.in
# renovate: datasource=pypi depName=pip-tools
PIP_TOOLS := 7.6.2
.PHONY: lock-python
lock-python:
	$(PYTHON) -m venv --clear .gradus/pip-tools
	.gradus/pip-tools/bin/pip install --quiet --disable-pip-version-check pip-tools==$(PIP_TOOLS)
	cd clients/python && ../../.gradus/pip-tools/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --output-file requirements.lock requirements.in

## test-docs: check the guides and the reference in a browser (needs Node 20, Chromium, curl, jq)
.PHONY: test-docs
test-docs:
	npm ci --prefix tools/browser --no-audit --no-fund --loglevel=error
	node tools/browser/check.mjs

# --- code samples of the reference ----------------------------------------------------

## samples: generate api/samples.gen.json from the contract's examples and the Go client
.PHONY: samples
samples: clients-go
	go run -C tools ./samples $(CURDIR)/api/openapi.gen.yaml $(CURDIR)/clients/go/gradus.gen.go $(CURDIR)/api/samples.gen.json

## test-samples: compile every code sample with its client, and run those of the guide on React
GUIDES := $(addprefix $(CURDIR)/docs/guides/,clients.md react.md nextjs.md)
.PHONY: test-samples
test-samples: clients/typescript/node_modules/.package-lock.json clients/python/.venv/.ready
	go run -C tools ./samples -unpack $(CURDIR)/clients $(CURDIR)/api/samples.gen.json $(GUIDES)
	go -C clients/go vet ./.samples ./.samples/clients3
	@# --test-force-exit, because the application of the guide keeps its queries for minutes
	cd clients/typescript && npm run --silent build && npx --no-install tsc -p .samples && node --test --test-force-exit .samples/.build/test/guides/*.test.js
	cd clients/python && MYPYPATH=src .venv/bin/mypy .samples

## contract: test every operation, status and problem code, on a new server or GRADUS_TARGET_URL
.PHONY: contract
contract: export GRADUS_TEST_CONTRACT_REPORTS := $(CURDIR)/.gradus/contract
contract:
	$(if $(GRADUS_TARGET_URL),,go run ./internal/testkit/testdb --) go -C test/contract test -count=1 -timeout 5m
	@echo "Report: .gradus/contract/contract.md (and contract.xml for machines)"

## fuzz-contract: run Schemathesis on a new server or GRADUS_TARGET_URL (SEED=, EXAMPLES=)
FUZZER := .gradus/fuzzer
.PHONY: fuzz-contract
fuzz-contract: $(FUZZER)/.ready
	$(if $(GRADUS_TARGET_URL),,go build -o $(BIN)/classroom ./internal/democlass/classroom)
	$(FUZZER)/bin/python test/contract/fuzz/run.py $(BIN)/classroom

$(FUZZER)/.ready: test/contract/fuzz/requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Schemathesis needs Python 3.10 or newer: make PYTHON=...")'
	$(PYTHON) -m venv --clear $(FUZZER)
	$(FUZZER)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

## help: list these targets
.PHONY: help
help:
	@grep -hE '^## ' $(MAKEFILE_LIST) | sed 's/^## //' | awk -F': ' '{printf "  %-22s %s\n", $$1, $$2}'
