#!/bin/sh
# Sets up Claude Code for a gateway, on this machine, for you.
#
# What it does, in this order:
#   1. asks for your key without showing it, or takes it from the variable that --key-env names
#   2. sends the gateway one request for one token with that key, to see whether the key works (--no-check leaves it out)
#   3. puts the settings below into the file below; everything else in that file stays as it is, byte for byte
#   4. leaves a copy of the file as it was, and a small record for --undo, beside the file
#
# What it does not do: install anything, send anything anywhere but to the gateway, need sudo for your own settings,
# put the key into a command line, into the shell's history or into a file other than the settings and their record.
#
# There is no key in this text. It is the same for everybody who made the same choices, so it can be read, compared and
# kept. Run it with --dry-run to see what it would change, with --help for everything else.
#
# It runs in any POSIX shell (dash, bash, zsh, busybox; Git Bash on Windows). Nothing happens before its last line, so a
# download that breaks off does no harm.

# ---- Your choices -----------------------------------------------------------------------------------------------------
# shellcheck disable=SC2016,SC2034 # the values are literal, and not every scope needs all of them
#@values
# ---- The script: the same for everybody --------------------------------------------------------------------------------

[ -z "${ZSH_VERSION-}" ] || emulate sh # else zsh ends an EXIT trap with the function that sets it
set -u
umask 077
LC_ALL_BEFORE=${LC_ALL-}
LC_ALL=C
export LC_ALL

dry_run='' undo='' assume_yes='' check=yes key_env='' given_key='' key='' work='' lock='' tty_state=''
touched='' left_behind='' engine_first='' file_1='' file_2=''

usage() {
    cat <<'END_OF_HELP'
Sets up Claude Code for the gateway named at the top of this script.

  --dry-run        say what would change, and change nothing
  --undo           give every touched setting its previous value back
  --yes            answer every question with yes, also whether to write a key that the gateway rejected;
                   only the mode of an existing file stays as it is
  --no-check       do not try the key at the gateway
  --key-env NAME   take the key from the environment variable NAME instead of asking
  --help           this text

As a pipe:  curl -fsSL ADDRESS | sh -s -- --dry-run

Exit codes
   0  done, or nothing to do
   1  something went wrong that has no code of its own
   2  an option is unknown, or this is the wrong folder
   3  no key: none given, not a key, or no terminal to ask on
   4  the gateway rejected the key; nothing was written
   5  the settings file is not JSON that can be changed; nothing was written
   6  none of python3, node, jq, perl, osascript works here
   7  Git tracks the file that would hold the key; nothing was written
   8  this needs an administrator (sudo)
   9  the file or its folder cannot be written, or the disk is full
  10  another run holds the lock
  11  nothing to undo
  12  a settings file would win over the variables of the shell; nothing was written
 129, 130, 131, 143  ended by a signal
END_OF_HELP
}

say() { printf '%s\n' "$@"; }

quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; } # a word that can be pasted

fail() { # code, sentences
    fail_code=$1
    shift
    for fail_sentence in "$@"; do
        # What one of two files got before the other one failed is not nothing.
        [ -z "$touched" ] || fail_sentence=${fail_sentence%%Nothing was changed.*}
        printf '%s\n' "$fail_sentence" >&2
    done
    [ -z "$touched" ] || say_touched
    exit "$fail_code"
}

say_touched() { printf '%s\n' "Already written: $touched. Run the script again to finish, or with --undo." >&2; }

# ---- Ending, in whatever way -------------------------------------------------------------------------------------------

clean_up() {
    [ -z "$tty_state" ] || stty "$tty_state" </dev/tty
    tty_state=''
    [ -z "$lock" ] || rm -rf "$lock"
    lock=''
    [ -z "$work" ] || rm -rf "$work"
    work=''
}

interrupted() { # code
    trap '' HUP INT QUIT TERM
    if [ -n "$touched" ]; then
        printf '\n%s\n' 'Interrupted.' >&2
        say_touched
    else
        printf '\n%s\n' 'Interrupted. Nothing was changed.' >&2
    fi
    exit "$1"
}

set_traps() {
    trap clean_up EXIT
    trap 'interrupted 129' HUP
    trap 'interrupted 130' INT
    trap 'interrupted 131' QUIT
    trap 'interrupted 143' TERM
}

# ---- The key -----------------------------------------------------------------------------------------------------------

has_terminal() { (: </dev/tty) 2>/dev/null; }

ask_key() {
    has_terminal || fail 3 'There is no terminal to ask for the key on. Put the key into a variable, and name it: --key-env NAME.'
    tty_state=$(stty -g </dev/tty) || fail 3 'The terminal cannot hide what you type. Use --key-env NAME instead.'
    stty -echo </dev/tty # before the question: whoever pastes at once must not see it either
    printf 'Paste your key for %s, then press Enter (it is not shown): ' "$gateway" >/dev/tty
    IFS= read -r key </dev/tty
    stty "$tty_state" </dev/tty
    tty_state=''
    printf '\n' >/dev/tty
}

read_key() {
    if [ -z "$key_env" ]; then
        ask_key
    else
        [ -n "$given_key" ] || fail 3 "The variable $key_env is empty or not set."
        key=$given_key
    fi
    key=$(printf '%s' "$key" | clean_paste)
    judge_key
}

# A program for sed that takes out what cannot be seen, the marks that turn the direction of writing among it.
without_invisible() {
    printf 's/\302\255//g;s/\315\217//g;s/\330\234//g;s/\341\205[\237\240]//g;s/\341\236[\264\265]//g'
    printf ';s/\341\240\216//g;s/\342\200[\213-\217\252-\256]//g'
    printf ';s/\342\201[\240-\244\246-\257]//g;s/\357\273\277//g'
}

# What a paste adds around a key: terminal marks, invisible characters, blanks, line breaks, "export NAME=", quotes, "Bearer".
clean_paste() {
    paste_marks=$(printf 's/\033\[20[01]~//g') # what a terminal puts around a paste
    paste_blank=$(printf 's/\302\240/ /g;s/\342\200[\200-\212\257]/ /g;s/\343\200\200/ /g')
    paste_quote=$(printf '(["'\''`]|\342\200[\230-\232\234-\236]|\302[\253\273])+')
    paste_name="[\"']?([A-Z][A-Z0-9_]*_(KEY|TOKEN))[\"']?"
    paste_set="(export +|set +-[a-zA-Z]+ +|setx +|set +\"?|[\$]env:)?"
    tr -d '\r\n' | tr '\t' ' ' | sed -E \
        -e "$paste_marks" -e "$(without_invisible)" -e "$paste_blank" -e 's/^ +//' -e 's/ +$//' \
        -e "s/^$paste_set$paste_name *([=:] *| )//" -e 't named' -e 'b quotes' \
        -e ':named' -e 's/[;,]+$//' \
        -e ':quotes' -e "s/^$paste_quote *//" -e "s/ *$paste_quote\$//" \
        -e 's/^([Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn]: *)?[Bb][Ee][Aa][Rr][Ee][Rr] +//'
}

judge_key() {
    case $key in
        '') fail 3 'No key was given. Nothing was changed.' ;;
        "$placeholder" | '<'*'>' | sk-...* | sk-[xX][xX][xX]*)
            case $key in
                sk-*[!xX.]*) ;;
                *) fail 3 'This is the placeholder from the guide. Use the key that your gateway gave you.' ;;
            esac
            ;;
    esac
    [ "${#key}" -le 4096 ] || fail 3 "This is too long to be a key (${#key} characters). Copy only the key."
    case $key in
        *[!A-Za-z0-9._~+/=-]*)
            key_start=${key%%[!A-Za-z0-9._~+/=-]*}
            fail 3 "Character $((${#key_start} + 1)) cannot be part of a key. Keys are made of letters, digits and - . _ ~ + / = only." \
                "Copy the key again from your gateway's console. Nothing was changed."
            ;;
    esac
}

# Prints the text with the key in the places that wait for it. printf is built in: no command line shows the key.
with_key() { # text
    with_rest=$1
    while :; do
        case $with_rest in
            *"$placeholder"*)
                printf '%s%s' "${with_rest%%"$placeholder"*}" "$key"
                with_rest=${with_rest#*"$placeholder"}
                ;;
            *) break ;;
        esac
    done
    printf '%s' "$with_rest"
}

without_key() { # text
    without_rest=$1
    while [ -n "$key" ]; do
        case $without_rest in
            *"$key"*)
                printf '%s***' "${without_rest%%"$key"*}"
                without_rest=${without_rest#*"$key"}
                ;;
            *) break ;;
        esac
    done
    printf '%s' "$without_rest"
}

masked() { # secret: its first 3 and last 4 characters, if it is long and plain enough
    case $1 in
        *[!\ -~]*) printf '***' ;;
        ????????????*)
            masked_rest=${1#???}
            printf '%s...%s' "${1%"$masked_rest"}" "${1#"${1%????}"}"
            ;;
        *) printf '***' ;;
    esac
}

confirmed() { # question
    [ -z "$assume_yes" ] || return 0
    has_terminal || return 1
    printf '%s [y/N] ' "$1" >/dev/tty
    IFS= read -r confirmed_answer </dev/tty || return 1
    case $confirmed_answer in
        [yY] | [yY][eE][sS]) return 0 ;;
    esac
    return 1
}

# ---- One token from the gateway ----------------------------------------------------------------------------------------

check_key() {
    [ -n "$check" ] || return 0
    if ! has_program curl; then
        say 'The key was not checked: there is no curl on this machine.'
        return 0
    fi
    say "Trying the key at $base_url (20 seconds at most) ..."
    # The headers reach curl on its standard input, and ~/.curlrc is not read. Redirects are not followed.
    check_status=$(with_key "$check_headers" | curl -q -K - -sS --max-time 20 --proto '=http,https' \
        --data-binary "$check_body" -o "$work/answer" -w '%{http_code}' 2>"$work/curl")
    check_code=$?
    if [ "$check_code" -ne 0 ] && [ "${check_status:-000}" = 000 ]; then
        say "The key was not checked: $(curl_trouble "$check_code") at $base_url."
        return 0
    fi
    judge_answer "$check_status"
}

curl_trouble() { # curl's exit code
    case $1 in
        5 | 97) printf 'the proxy was not found or refused' ;;
        6) printf 'the address was not found' ;;
        7) printf 'nothing answered' ;;
        28) printf 'no answer within 20 seconds' ;;
        35 | 51 | 53 | 54 | 58 | 59 | 60 | 66 | 77 | 80 | 82 | 83 | 90 | 91) printf 'no trusted secure connection' ;;
        *) printf 'curl ended with code %s' "$1" ;;
    esac
}

answer_says() { # pattern
    grep -E -i -q -e "$1" "$work/answer" 2>/dev/null
}

judge_answer() { # status
    case $1 in
        2??)
            if answer_says '"(type|role)" *: *"(message|assistant)"' && ! answer_says '"choices" *:|"type" *: *"error"'; then
                say 'The gateway accepted the key.'
                return 0
            fi
            ;;
        3??)
            say "The gateway's address leads somewhere else (HTTP $1). The key was not sent there, and not checked."
            return 0
            ;;
    esac
    if answer_says 'litellm\.[a-z.]*(Authentication|PermissionDenied)Error|no available channel key'; then
        say "The gateway has trouble with its own provider (HTTP $1), not with your key: $(quoted_answer)"
    elif [ "$1" = 402 ] || answer_says 'insufficient[_ a-z]*(quota|balance|credit)|credit balance|billing_error|budget|quota_failed|额度|余额'; then
        say "The key is known, but has no credit left (HTTP $1): $(quoted_answer)" \
            '  Add credit in the console of your gateway. Nothing has to change here.'
    elif is_about_model "$1"; then
        say "The gateway does not offer the model $check_model (HTTP $1): $(quoted_answer)" \
            "  Choose another model in the guide, then run the new command: $guide"
    elif [ "$1" = 401 ] || { is_denial "$1" && answer_says 'auth(entication)?_error|no_db_connection|expired_key|invalid.{0,20}(api.?key|token|key)|无效的令牌'; }; then
        say "The gateway rejected the key (HTTP $1): $(quoted_answer)"
        confirmed 'Write the settings with this key anyway?' || fail 4 'Nothing was changed. Copy the key again from your gateway, and run this once more.'
    else
        say "The gateway answered, but not as expected (HTTP $1): $(quoted_answer)" \
            '  Whether the key works is not known. If claude does not answer, ask whoever runs the gateway.'
    fi
}

is_denial() { case $1 in 400 | 401 | 403 | 422) ;; *) return 1 ;; esac }

is_about_model() { # status
    case $1 in
        400 | 403 | 404 | 422 | 500 | 503)
            answer_says 'model_not_found|not_found_error.{0,80}model|model.{0,120}(not exist|not found|unknown|not (supported|available|valid))|invalid model|(unknown|unsupported) model|no available channels?|无可用渠道|无权访问.{0,20}模型'
            ;;
        *) return 1 ;;
    esac
}

# At most 200 characters of what the gateway said, on one line, with nothing key-like in it.
quoted_answer() {
    quoted_text=$(head -c 4000 "$work/answer" 2>/dev/null | tr '\000-\037\177' ' ' | sed -E \
        -e "$(printf 's/\302[\200-\237]/ /g')" -e "$(without_invisible)" \
        -e 's/<[^>]*>/ /g' -e 's/  +/ /g' -e 's/^ //' \
        -e 's/(sk|pk|rk|ak)-[A-Za-z0-9._~+*=-]{4,}/***/g' -e 's/[Bb]earer +[^ ",]{6,}/***/g')
    quoted_text=$(without_key "$quoted_text")
    printf '%s' "$quoted_text" | head -c 200 | whole_characters
}

# Drops what a cut left of a UTF-8 character at the end.
whole_characters() { sed -E "$(printf 's/[\300-\377][\200-\277]{0,2}$//')"; }

# ---- Merging: an engine answers which bytes stay and what comes between them ---------------------------------------------

# Whether the program is here. On a Mac without developer tools, python3 and git are stubs that open a window.
has_program() { # name
    case $(command -v "$1") in
        '') return 1 ;;
        /usr/bin/python3 | /usr/bin/git) [ ! -e /usr/bin/xcode-select ] || /usr/bin/xcode-select -p >/dev/null 2>&1 ;;
    esac
}

run_engine() { # name; request on standard input
    case $1 in
        python3) python3 -I -S "$work/merge.py" ;;
        node) node "$work/merge.js" ;;
        jq) jq -R -s -r -f "$work/merge.jq" ;;
        perl) perl "$work/merge.pl" ;;
        osascript) osascript -l JavaScript "$work/merge.js" ;;
    esac
}

# Every byte stays one byte: beyond ASCII becomes DEL, the carriage return a form feed, what would stop a reader U+0001.
mask_bytes() { tr '\000\014\015\032\036\200-\377' '\001\001\014\001\001\177'; }

# Asks the engines, the one that worked before first; the answer is in $work/changes, $work/document and $work/record.
ask_engine() { # apply or undo, what the file was before, orders, file with the record, file with the document
    {
        printf '%s\n' "$1" "created $2" "$3"
        printf '\036'
        mask_bytes <"$4"
        printf '\036'
        mask_bytes <"$5"
    } >"$work/request" || fail 9 'There is no space left for temporary files. Nothing was changed.'
    for ask_name in $engine_first python3 node jq perl osascript; do
        has_program "$ask_name" || continue
        write_engine "$ask_name" || fail 9 'There is no space left for temporary files. Nothing was changed.'
        if run_engine "$ask_name" <"$work/request" 2>/dev/null | (cd "$work" && sort_reply); then
            engine_first=$ask_name
            return 0
        fi
    done
    fail 6 'Changing the file needs one of python3, node, jq, perl or osascript, and none of them works here.' \
        "Nothing was changed. The guide can merge the file for you: $guide#fold-merge"
}

# Writes each part of a reply into the file of its name; fails if the reply has no beginning or no end.
sort_reply() {
    awk '
        BEGIN { printf "" >"changes"; printf "" >"document"; printf "" >"record" }
        { sub(/\r$/, ""); last = $0 }
        NR == 1 { whole = $0 == "portal-merge 1"; part = "changes"; next }
        $0 == "document" || $0 == "record" { part = $0; next }
        whole && $0 != "same" && $0 != "end" { print >part }
        END { exit !(whole && last == "end") }'
}

# Puts a text together from its pieces on standard input.
assemble() { # file D, file R
    while IFS= read -r piece; do
        case $piece in
            'T '*) printf '%s' "${piece#T }" ;;
            L) printf '\n' ;;
            C) printf '\r\n' ;;
            'D '*) copy_bytes "$1" "${piece#D }" ;;
            'R '*) copy_bytes "$2" "${piece#R }" ;;
        esac || return 1
    done
}

copy_bytes() { # file, "from to"
    copy_from=${2%% *} copy_to=${2##* }
    [ "$copy_to" -gt "$copy_from" ] || return 0
    tail -c "+$((copy_from + 1))" "$1" | head -c "$((copy_to - copy_from))"
}

# ---- Files -------------------------------------------------------------------------------------------------------------

# Follows symbolic links, so that the file itself is replaced and the link stays.
real_path() { # path
    real_file=$1
    real_hops=0
    while [ -L "$real_file" ] && [ "$real_hops" -lt 40 ]; do
        real_link=$(readlink "$real_file")
        case $real_link in
            /*) real_file=$real_link ;;
            *) real_file=${real_file%/*}/$real_link ;;
        esac
        real_hops=$((real_hops + 1))
    done
    printf '%s' "$real_file"
}

# Copies the file as it is to $work/before, and without a byte order mark, never empty, to $work/body.
take_snapshot() { # file
    snapshot_created=no
    if [ ! -e "$1" ]; then
        snapshot_created=absent
        : >"$work/before"
    else
        [ -f "$1" ] || fail 9 "$1 is not a file. Nothing was changed."
        cat "$1" >"$work/before" 2>/dev/null || fail 9 "$1 cannot be read, or there is no space for a copy. Nothing was changed."
    fi
    case $(od -A n -t x1 -N 3 "$work/before") in
        *ef*bb*bf*) tail -c +4 "$work/before" >"$work/body" ;;
        *ff*fe* | *fe*ff*) fail 5 "$1 is in UTF-16. Save it as UTF-8, then run this again. Nothing was changed." ;;
        *) cat "$work/before" >"$work/body" ;;
    esac
    if [ -z "$(tr -d ' \t\r\n' <"$work/body" | head -c 1)" ]; then
        [ "$snapshot_created" = absent ] || snapshot_created=empty
        printf '{}\n' >"$work/body"
    fi
}

# Stops if the engine found a document that cannot be changed: says where.
refuse_bad_document() { # path
    bad_line=$(sed -n 1p "$work/changes")
    case $bad_line in
        invalid*) bad_what='is not valid JSON' ;;
        'shape '*' root') bad_what='does not hold an object: {…}' ;;
        shape*) bad_what="has something else than an object under \"${bad_line##* }\"" ;;
        *) return 0 ;;
    esac
    bad_line=${bad_line#* }
    bad_at=${bad_line%% *}
    if [ "$bad_at" -gt 0 ]; then head -c "$bad_at" "$work/body"; fi >"$work/good"
    bad_row=$(($(wc -l <"$work/good") + 1))
    bad_column=$(($(tail -n "+$bad_row" "$work/good" | tr -d '\200-\277' | wc -c) + 1))
    fail 5 "$1 $bad_what (line $bad_row, column $bad_column). Claude Code ignores the whole file. Nothing was changed." \
        "Correct it there and run this again, or have the guide repair it: $guide#fold-merge"
}

# Nearest folder above the path that exists.
existing_folder() { # path
    existing=${1%/*}
    while [ -n "$existing" ] && [ ! -d "$existing" ]; do existing=${existing%/*}; done
    printf '%s' "${existing:-/}"
}

can_write() { # path
    [ -w "$(existing_folder "$1")" ] && { [ ! -e "$1" ] || [ -w "$1" ]; }
}

refuse_unwritable() { # path, "admin" when the place is the machine's
    can_write "$1" && return 0
    [ "$2" != admin ] || fail 8 "$1 belongs to the machine. Run this as an administrator: ${command%sh}sudo sh. Nothing was changed."
    if [ -e "$1" ] && [ ! -w "$1" ]; then
        fail 9 "$1 is read-only. Allow writing (chmod u+w), then run this again. Nothing was changed."
    fi
    fail 9 "The folder $(existing_folder "$1") is read-only for you. Nothing was changed."
}

refuse_tracked() { # path of a file that will hold the key
    has_program git || return 0
    [ -d "${1%/*}" ] || return 0
    (cd "${1%/*}" && git ls-files --error-unmatch -- "${1##*/}") </dev/null >/dev/null 2>&1 || return 0
    fail 7 "Git tracks $1, so the key would be published with it. Nothing was changed." \
        "Take the file out of Git first: git -C $(quoted "${1%/*}") rm --cached $(quoted "${1##*/}"), commit, and have keys replaced that were in it."
}

make_folder() { # folder, "private" or "shared"
    [ ! -d "$1" ] || return 0
    (
        [ "$2" = private ] || umask 022
        mkdir -p "$1" 2>/dev/null
    ) || fail 9 "The folder $1 cannot be made. Nothing was changed."
}

# One run at a time for each file: a folder beside it is the lock, and holds the new text until it is complete.
take_lock() { # path
    lock_tries=0
    while ! mkdir "$1.portal-lock" 2>/dev/null; do
        [ -d "$1.portal-lock" ] || fail 9 "Nothing can be written beside $1: the folder is read-only, or the disk is full. Nothing was changed."
        remove_stale_lock "$1.portal-lock"
        lock_tries=$((lock_tries + 1))
        [ "$lock_tries" -lt 75 ] || fail 10 "Another run is changing $1. Wait for it, or remove the folder $1.portal-lock if there is none."
        sleep 0.2 2>/dev/null || sleep 1
    done
    lock=$1.portal-lock
    printf '%s\n' "$$" >"$lock/pid" 2>/dev/null || fail 9 "There is no space left beside $1. Nothing was changed."
}

remove_stale_lock() { # lock
    stale_pid=$(cat "$1/pid" 2>/dev/null)
    if [ -n "$stale_pid" ]; then
        ! kill -0 "$stale_pid" 2>/dev/null || return 0
        # Somebody else's process, or a process in another container, counts as dead only after a while.
        [ ! -e "/proc/$stale_pid" ] || return 0
    elif [ -z "$(find "$1" -prune -mmin +2 2>/dev/null)" ]; then
        return 0
    fi
    mv "$1" "$1.$$" 2>/dev/null || return 0
    if [ "$(cat "$1.$$/pid" 2>/dev/null)" = "$stale_pid" ]; then
        rm -rf "$1.$$"
    else
        mv "$1.$$" "$1" 2>/dev/null || :
    fi
}

drop_lock() {
    rm -rf "$lock"
    lock=''
}

# Puts $work/new in the place of the file, in one step. Under the lock. 2 when somebody else changed the file meanwhile.
replace_file() { # path, "private" or "shared", "backup" or nothing
    if [ -e "$1" ]; then
        cmp -s "$1" "$work/before" || return 2
        cp -p "$1" "$lock/new" 2>/dev/null || no_space "$1" # keeps owner and mode
    elif [ -s "$work/before" ]; then
        return 2
    fi
    copy_exactly "$work/new" "$lock/new" || no_space "$1"
    if [ ! -e "$1" ]; then
        [ "$2" = private ] || chmod 644 "$lock/new"
    fi
    backup=''
    if [ -s "$1" ] && [ "$3" = backup ]; then
        backup=$1.backup-$(date +%Y%m%d-%H%M%S)
        while [ -e "$backup" ]; do backup=$backup+; done
        copy_exactly "$work/before" "$lock/copy" || no_space "$1"
        mv "$lock/copy" "$backup" || no_space "$1"
    fi
    mv -f "$lock/new" "$1" 2>/dev/null || fail 9 "$1 cannot be replaced. Nothing was changed."
    touched="${touched:+$touched, }$1"
}

# The new content of a file that keeps its mode; a full disk shows in the comparison.
copy_exactly() { # from, to
    cat "$1" >"$2" 2>/dev/null && cmp -s "$1" "$2"
}

no_space() { fail 9 "There is no space left, or no right to write, beside $1. The file is as it was. Make room and run this again."; }

write_record() { # path: the record for --undo
    copy_exactly "$work/new-record" "$lock/record" || no_space "$1"
    mv -f "$lock/record" "$1.portal-undo" 2>/dev/null || no_space "$1"
}

# ---- One settings file -------------------------------------------------------------------------------------------------

file_path() { # where, path below it
    case $1 in
        user) printf '%s' "${CLAUDE_CONFIG_DIR:-$HOME/.claude}/${2##*/}" ;;
        project) printf '%s' "$(pwd)/$2" ;;
        machine) printf '%s' "$2" ;;
    esac
}

record_of() { # path: the record, or an empty file
    if [ -f "$1.portal-undo" ]; then printf '%s' "$1.portal-undo"; else printf '/dev/null'; fi
}

# Works out what the file would become: $work/changes says how, $work/new and $work/new-record are the texts.
plan_file() { # path, orders
    take_snapshot "$1"
    plan_orders=$2
    case $snapshot_created in
        absent | empty) plan_orders="$schema_order
$2" ;;
    esac
    plan_record=$(record_of "$1")
    ask_engine apply "$snapshot_created" "$plan_orders" "$plan_record" "$work/body"
    refuse_bad_document "$1"
    assemble "$work/body" "$plan_record" <"$work/document" >"$work/new" || no_space "$1"
    assemble "$work/body" "$plan_record" <"$work/record" >"$work/new-record" || no_space "$1"
}

changes_anything() { [ -s "$work/document" ]; }

# The new text must be JSON in which nothing is left to change; everything else would be an error in this script.
prove_new_text() { # path, orders
    cp "$work/changes" "$work/changes.kept"
    cp "$work/document" "$work/document.kept"
    ask_engine apply no "$2" /dev/null "$work/new"
    case $(sed -n 1p "$work/changes") in
        created*) ;;
        *) fail 1 "The new text of $1 is not complete (is the disk full?). Nothing was changed." ;;
    esac
    [ ! -s "$work/document" ] || fail 1 "The new text of $1 is not as planned. Nothing was changed."
    mv "$work/changes.kept" "$work/changes"
    mv "$work/document.kept" "$work/document"
}

apply_file() { # path, orders, "private" or "shared"
    if [ -n "$dry_run" ]; then
        plan_file "$1" "$2"
        report_changes "$1" would
        return 0
    fi
    [ "$3" != private ] || ask_about_readers "$1"
    make_folder "${1%/*}" "$3"
    apply_tries=0
    while :; do
        take_lock "$1"
        plan_file "$1" "$2"
        changes_anything || break
        prove_new_text "$1" "$2"
        write_record "$1" # first: a record without its change does no harm, a change without its record cannot be undone
        replace_file "$1" "$3" backup && break
        drop_lock
        apply_tries=$((apply_tries + 1))
        [ "$apply_tries" -lt 5 ] || fail 10 "Another program keeps changing $1. Close it and run this again."
    done
    drop_lock
    report_changes "$1" written
    warn_readable "$1" "$3"
}

report_changes() { # path, "would" or "written"
    if ! changes_anything; then
        say "$1 is already set up."
        return 0
    fi
    if [ "$2" = would ] || [ -n "$dry_run" ]; then say "$1 would change:"; else say "$1"; fi
    while IFS= read -r report_line; do
        case $report_line in
            'change '*) report_change "${report_line#change }" ;;
        esac
    done <"$work/changes"
    [ "$2" = would ] || [ -z "$backup" ] || say "  The file as it was: $backup"
}

report_change() { # "action section name old new"
    change_action=${1%% *} change_rest=${1#* }
    change_section=${change_rest%% *} change_rest=${change_rest#* }
    change_name=${change_rest%% *} change_rest=${change_rest#* }
    case $change_rest in
        '- '*) change_old='' change_new=${change_rest#- } ;;
        *)
            change_new=${change_rest#D * }
            change_new=${change_new#* }
            change_old=${change_rest%" $change_new"}
            change_old=$(copy_bytes "$work/body" "${change_old#D }")
            ;;
    esac
    case $change_new in
        'T '*) change_new=${change_new#T } ;;
        'R '*) change_new=$(copy_bytes "$plan_record" "${change_new#R }") ;;
        *) change_new='' ;;
    esac
    change_label=$change_name
    [ "$change_section" = . ] || [ "$change_section" = env ] || change_label=$change_section.$change_name
    change_was=''
    [ -z "$change_old" ] || change_was=" (was $(shown_value "$change_name" "$change_old"))"
    case $change_action in
        add) say "  set $change_label = $(shown_value "$change_name" "$change_new")" ;;
        replace) say "  set $change_label = $(shown_value "$change_name" "$change_new")$change_was" ;;
        remove) if [ -n "$dry_run" ]; then say "  remove $change_label$change_was"; else say "  removed $change_label$change_was"; fi ;;
        left) say "  left $change_label: it was changed since" ;;
    esac
}

shown_value() { # name, JSON text
    shown=${2#\"}
    shown=${shown%\"}
    case $shown in
        '') shown_text='(empty)' ;;
        "$placeholder") shown_text='your key' ;;
        *) shown_text='' ;;
    esac
    if [ -n "$shown_text" ]; then
        printf '%s' "$shown_text"
        return 0
    fi
    case $1 in
        *TOKEN* | *KEY* | *SECRET* | *PASSWORD* | *HELPER* | *AUTH*) masked "$shown" ;;
        *HEADERS*) printf '***' ;;
        *)
            shown=$(without_key "$shown")
            case $shown in
                *sk-????*) shown='***' ;;
                *://*@*) shown="${shown%%://*}://***@${shown##*@}" ;;
            esac
            shown=${shown%%\?*}
            shown_text=$(printf '%s' "$shown" | tr '\n' ' ')
            [ "${#shown_text}" -le 100 ] || shown_text=$(printf '%s' "$shown_text" | head -c 97 | whole_characters)...
            printf '%s' "$shown_text"
            ;;
    esac
}

# Whether others can read the file: it lets them, and so do the folders above it.
others_can_read() { # path
    [ -e "$1" ] && [ -z "${MSYSTEM-}" ] || return 1 # in Git Bash, modes mean nothing
    readers_all=yes readers_group=yes
    [ "$(id -gn 2>/dev/null)" != "$(id -un 2>/dev/null)" ] || readers_group='' # a group of one
    readers_mode=$(ls -ld "$1")
    case $readers_mode in ???????r*) ;; *) readers_all='' ;; esac
    case $readers_mode in ????r*) ;; *) readers_group='' ;; esac
    for readers_folder in "$HOME" "${1%/*}"; do
        readers_mode=$(ls -ld "$readers_folder/.")
        case $readers_mode in ?????????[xt]*) ;; *) readers_all='' ;; esac
        case $readers_mode in ??????[xs]*) ;; *) readers_group='' ;; esac
    done
    [ -n "$readers_all$readers_group" ]
}

# Before the key is in the file. Its mode is the visitor's: without an answer it stays, and the end says so.
ask_about_readers() { # path
    [ -z "$dry_run$assume_yes" ] && others_can_read "$1" || return 0
    confirmed "Others on this machine can read $1, which will hold your key. Let only you read it (chmod 600)?" || return 0
    chmod 600 "$1" || say "The mode of $1 cannot be changed."
}

warn_readable() { # path, "private" or "shared"
    if [ "$2" = private ] && others_can_read "$1"; then
        say '  Others on this machine can read your key in this file. Let only you read it:' "  chmod 600 $(quoted "$1")"
    fi
}

# A `model` of an earlier set-up that this gateway cannot serve: say so, and have it removed if that is wanted.
judge_model() { # path, orders; prints nothing, sets $model_order
    model_order=''
    case $2 in
        *'set env ANTHROPIC_MODEL '*) ;;
        *) return 0 ;;
    esac
    take_snapshot "$1"
    ask_engine apply no 'look . model' /dev/null "$work/body"
    model_found=$(sed -n 's/^found \. model D //p' "$work/changes")
    [ -n "$model_found" ] || return 0
    model_text=$(copy_bytes "$work/body" "$model_found")
    model_text=${model_text#\"}
    model_text=${model_text%\"}
    case "
$served_models
" in
        *"
${model_text%\[1m\]}
"*) return 0 ;;
    esac
    say "$1 asks for the model $(shown_value model "$model_text"), which this gateway's set-up does not have."
    if [ -n "$dry_run" ]; then
        say '  It would be removed, if you agree.'
    elif confirmed '  Remove that line?'; then
        model_order='
drop . model'
    else
        say '  It stays. Remove it, or choose a model with /model in claude.'
    fi
}

undo_file() { # path, "admin" or ""; 1 when there is nothing to undo
    [ -f "$1.portal-undo" ] || return 1
    if ! can_write "$1"; then
        [ "$2" = admin ] || refuse_unwritable "$1" ''
        left_behind=yes
        say "$1 belongs to the machine: an administrator can take it back:  ${command%sh}sudo sh -s -- --undo"
        return 0
    fi
    if [ ! -e "$1" ]; then
        say "$1 is gone already."
        [ -n "$dry_run" ] || rm -f "$1.portal-undo"
        return 0
    fi
    undo_tries=0
    while :; do
        [ -n "$dry_run" ] || take_lock "$1"
        plan_undo "$1"
        [ -z "$dry_run" ] || break
        finish_undo "$1" && break
        drop_lock
        undo_tries=$((undo_tries + 1))
        [ "$undo_tries" -lt 5 ] || fail 10 "Another program keeps changing $1. Close it and run this again."
    done
    say "$1"
    while IFS= read -r report_line; do
        case $report_line in
            'change '*) report_change "${report_line#change }" ;;
        esac
    done <"$work/changes"
    [ -n "$dry_run" ] || rm -f "$1.portal-undo"
    [ -n "$dry_run" ] || drop_lock
    [ -z "$undo_removed" ] || say '  removed the file: nothing else was in it'
    [ -n "$dry_run" ] || [ -z "$undo_removed" ] || rmdir "${1%/*}" 2>/dev/null || :
}

plan_undo() { # path
    take_snapshot "$1"
    plan_record=$1.portal-undo
    ask_engine undo no '' "$plan_record" "$work/body"
    refuse_bad_document "$1"
    undo_created=$(sed -n 's/^created //p' "$work/changes")
    undo_removed=''
    if grep -q '^bare$' "$work/changes" && [ "$undo_created" = absent ]; then
        undo_removed=yes
    fi
    assemble "$work/body" "$plan_record" <"$work/document" >"$work/new" || no_space "$1"
    if grep -q '^bare$' "$work/changes" && [ "$undo_created" = empty ]; then : >"$work/new"; fi
}

finish_undo() { # path
    if [ -n "$undo_removed" ]; then
        cmp -s "$1" "$work/before" || return 2
        rm -f "$1" || fail 9 "$1 cannot be removed."
        touched="${touched:+$touched, }$1"
    elif [ -s "$work/document" ]; then
        [ ! -s "$work/new" ] || prove_new_text "$1" ''
        replace_file "$1" private ''
    fi
}

# ---- What Git must not see ---------------------------------------------------------------------------------------------

missing_ignore_lines() { # file; prints the lines that are not in it
    printf '%s\n' "$ignore_lines" | while IFS= read -r ignore_line; do
        case $ignore_line in
            '#'*) ;;
            *) grep -q -x -F -e "$ignore_line" "$1" 2>/dev/null || printf '%s\n' "$ignore_line" ;;
        esac
    done
}

apply_ignore() { # .gitignore or Git's own exclude file; a link is followed
    set -- "$(real_path "$1")"
    ignore_missing=$(missing_ignore_lines "$1")
    [ -n "$ignore_missing" ] || return 0
    if [ -n "$dry_run" ]; then
        say "$1 would get the line$(printf '\n  %s' "$ignore_missing")"
        return 0
    fi
    {
        [ ! -e "$1" ] || cat "$1"
        [ -z "$(tail -c 1 "$1" 2>/dev/null)" ] || printf '\n'
        printf '%s\n' "${ignore_lines%%
*}" "$ignore_missing"
    } >"$work/ignore" || no_space "$1"
    install_text "$1" "$work/ignore" 644
    say "$1"
    printf '%s\n' "$ignore_missing" | sed 's/^/  added /'
}

# Copies may hold a key. As long as one is there, Git must go on not to see it.
has_copies() {
    for left_copy in "${file_1%/*}"/*.backup-*; do
        [ ! -e "$left_copy" ] || return 0
    done
    return 1
}

undo_ignore() { # .gitignore or Git's own exclude file; a link is followed
    set -- "$(real_path "$1")"
    grep -q -x -F -e "${ignore_lines%%
*}" "$1" 2>/dev/null || return 1
    if has_copies; then
        say "$1" '  left our lines: they keep copies that may hold a key (*.backup-*) out of Git'
        return 0
    fi
    if [ -n "$dry_run" ]; then
        say "$1 would lose our lines"
        return 0
    fi
    printf '%s\n' "$ignore_lines" >"$work/lines"
    grep -v -x -F -f "$work/lines" "$1" >"$work/ignore"
    if [ -s "$work/ignore" ]; then install_text "$1" "$work/ignore" 644; else rm -f "$1"; fi
    say "$1" && say '  removed our lines'
}

# Replaces a text file that needs no record: mode kept, in one step.
install_text() { # path, new text, mode of a new file
    take_lock "$1"
    if [ -e "$1" ]; then cp -p "$1" "$lock/new" 2>/dev/null || no_space "$1"; fi
    copy_exactly "$2" "$lock/new" || no_space "$1"
    [ -e "$1" ] || chmod "$3" "$lock/new"
    mv -f "$lock/new" "$1" 2>/dev/null || fail 9 "$1 cannot be replaced."
    touched="${touched:+$touched, }$1"
    drop_lock
}

git_exclude_file() {
    has_program git || return 1
    if git check-ignore -q "$file_1" && git check-ignore -q "$file_1.portal-undo"; then
        return 1
    fi </dev/null >/dev/null 2>&1
    exclude=$(git rev-parse --git-path info/exclude </dev/null 2>/dev/null) || return 1
    make_folder "${exclude%/*}" shared
    printf '%s' "$exclude"
}

# ---- Start-up files ----------------------------------------------------------------------------------------------------

startup_path() {
    case $startup in
        zsh) printf '%s' "${ZDOTDIR:-$HOME}/.zshrc" ;;
        bash) printf '%s' "$HOME/.bashrc" ;;
        bash-login) # the first of the three that exists, as bash does
            for startup_name in .bash_profile .bash_login .profile; do
                if [ -e "$HOME/$startup_name" ]; then
                    printf '%s' "$HOME/$startup_name"
                    return 0
                fi
            done
            printf '%s' "$HOME/.bash_profile"
            ;;
    esac
}

# Prints the file without our block. A block whose end is missing is not ours to cut: it is printed again.
without_block() { # file
    awk -v begin="$block_begin" -v end="$block_end" '
        { line = $0; sub(/\r$/, "", line) } # an editor may have saved the file with CRLF
        line == begin { printf "%s", held; held = ""; inside = 1 }
        inside { held = held $0 "\n"; if (line == end) { held = ""; inside = 0 } next }
        { print }
        END { printf "%s", held }' "$1"
}

# What a settings file sets wins over the shell's environment, so a start-up file would do nothing.
judge_stronger() {
    stronger=''
    stronger_user=$(file_path user settings.json)
    for stronger_file in "$(pwd)/.claude/settings.local.json" "$(pwd)/.claude/settings.json" "$stronger_user"; do
        [ "$stronger_file" != "$stronger" ] || continue # the home folder's is both
        stronger_names=$(names_set_in "$stronger_file" 2>/dev/null)
        [ -n "$stronger_names" ] || continue
        stronger=$stronger_file
        say "$stronger_file sets $stronger_names. A settings file wins over the shell, so claude goes on with those values."
    done
    [ -n "$stronger" ] || return 0
    say "  Take them out of it, or choose the settings file in the guide instead of the shell: $guide"
    [ -n "$dry_run" ] || confirmed 'Set the variables of the shell anyway?' ||
        fail 12 'Nothing was changed. With --yes, the variables are set anyway.'
}

# In a process of its own: a file that cannot be read, is no JSON, or meets no engine, sets nothing.
names_set_in() { # settings file
    [ -f "$1" ] && [ -r "$1" ] || return 0
    take_snapshot "$1"
    # shellcheck disable=SC2086 # a line for each name
    ask_engine apply no "$(printf 'look env %s\n' $names)" /dev/null "$work/body"
    sed -n 's/^found env \([^ ]*\) .*/\1/p' "$work/changes" | tr '\n' ' ' | sed 's/ $//'
}

apply_startup() {
    startup_file=$(real_path "$(startup_path)")
    refuse_unwritable "$startup_file" ''
    refuse_tracked "$startup_file"
    ask_about_readers "$startup_file"
    [ -n "$dry_run" ] || make_folder "${startup_file%/*}" private
    [ -n "$dry_run" ] || take_lock "$startup_file"
    if [ -e "$startup_file" ]; then
        cat "$startup_file" >"$work/before" || fail 9 "$startup_file cannot be read. Nothing was changed."
    else
        : >"$work/before"
    fi
    { without_block "$work/before" && printf '%s\n' "$block_begin" && with_key "$block" && printf '\n%s\n' "$block_end"; } \
        >"$work/new" || no_space "$startup_file"
    if cmp -s "$work/before" "$work/new"; then
        say "$startup_file is already set up."
    elif [ -n "$dry_run" ]; then
        say "$startup_file would get this block, with your key in it:" "" "$block"
    else
        replace_file "$startup_file" private backup || fail 10 "Another program is changing $startup_file. Run this again."
        say "$startup_file has the block now. Open a new terminal for it."
        [ -z "$backup" ] || say "  The file as it was: $backup"
        warn_readable "$startup_file" private
    fi
    [ -n "$dry_run" ] || drop_lock
}

undo_startup() {
    startup_file=$(real_path "$(startup_path)")
    grep -q -x -F -e "$block_begin" "$startup_file" 2>/dev/null || fail 11 "There is nothing to undo: $startup_file has no block of ours."
    if [ -n "$dry_run" ]; then
        say "The block in $startup_file would be removed."
        return 0
    fi
    refuse_unwritable "$startup_file" ''
    take_lock "$startup_file"
    cat "$startup_file" >"$work/before"
    without_block "$work/before" >"$work/new" || no_space "$startup_file"
    if [ -s "$work/new" ]; then
        replace_file "$startup_file" private '' || fail 10 "Another program is changing $startup_file. Run this again."
    else
        rm -f "$startup_file"
    fi
    drop_lock
    say "The block in $startup_file is removed. Open a new terminal."
    say_copies "$startup_file"
}

# fish keeps universal variables itself; the values reach it through its environment.
run_fish() { # program
    has_program fish || fail 9 'There is no fish on this machine.'
    if [ -n "$LC_ALL_BEFORE" ]; then LC_ALL=$LC_ALL_BEFORE; else unset LC_ALL; fi
    fish -c "$1" </dev/null
    fish_code=$?
    LC_ALL=C
    export LC_ALL
    return "$fish_code"
}

# The variables in these programs are fish's. The previous values go into a record: a line for each variable, "name written before", where = stands before a value.
fish_start='
    set -l folder (set -q XDG_CONFIG_HOME; and echo $XDG_CONFIG_HOME; or echo ~/.config)/fish
    set -l record $folder/claude-gateway.portal-undo
    set -l names (string split " " -- $PORTAL_NAMES)
    set -l known
    test -e $record; and set known (cat $record)
'
fish_apply='
    set -l lines
    for name in $names
        set -l holder PORTAL_VALUE_$name
        set -l value (string escape -- "$$holder")
        set -l before -
        set -eg $name
        set -qU $name; and set before =(string escape -- "$$name")
        for line in $known
            set -l words (string split \t -- $line)
            test "$words[1]" = $name; and test "$words[2]" = $before; and set before $words[3]
        end
        set -a lines (string join \t -- $name =$value $before)
        set -Ux $name "$$holder"
    end
    for line in $known
        set -l words (string split \t -- $line)
        contains -- $words[1] $names; or set -a lines $line
    end
    umask 077; mkdir -p $folder; and printf "%s\n" $lines > $record.new; and mv $record.new $record
'
fish_undo='
    test -e $record; or exit 11
    for line in $known
        set -l words (string split \t -- $line)
        set -l name $words[1]
        set -eg $name
        set -l now -
        set -qU $name; and set now =(string escape -- "$$name")
        if test "$now" != "$words[2]"
            echo "  left $name: it was changed since"
        else if test "$words[3]" = -
            set -eU $name; echo "  removed $name"
        else
            set -l old (string sub -s 2 -- $words[3]) # escaped: a line break must not make a list of it
            eval "set -Ux $name $old"; echo "  set $name to what it was"
        end
    end
    rm $record
'

apply_fish() {
    if [ -n "$dry_run" ]; then
        say "fish would keep these as universal variables: $names"
        return 0
    fi
    for fish_name in $names; do
        eval "fish_value=\$value_$fish_name"
        eval "PORTAL_VALUE_$fish_name=\$(with_key \"\$fish_value\")"
        export "PORTAL_VALUE_${fish_name?}"
    done
    PORTAL_NAMES=$names
    export PORTAL_NAMES
    run_fish "$fish_start$fish_apply" || fail 9 'fish could not keep the variables.'
    touched='universal variables of fish'
    say 'fish keeps these as universal variables now:'
    for fish_name in $names; do
        eval "fish_value=\$PORTAL_VALUE_$fish_name"
        # shellcheck disable=SC2154 # set by eval
        say "  $fish_name = $(shown_value "$fish_name" "$fish_value")"
        unset "PORTAL_VALUE_$fish_name"
    done
}

undo_fish() {
    if [ -n "$dry_run" ]; then
        say 'The universal variables of the set-up would get their previous values back.'
        return 0
    fi
    PORTAL_NAMES=$names
    export PORTAL_NAMES
    say 'fish:'
    run_fish "$fish_start$fish_undo"
    case $? in
        0) say 'Open a new terminal.' ;;
        11) fail 11 'There is nothing to undo: fish has no record of a set-up.' ;;
        *) fail 9 'fish could not give the variables back.' ;;
    esac
}

# ---- The engines: the same small program in four languages, of which one is used ----------------------------------------

write_engine() { # name of the program that runs it
    case $1 in
        python3)
            cat >"$work/merge.py" <<'END_OF_ENGINE'
#@engine python
END_OF_ENGINE
            ;;
        node | osascript)
            cat >"$work/merge.js" <<'END_OF_ENGINE'
#@engine javascript
END_OF_ENGINE
            ;;
        jq)
            cat >"$work/merge.jq" <<'END_OF_ENGINE'
#@engine jq
END_OF_ENGINE
            ;;
        perl)
            cat >"$work/merge.pl" <<'END_OF_ENGINE'
#@engine perl
END_OF_ENGINE
            ;;
    esac
}

# ---- The whole ---------------------------------------------------------------------------------------------------------

parse_options() {
    while [ "$#" -gt 0 ]; do
        case $1 in
            --dry-run) dry_run=yes ;;
            --undo) undo=yes ;;
            --yes) assume_yes=yes ;;
            --no-check) check='' ;;
            --key-env=*) key_env=${1#*=} ;;
            --key-env)
                [ "$#" -gt 1 ] || fail 2 '--key-env needs the name of a variable.'
                key_env=$2
                shift
                ;;
            --help | -h)
                usage
                exit 0
                ;;
            *) fail 2 "The option $1 is not known. Try --help." ;;
        esac
        shift
    done
    case $key_env in
        '') ;;
        [0-9]* | *[!A-Za-z0-9_]*) fail 2 'The name after --key-env is not the name of a variable.' ;;
        *)
            eval "given_key=\${$key_env-}"
            unset "$key_env" # so that no program below inherits it
            ;;
    esac
}

prepare() {
    set_traps
    [ -n "${HOME-}" ] || fail 2 'HOME is not set.'
    work=$(mktemp -d "${TMPDIR:-/tmp}/claude-setup.XXXXXX") || fail 9 'No temporary folder can be made.'
    [ -z "$where_1" ] || file_1=$(real_path "$(file_path "$where_1" "$path_1")")
    [ -z "$where_2" ] || file_2=$(real_path "$(file_path "$where_2" "$path_2")")
    case $scope in
        local | project)
            [ "$(pwd -P)" != "$(cd "$HOME" 2>/dev/null && pwd -P)" ] ||
                fail 2 'This is your home folder. Go to the folder of the project first, then run this again.'
            ;;
    esac
}

# A key is asked for as late as possible: what is wrong with the files comes first.
look_first() {
    [ -z "$file_1" ] || look_at "$file_1" "$kind_1" "$orders_1"
    [ -z "$file_2" ] || look_at "$file_2" "$kind_2" "$orders_2"
}

look_at() { # path, kind, orders
    take_snapshot "$1"
    ask_engine apply no "$3" /dev/null "$work/body"
    refuse_bad_document "$1"
    case $2 in
        private)
            refuse_tracked "$1"
            refuse_unwritable "$1" ''
            ;;
        shared) refuse_unwritable "$1" '' ;;
        admin) [ ! -s "$work/document" ] || refuse_unwritable "$1" admin ;;
    esac
}

get_key() {
    if [ -n "$dry_run" ] && [ -z "$key_env" ]; then
        key=$placeholder
        return 0
    fi
    read_key
    check_key
}

apply_all() {
    look_first
    case $scope in
        managed) ! apply_machine_file || return 0 ;;
        startup) judge_stronger ;;
    esac
    get_key
    case $scope in
        startup) if [ "$startup" = fish ]; then apply_fish; else apply_startup; fi ;;
        managed) apply_own_file ;;
        *)
            judge_model "$file_1" "$orders_1"
            [ "$scope" != project ] || apply_ignore "$(pwd)/.gitignore"
            if [ "$scope" = local ] && exclude_file=$(git_exclude_file); then apply_ignore "$exclude_file"; fi
            [ -z "$file_2" ] || apply_own_file
            apply_file "$file_1" "$(with_key "$orders_1")$model_order" "$kind_1"
            ;;
    esac
    say_what_next
}

apply_own_file() { apply_file "$file_2" "$(with_key "$orders_2")" "$kind_2"; }

# The machine's file holds no key. 0 when it was written now: then each person still has to add their own key.
apply_machine_file() {
    plan_file "$file_1" "$orders_1"
    if ! changes_anything; then
        say "$file_1 is already set up."
        return 1
    fi
    judge_model "$file_1" "$orders_1"
    apply_file "$file_1" "$orders_1$model_order" shared
    say '' 'The machine is set up. Each person now runs the same command without sudo, to add their own key.'
}

say_what_next() {
    say ''
    if [ -n "$dry_run" ]; then
        say 'Nothing was changed.'
        return 0
    fi
    say 'Close every running claude, then try:  claude -p "Reply with one word: connected"'
    case $0 in
        *apply*.sh) say "To take it back:  sh $(quoted "$0") --undo" ;;
        *) say "To take it back:  $command -s -- --undo" ;;
    esac
    say "The guide: $guide"
}

say_copies() { # paths
    copies_title='Copies from before stay. They may hold a key:'
    for copies_of in "$@"; do
        for copies_one in "$copies_of".backup-*; do
            [ -e "$copies_one" ] || continue
            [ -z "$copies_title" ] || say "$copies_title"
            copies_title=''
            say "  $copies_one"
        done
    done
}

undo_all() {
    undone=''
    if [ "$scope" = startup ]; then
        if [ "$startup" = fish ]; then undo_fish; else undo_startup; fi
        return 0
    fi
    if [ -n "$file_2" ] && undo_file "$file_2" ''; then undone=yes; fi
    if undo_file "$file_1" "$kind_1"; then undone=yes; fi
    if [ "$scope" = project ] && undo_ignore "$(pwd)/.gitignore"; then undone=yes; fi
    if [ "$scope" = local ] && exclude_file=$(git rev-parse --git-path info/exclude </dev/null 2>/dev/null) && undo_ignore "$exclude_file"; then
        undone=yes
    fi
    [ -n "$undone" ] || fail 11 "There is nothing to undo: no record of a set-up beside $file_1."
    if [ -n "$dry_run" ]; then
        say 'Nothing was changed.'
    else
        say 'Close every running claude.'
        say_copies "$file_1" "$file_2"
    fi
    [ -z "$left_behind" ] || exit 8
}

main() {
    parse_options "$@"
    prepare
    if [ -n "$undo" ]; then undo_all; else apply_all; fi
}

main "$@"
