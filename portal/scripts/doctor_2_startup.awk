# Part 2: finds assignments in start-up files without running them, so it knows the usual ways of writing one only.

# bash, zsh and plain NAME=value files.
function shell_line(line,   words, before, name, exports, i) {
    if (line ~ /^[ \t]*#/) return
    if (line ~ /^[ \t]*set[ \t]+(-a|-o[ \t]+allexport)/) { exports_all = 1; return }
    exports = exports_all
    while (match(line, /(^|[ \t;&({])[A-Za-z_][A-Za-z0-9_]*=/)) {
        before = substr(line, 1, RSTART)
        name = substr(line, RSTART, RLENGTH - 1)
        sub(/^[ \t;&({]/, "", name)
        line = substr(line, RSTART + RLENGTH)
        if (before ~ /(^|[ \t])#/) return
        if (before ~ /(^|[ \t;&({])(export|(declare|typeset)[ \t]+-[a-zA-Z]*x[a-zA-Z]*)[ \t]/) exports = 1
        shell_word(line)
        line = word_rest
        # NAME=value command: set for that one command only.
        if (!exports && line ~ /^[ \t]+[^ \t#;&|]/ && line !~ /^[ \t]+[A-Za-z_][A-Za-z0-9_]*=/) continue
        if (relevant(name)) add_startup(name, word, exports)
        if (line ~ /^[ \t]*[;&]/) exports = exports_all
    }
    # export NAME and unset NAME, after the fact.
    if (match(line, /(^|[ \t;&])(export|unset)[ \t]+[A-Za-z_]/)) {
        before = substr(line, RSTART)
        exports = before ~ /^[ \t;&]*export/
        words = split(before, word_at, /[ \t;&]+/)
        for (i = 1; i <= words; i++) if (relevant(word_at[i])) { if (exports) export_later(word_at[i]); else cancel(word_at[i]) }
    }
}

function add_startup(name, value, exported) {
    cancel(name)
    add(file_kind[files], name, value, here(), exported)
    r_computed[records] = word_computed
}

function export_later(name,   i) {
    for (i = file_first[files]; i <= records; i++) if (r_name[i] == name && !r_lost[i]) { r_exported[i] = 1; r_rank[i] = rank[r_kind[i]] }
}

function cancel(name,   i) {
    for (i = file_first[files]; i <= records; i++) if (r_name[i] == name) { r_rank[i] = 9; r_lost[i] = 1 }
}

# Reads one word of the shell off the front of `rest`: sets word, word_rest and word_computed (it holds $NAME or `...`).
function shell_word(rest,   c, quote) {
    word = ""
    word_computed = 0
    quote = ""
    while (rest != "") {
        c = substr(rest, 1, 1)
        if (quote == "" && c ~ /[ \t;&|()<>]/) break
        if (quote == "" && (c == "\"" || c == "\047")) quote = c
        else if (c == quote) quote = ""
        else if (c == "\\" && quote != "\047") { rest = substr(rest, 2); word = word substr(rest, 1, 1) }
        else {
            if (quote != "\047" && (c == "$" || c == "`")) word_computed = 1
            word = word c
        }
        rest = substr(rest, 2)
    }
    word_rest = rest
}

# fish: set -gx NAME value; set -e NAME
function fish_line(line,   options, name) {
    if (!match(line, /^[ \t]*set[ \t]+/)) return
    line = substr(line, RLENGTH + 1)
    options = ""
    while (match(line, /^-[-a-zA-Z]+[ \t]+/)) { options = options " " substr(line, 1, RLENGTH); line = substr(line, RLENGTH + 1) }
    if (!match(line, /^[A-Za-z_][A-Za-z0-9_]*/)) return
    name = substr(line, 1, RLENGTH)
    if (!relevant(name)) return
    line = substr(line, RLENGTH + 1)
    sub(/^[ \t]+/, "", line)
    if (options ~ / -[a-zA-Z]*e/ || options ~ / --erase/) { cancel(name); return }
    shell_word(line)
    add_startup(name, word, options ~ / -[a-zA-Z]*x/ || options ~ / --export/)
}

# fish_variables: SETUVAR --export NAME:value, where \xHH stands for a character.
function fish_variables_line(line,   name, value) {
    if (line !~ /^SETUVAR /) return
    value = line
    sub(/^SETUVAR( --[a-z]+)* /, "", value)
    name = value
    sub(/:.*/, "", name)
    if (!relevant(name)) return
    value = substr(value, length(name) + 2)
    word = ""
    while (match(value, /\\x[0-9a-fA-F][0-9a-fA-F]/)) {
        word = word substr(value, 1, RSTART - 1) hex[tolower(substr(value, RSTART + 2, 2))]
        value = substr(value, RSTART + 4)
    }
    word = word value
    word_computed = 0
    add_startup(name, word, line ~ /^SETUVAR .*--export/)
}

# reg.exe query:     NAME    REG_SZ    value
function registry_line(line,   name) {
    if (!match(line, /^ +[A-Za-z_][A-Za-z0-9_]* +REG_(EXPAND_)?SZ +/)) return
    word = substr(line, RLENGTH + 1)
    name = substr(line, 1, RLENGTH)
    sub(/^ +/, "", name)
    sub(/ .*/, "", name)
    word_computed = 0
    if (relevant(name)) { line_number = ""; add(file_kind[files], name, word, file_place[files], 1) }
}
