#!/bin/sh
# Makes what docker-compose.yml needs and nobody else may know: `sh deploy/prepare.sh start.example.com`, once.
#
# Writes deploy/secrets/ and the line SITE_DOMAIN of .env. What is there already stays, so that it can be run again;
# with another name than the one in .env it changes nothing. Needs openssl. The folder is closed to others; its files are not, because the containers' users are not their owner.
set -eu

cd "$(dirname "$0")/.."
domain=${1:-}
case $domain in
*[!A-Za-z0-9.-]* | '' | .* | -* | *. | *..*)
    echo "usage: sh deploy/prepare.sh DOMAIN    (the name that visitors type, such as start.example.com)" >&2
    exit 2
    ;;
esac

named=
if [ -f .env ]; then
    named=$(sed -n 's/[[:space:]]#.*//; s/^SITE_DOMAIN=//p' .env | tail -n 1 | tr -d "\"' \t\r")
fi
if [ -n "$named" ] && [ "$named" != "$domain" ]; then
    echo "Nothing was changed: .env says SITE_DOMAIN=$named, not $domain. Change that line, or run this with $named." >&2
    exit 1
fi

umask 077
secrets=deploy/secrets
mkdir -p "$secrets" deploy/profiles
chmod 0755 deploy/profiles

# keep NAME COMMAND…: what the command prints becomes the secret, unless there is one.
keep() {
    name=$1
    shift
    if [ ! -e "$secrets/$name" ]; then
        "$@" >"$secrets/$name.new"
        chmod 0444 "$secrets/$name.new"
        mv "$secrets/$name.new" "$secrets/$name"
    fi
}

random() {
    openssl rand -hex 32
}

keep database_password random
keep database_url printf 'postgresql://portal:%s@database:5432/portal\n' "$(cat "$secrets/database_password")"
keep counters.conf printf 'requirepass %s\n' "$(random)"
keep redis_url sed -n 's|^requirepass \(.*\)$|redis://:\1@counters:6379/0|p' "$secrets/counters.conf"
keep secret_key random
keep metrics_token random
keep oidc_client_secret true

if [ -z "$named" ]; then
    if [ -s .env ] && [ -n "$(tail -c 1 .env)" ]; then # its last line has no end
        echo >>.env
    fi
    printf 'SITE_DOMAIN=%s\n' "$domain" >>.env
fi
echo "Ready for $domain. Start it with: docker compose up -d"
