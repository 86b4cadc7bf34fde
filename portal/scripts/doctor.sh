#!/bin/sh
# Claude Code doctor: says where your settings for Claude Code come from, and what is wrong with them.
#
# It reads:  - the environment of this terminal: ANTHROPIC_*, CLAUDE_*, proxies, certificates
#            - the start-up files of your shell (~/.zshrc, ~/.bashrc, ...) and those of the system
#            - the settings files of Claude Code, and .env and .envrc of the folder you are in
#            - whether a login of Claude Code is saved (never the login itself)
#            - the version of every claude on your PATH, and what claude auth status says
# It changes nothing. It sends nothing but one request without any key to the host of your gateway, to see whether it
# answers; --offline leaves that out.
# Keys are shown as their first 3 and last 4 characters, your home folder as ~.
#
# Use:  curl -fsSL ADDRESS | sh        or   sh doctor.sh [--offline] [--help]
# Ends with 0 when nothing was found, 1 when something was, 2 when it was not understood.

# >>> values of this gateway >>>
GATEWAY_NAME='your gateway'
GUIDE_URL=''
GATEWAY_URL=''
CREDENTIAL='ANTHROPIC_AUTH_TOKEN'
OTHER_CREDENTIAL='ANTHROPIC_API_KEY'
NEEDS_HEADERS='no'
MODELS=''
# <<< values of this gateway <<<

if [ -n "${ZSH_VERSION:-}" ]; then emulate sh; fi
set -u

main() {
    offline=no
    root=
    while [ $# -gt 0 ]; do
        case $1 in
            --offline) offline=yes ;;
            --root)
                if [ $# -lt 2 ]; then misunderstood "$1"; return 2; fi
                root=$2
                shift
                ;;
            -h | --help) print_help; return 0 ;;
            *) misunderstood "$1"; return 2 ;;
        esac
        shift
    done
    # Bytes mean the same to every awk and sed in this locale. With CDPATH, cd prints.
    LC_ALL=C
    export LC_ALL
    unset CDPATH
    home=${HOME:-/nonexistent}
    # The home folder may be reached through a link; a folder above it is not shown as ".", or your name would be.
    folder=$(pwd -P)
    real_home=$(cd "$home" 2> /dev/null && pwd -P)
    project=$folder
    case $real_home/ in "$folder"/*) project=/nonexistent ;; esac
    if [ "$folder" = "$real_home" ]; then folder=$home; fi
    if [ -n "${CLAUDE_CONFIG_DIR:-}" ]; then config=$CLAUDE_CONFIG_DIR; else config=$home/.claude; fi
    system=$(name_system)
    for needed in awk sed; do
        if ! command -v "$needed" > /dev/null 2>&1; then
            echo "The doctor needs $needed, which is not on your PATH." >&2
            return 2
        fi
    done
    collect < /dev/null | analyse
}

print_help() {
    cat << 'HELP'
Says where your settings for Claude Code come from, and what is wrong with them. Reads only.

  --offline    do not ask whether the gateway answers
  --root DIR   look for system-wide files below DIR instead of / (for tests)
  --help       this text

Exit code: 0 nothing found, 1 something found, 2 not understood.
HELP
}

misunderstood() {
    echo "The doctor does not understand these options. Run it with --help to see them." >&2
}

# ---- What is handed to the analysis: lines that begin with a mark --------------------------------------------------
# "=" a fact; "@" a file begins (kind, place as it is shown, syntax); "|" one of its lines; "." it ends.

fact() {
    fact_name=$1
    shift
    printf '=%s' "$fact_name"
    printf '\t%s' "$@"
    printf '\n'
}

# hand_over KIND PATH SYNTAX: the lines of a file, if there is one.
hand_over() {
    [ -f "$2" ] || return 0
    printf '@%s\t%s\t%s\n' "$1" "$(show_path "$2")" "$3"
    if [ -r "$2" ]; then read_text "$2" "$3" | sed 's/^/|/'; else printf '!unreadable'; fi
    printf '\n.\n'
}

# Claude Code accepts UTF-16 with a byte order mark (the > of Windows PowerShell writes it), so it is made readable.
read_text() {
    case $2:$(od -A n -t x1 -N 2 "$1" 2> /dev/null | tr -d ' \n') in
        json:fffe | json:feff)
            if command -v iconv > /dev/null 2>&1; then iconv -f UTF-16 -t UTF-8 "$1"
            else tr -d '\000\376\377' < "$1"; fi ;;
        *) tr -d '\000' < "$1" ;;
    esac
}

# A path as it is shown: below this folder with ., below the home folder with ~, else only if every system has it.
show_path() {
    case $1 in
        "$home") printf '~' ;;
        "$project"/*) printf '.%s' "${1#"$project"}" ;;
        "$home"/*) printf '~%s' "${1#"$home"}" ;;
        "$root"/etc/* | "$root"/Library/* | "$root"/usr/* | "$root"/opt/homebrew/* | "$root"/bin/*)
            printf '%s' "${1#"$root"}" ;;
        "$root"/snap/bin/* | "$root"/home/linuxbrew/.linuxbrew/bin/*) printf '%s' "${1#"$root"}" ;;
        */"Program Files"/*) printf 'C:/Program Files%s' "${1#*/Program Files}" ;;
        *) printf '(another folder)/%s' "${1##*/}" ;;
    esac | tr '\t\n|' '   '
}

name_system() {
    case $(uname -s 2> /dev/null) in
        Darwin) echo macos ;;
        Linux)
            if grep -qi microsoft "$root/proc/version" 2> /dev/null; then echo wsl; else echo linux; fi ;;
        MINGW* | MSYS* | CYGWIN*) echo git-bash ;;
        *) echo other ;;
    esac
}

collect() {
    fact name "$GATEWAY_NAME"
    fact url "$GATEWAY_URL"
    fact guide "$GUIDE_URL"
    fact credential "$CREDENTIAL"
    fact other "$OTHER_CREDENTIAL"
    fact headers "$NEEDS_HEADERS"
    fact models "$MODELS"
    fact os "$system"
    login_shell=${SHELL:-}
    fact shell "${login_shell##*/}"
    fact home "$home"
    fact host "$(uname -n 2> /dev/null)"
    if [ "$config" = "$home/.claude" ]; then fact config default
    else
        fact config "$(show_path "$config")"
        [ -d "$config" ] || fact config-missing yes
    fi
    collect_settings
    collect_startup
    collect_windows
    collect_login
    collect_programs
    collect_network
}

collect_settings() {
    case $system in
        macos) managed="$root/Library/Application Support/ClaudeCode" ;;
        git-bash) managed="$root/c/Program Files/ClaudeCode" ;;
        *) managed=$root/etc/claude-code ;;
    esac
    hand_over managed "$managed/managed-settings.json" json
    for file in "$managed"/managed-settings.d/*.json; do hand_over managed "$file" json; done
    [ -f "$root/Library/Managed Preferences/com.anthropic.claudecode.plist" ] && fact mdm yes
    if [ "$folder/.claude" != "$config" ] && [ "$folder" != "$home" ]; then
        hand_over local "$folder/.claude/settings.local.json" json
        hand_over project "$folder/.claude/settings.json" json
    elif [ "$folder/.claude" = "$config" ]; then
        hand_over local "$config/settings.local.json" json
    fi
    hand_over user "$config/settings.json" json
    if [ "$config" = "$home/.claude" ]; then hand_over legacy "$home/.claude.json" json
    else
        hand_over legacy "$config/.claude.json" json
        hand_over default "$home/.claude/settings.json" json
        hand_over default "$home/.claude.json" json
    fi
    # Places where settings are often written, and which Claude Code does not read.
    [ "$folder" = "$home" ] || hand_over stray "$home/.claude/settings.local.json" json
    for file in .claude/config.json .claude/setting.json .claude/settings.json.txt .claude/.claude/settings.json \
        .config/claude/settings.json .config/claude-code/settings.json; do
        hand_over stray "$home/$file" json
    done
    hand_over dotenv "$folder/.env" assignments
    hand_over dotenv "$folder/.env.local" assignments
    hand_over dotenv "$folder/.envrc" posix
}

# In the order in which a shell reads them: the last one wins.
collect_startup() {
    hand_over system "$root/etc/environment" assignments
    for file in etc/profile etc/zshenv etc/zsh/zshenv etc/zprofile etc/zsh/zprofile etc/zshrc etc/zsh/zshrc \
        etc/bash.bashrc etc/bashrc; do
        hand_over system "$root/$file" posix
    done
    for file in "$root"/etc/profile.d/*.sh; do hand_over system "$file" posix; done
    for file in "$home"/.config/environment.d/*.conf; do hand_over system "$file" assignments; done
    zsh_home=${ZDOTDIR:-$home}
    for file in .zshenv .zprofile .zshrc .zlogin; do hand_over zsh "$zsh_home/$file" posix; done
    for file in .profile .bash_login .bash_profile .bashrc .bash_aliases; do hand_over bash "$home/$file" posix; done
    fish_home=${XDG_CONFIG_HOME:-$home/.config}/fish
    hand_over fish "$fish_home/fish_variables" fish-variables
    for file in "$fish_home"/conf.d/*.fish "$fish_home/config.fish"; do hand_over fish "$file" fish; done
    if [ "$system" = macos ] && command -v launchctl > /dev/null 2>&1; then
        printf '@system\tlaunchctl\tassignments\n'
        for name in ANTHROPIC_BASE_URL ANTHROPIC_AUTH_TOKEN ANTHROPIC_API_KEY; do
            found=$(launchctl getenv "$name" 2> /dev/null)
            [ -n "$found" ] && printf '|%s=%s\n' "$name" "$found"
        done
        printf '.\n'
    fi
}

# Git Bash: the variables that Windows gives to new windows.
collect_windows() {
    [ "$system" = git-bash ] && command -v reg.exe > /dev/null 2>&1 || return 0
    printf '@system\tHKCU\\Environment\tregistry\n'
    reg.exe query 'HKCU\Environment' 2> /dev/null | sed 's/^/|/'
    printf '.\n@system\tHKLM (all users)\tregistry\n'
    reg.exe query 'HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment' 2> /dev/null | sed 's/^/|/'
    printf '.\n'
}

# Only whether there is a login. The Keychain is asked for the entry, not for its secret, so it does not prompt.
collect_login() {
    if grep -q claudeAiOauth "$config/.credentials.json" 2> /dev/null; then
        fact login file "$(show_path "$config/.credentials.json")"
    elif [ "$system" = macos ] && [ -z "$root" ] && command -v security > /dev/null 2>&1 &&
        security find-generic-password -s 'Claude Code-credentials' > /dev/null 2>&1; then
        fact login keychain 'the macOS Keychain'
    fi
}

collect_programs() {
    seen=:
    first=
    rest=${PATH:-}:
    while [ -n "$rest" ]; do
        place=${rest%%:*}
        rest=${rest#*:}
        case $place in /*) ;; *) continue ;; esac
        case $seen in *:"$place":*) continue ;; esac
        seen=$seen$place:
        program=$place/claude
        if [ -f "$program" ] && [ -x "$program" ]; then
            [ -n "$first" ] || first=$program
            version=$(limited 10 "$program" --version | sed -n '1s/^\([0-9][0-9.]*\).*/\1/p')
            fact claude "${version:-silent}" "$(name_installation "$program")" "$(show_path "$program")"
        fi
    done
    if command -v node > /dev/null 2>&1; then fact node "$(limited 10 node --version | sed -n '1s/^v*\([0-9.]*\)$/\1/p')"; fi
    [ -n "$first" ] && ask_claude "$first"
    return 0
}

name_installation() {
    target=$(readlink "$1" 2> /dev/null) || target=
    case $1:$target in
        /mnt/*) echo windows ;;
        *node_modules* | */.nvm/* | */.volta/*) echo npm ;;
        */Caskroom/* | */homebrew/* | */linuxbrew/*) echo homebrew ;;
        *share/claude/versions/* | "$home"/.local/bin/*) echo native ;;
        *) if head -n 1 "$1" 2> /dev/null | tr -d '\000' | grep -q '^#!.*node'; then echo npm; else echo other; fi ;;
    esac
}

# The client writes a state file even when it is only asked. So it is asked in an empty folder that is removed again
# and that has a link to your settings file in it. Not asked where a helper command for the key would be run.
ask_claude() {
    if cat "$config/settings.json" "$managed/managed-settings.json" 2> /dev/null | grep -q apiKeyHelper; then
        fact auth 'not asked, because it would run your apiKeyHelper'
        return 0
    fi
    aside=$(mktemp -d 2> /dev/null) || return 0
    [ -f "$config/settings.json" ] && ln -s "$config/settings.json" "$aside/settings.json" 2> /dev/null
    (
        cd "$aside" || exit 0
        HOME=$aside CLAUDE_CONFIG_DIR=$aside DISABLE_AUTOUPDATER=1 CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1
        export HOME CLAUDE_CONFIG_DIR DISABLE_AUTOUPDATER CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC
        limited 10 "$1" auth status --text
    ) | while IFS= read -r line; do fact auth "$line"; done
    rm -rf "$aside"
}

# limited SECONDS COMMAND...: its output, at most for so long. Without timeout(1), which macOS lacks, a watchdog does it.
limited() {
    limit=$1
    shift
    if command -v timeout > /dev/null 2>&1; then
        timeout "$limit" "$@" < /dev/null 2> /dev/null | head -n 40
        return 0
    fi
    {
        "$@" < /dev/null 2> /dev/null &
        running=$!
        (
            waited=0
            while [ "$waited" -lt "$limit" ]; do
                sleep 1
                kill -0 "$running" || exit 0
                waited=$((waited + 1))
            done
            kill "$running"
        ) > /dev/null 2>&1 &
        wait "$running" 2> /dev/null
    } | head -n 40
}

# One HEAD request to the gateway's host. -q: no .curlrc, which could add a header of yours.
collect_network() {
    if [ "$offline" = yes ] || [ -z "$GATEWAY_URL" ]; then fact network skipped; return 0; fi
    if ! command -v curl > /dev/null 2>&1; then fact network no-curl; return 0; fi
    host=${GATEWAY_URL#*://}
    curl -q -s -I -o /dev/null --max-time 10 "${GATEWAY_URL%%://*}://${host%%/*}/" < /dev/null 2> /dev/null
    case $? in
        0 | 22 | 52 | 8) fact network ok ;;
        6) fact network dns ;;
        7)
            if [ -n "${HTTPS_PROXY:-}${https_proxy:-}${http_proxy:-}${ALL_PROXY:-}${all_proxy:-}" ]; then fact network proxy
            else fact network refused; fi ;;
        28) fact network timeout ;;
        5 | 56 | 97) fact network proxy ;;
        35 | 51 | 53 | 54 | 58 | 59 | 60 | 66 | 77 | 80 | 82 | 83 | 90 | 91) fact network tls ;;
        *) fact network failed ;;
    esac
}

# ---- The analysis: pure text work in awk, which starts no program and writes no file --------------------------------

analyse() {
    awk '
# <<< the analysis (doctor_*.awk) >>>
'
}

main "$@"
