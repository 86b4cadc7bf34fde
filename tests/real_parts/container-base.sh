#!/bin/sh
# Makes DIR a stand-in for the image `python:3.11-slim`: `sh container-base.sh DIR`, as root, with debootstrap.
#
# Debian's Python of the same minor version, put where the real image has it: /usr/local/bin/python and python3, and a
# pip of its own in /usr/local/lib/python3.11/site-packages. The tests cannot get the real image: no registry of images
# is within their reach.
set -eu

root=$1
debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv,tzdata bookworm "$root"
ln -s /usr/bin/python3.11 "$root/usr/local/bin/python3.11"
ln -s python3.11 "$root/usr/local/bin/python3"
ln -s python3.11 "$root/usr/local/bin/python"
packages=$root/usr/local/lib/python3.11/site-packages
mkdir -p "$packages"
for wheel in "$root"/usr/share/python-wheels/*.whl; do
    python3 -m zipfile -e "$wheel" "$packages"
done
printf '#!/bin/sh\nPYTHONPATH=/usr/local/lib/python3.11/site-packages exec python3 -m pip "$@"\n' >"$root/usr/local/bin/pip"
chmod 0755 "$root/usr/local/bin/pip"
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/*
