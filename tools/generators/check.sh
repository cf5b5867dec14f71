#!/usr/bin/env bash
# Feeds the contract to the generators that other people use: each must read it without a
# warning, and what it generates must compile. See `make test-generators`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
spec=../../api/openapi.gen.yaml
out=../../.gradus/generators
jar=../../.gradus/openapi-generator/$(node -p 'require("./openapitools.json")["generator-cli"].version').jar
# Orval and the wrapper need a newer Node than the rest of Gradus.
PATH=$PWD/node_modules/node/bin:$PATH

# What openapi-generator warns of, and the contract cannot help: it names parts of its own
# model, its Python cannot call a class From, and Java shows no examples that are objects.
expected='Failed to get the schema name: null|From \(reserved word\)|Ignoring complex example'

step() { echo "-- $*"; }

rm -rf "$out"
mkdir -p "$out"

step "openapi-generator from npm: validate"
npx --no-install openapi-generator-cli validate --recommend -i "$spec" | tee "$out/validate.log"
grep -q '^No validation issues detected' "$out/validate.log" # warnings do not change its exit status

# The wrapper has downloaded the artifact from Maven Central.
for language in typescript-fetch python java; do
	step "openapi-generator from Maven: $language"
	java -jar "$jar" generate -i "$spec" -g "$language" -o "$out/$language" >"$out/$language.log" 2>&1 || { cat "$out/$language.log"; exit 1; }
	if grep -E 'WARN|ERROR' "$out/$language.log" | grep -vE "$expected"; then
		echo "fix the contract, or add the warning with its reason to tools/generators/check.sh" >&2
		exit 1
	fi
done
python3 -m compileall -q "$out/python"

step "openapi-typescript"
npx --no-install openapi-typescript "$spec" --output "$out/openapi-typescript.ts"

step "orval"
npx --no-install orval --config orval.config.mjs

step "tsc"
npx --no-install tsc --project .
