#!/usr/bin/env bash
# Builds an image for the tests if it does not exist.
# Usage: image.sh FOLDER TAG PROGRAM
set -euo pipefail

folder=$1
tag=$2
program=$3 # whose version is reported
suite=${GRADUS_CI_DEBIAN_SUITE:-trixie}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# A reused machine may have an image of older files.
source=$(cat "$here"/base.sh "$here/$folder"/* | sha256sum | cut -c1-16)-$suite
if [ "$(docker image inspect --format '{{index .Config.Labels "gradus.source"}}' "$tag" 2>/dev/null)" = "$source" ]; then
	echo "image $tag: exists"
	exit 0
fi

base=gradus-test/debian:$suite
bash "$here/base.sh" "$suite" "$base"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "image $tag: docker build"
# Use the host's network, because apt is configured for it.
if ! docker build --network=host --label gradus.source="$source" --build-arg BASE="$base" -t "$tag" "$here/$folder" >"$log" 2>&1; then
	tail -n 40 "$log"
	exit 1
fi
echo "image $tag: built, $(docker run --rm --entrypoint "$program" "$tag" --version)"
