#!/usr/bin/env bash
# Builds a Debian base image without a registry: debootstrap, then docker import.
# Usage: base.sh SUITE TAG
set -euo pipefail

suite=$1
tag=$2

if docker image inspect "$tag" >/dev/null 2>&1; then
	echo "base image $tag: exists"
	exit 0
fi

# The machine's mirror, for a CI that has access to nothing else.
mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "Debian" {print $2; exit}')
mirror=${mirror:-http://deb.debian.org/debian/}

# apt's network settings. debootstrap's wget needs the same proxy.
settings=$(apt-config dump | grep -E '^Acquire::(https?::|Retries|Check-Valid-Until|Check-Date|ForceIPv)' || true)
eval "$(apt-config shell http_proxy_apt Acquire::http::Proxy https_proxy_apt Acquire::https::Proxy)"
if [ -n "${http_proxy_apt:-}" ] && [ "$http_proxy_apt" != DIRECT ]; then export http_proxy=$http_proxy_apt; fi
if [ -n "${https_proxy_apt:-}" ] && [ "$https_proxy_apt" != DIRECT ]; then export https_proxy=$https_proxy_apt; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

# A debootstrap older than the suite has no script for it. Newer suites use sid's.
script=/usr/share/debootstrap/scripts/$suite
[ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid

echo "base image $tag: debootstrap $suite"
if ! debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$mirror" "$script" >"$work/log" 2>&1; then
	tail -n 30 "$work/log" "$root/debootstrap/debootstrap.log" 2>/dev/null || true
	exit 1
fi

printf '%s\n' "$settings" 'APT::Install-Recommends "false";' >"$root/etc/apt/apt.conf.d/90ci"
# Trust the same certificates as the host, in case the mirror has a private one.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt" 2>/dev/null || true
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*

tar -C "$root" --numeric-owner -c . | docker import --change 'CMD ["bash"]' - "$tag" >/dev/null
echo "base image $tag: built"
