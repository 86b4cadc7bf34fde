# Part 1: takes the handed-over lines apart and keeps every setting that matters as a record:
#   r_name r_value  the variable and its value (never printed as it is)
#   r_rank          how much it counts: 1 managed, 3 local, 4 project, 5 user, 6 ~/.claude.json, 7 this terminal,
#                   8 a start-up file (counts in new terminals), 9 does not count
#   r_kind r_place  where it is, for the analysis and for people
# Measured with Claude Code 2.1.197 and 2.1.330: the lowest rank wins; within a file and among start-up files the last.

BEGIN {
    FS = "\t"
    rank["managed"] = 1; rank["local"] = 3; rank["project"] = 4; rank["user"] = 5; rank["legacy"] = 6
    rank["process"] = 7; rank["system"] = rank["zsh"] = rank["bash"] = rank["fish"] = 8
    rank["default"] = rank["stray"] = rank["dotenv"] = 9
    for (i = 1; i < 128; i++) { hex[sprintf("%02x", i)] = hex[sprintf("%02X", i)] = sprintf("%c", i) }
    split("ANTHROPIC_BASE_URL ANTHROPIC_AUTH_TOKEN ANTHROPIC_API_KEY", first_names, " ")
    split("CLAUDE_CONFIG_DIR API_TIMEOUT_MS API_FORCE_IDLE_TIMEOUT MAX_THINKING_TOKENS ENABLE_TOOL_SEARCH " \
        "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy " \
        "NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED SSL_CERT_FILE SSL_CERT_DIR", more_names, " ")
    for (i in more_names) is_relevant[more_names[i]] = 1
}

/^=claude\t/ { claudes++; claude_version[claudes] = $2; claude_how[claudes] = $3; claude_place[claudes] = $4; next }
/^=auth\t/ { keep_auth(substr($0, 7)); next }
/^=/ { fact[substr($1, 2)] = $2; if (NF > 2) detail[substr($1, 2)] = $3; next }
/^@/ { begin_file(substr($1, 2), $2, $3); next }
/^!/ { file_problem[files] = "unreadable"; next }
/^\|/ { line = substr($0, 2); sub(/\r$/, "", line); line_number++; read_line(line); next }
/^\./ { end_file(); next }

END {
    read_process()
    look_for_faults()
    print_people()
    print_report()
    exit (faults > 0)
}

function relevant(name) {
    if (name in is_relevant) return 1
    if (name ~ /^CLAUDE_CODE_(ENTRYPOINT|SSE_PORT|SESSION|EXECPATH|REMOTE|CHILD)/) return 0
    return name ~ /^(ANTHROPIC|CLAUDE_CODE)_[A-Z0-9_]+$/
}

function read_process(   name) {
    for (name in ENVIRON) if (relevant(name)) add("process", name, ENVIRON[name] "", "this terminal", 1)
}

function add(kind, name, value, place, exported) {
    records++
    r_kind[records] = kind; r_name[records] = name; r_value[records] = value; r_place[records] = place
    r_exported[records] = exported; r_file[records] = kind == "process" ? 0 : files
    r_rank[records] = exported ? rank[kind] : 9
    if (name in name_seen) return
    name_seen[name] = 1
    names++
    all_names[names] = name
}

function begin_file(kind, place, syntax) {
    files++
    file_kind[files] = kind; file_place[files] = place; file_syntax[files] = syntax
    file_first[files] = records + 1
    line_number = 0
    exports_all = syntax == "assignments"
    if (syntax == "json") json_begin()
}

function here() { return file_place[files] " line " line_number }

function read_line(line) {
    if (file_syntax[files] == "json") json_line(line)
    else if (file_syntax[files] == "fish") fish_line(line)
    else if (file_syntax[files] == "fish-variables") fish_variables_line(line)
    else if (file_syntax[files] == "registry") registry_line(line)
    else shell_line(line)
}

function end_file(   i) {
    if (file_syntax[files] != "json") return
    json_end()
    if (file_problem[files] == "") return
    for (i = file_first[files]; i <= records; i++) { r_rank[i] = 9; r_lost[i] = 1 }
    if (top_model[files] != "") top_model[files] = ""
}

# ---- Strict JSON, character by character as far as needed: Claude Code ignores the whole of a file that is not ------

function json_begin() { depth = 0; expect = "value"; json_seen = 0; env_seen = 0 }

function json_fault(text) {
    if (file_problem[files] != "") return
    file_problem[files] = text
    file_where[files] = "line " line_number ", column " column
}

function json_line(rest,   c, size) {
    column = 1
    if (line_number == 1 && substr(rest, 1, 3) == "\357\273\277") rest = substr(rest, 4)
    while (file_problem[files] == "") {
        if (match(rest, /^[ \t\r]+/)) { rest = substr(rest, RLENGTH + 1); column += RLENGTH }
        if (rest == "") return
        json_seen = 1
        c = substr(rest, 1, 1)
        size = 1
        if (c == "\"") {
            size = string_size(rest)
            if (size == 0) { json_fault("a text does not end before the line does"); return }
            json_string(substr(rest, 2, size - 2))
        } else if (c == "{" || c == "[") json_open(c)
        else if (c == "}" || c == "]") json_close(c)
        else if (c == ",") json_comma()
        else if (c == ":") { if (expect == "colon") expect = "value"; else json_fault("a colon that does not belong here") }
        else if (match(rest, /^(true|false|null)/) || match(rest, /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/)) {
            size = RLENGTH
            if (substr(rest, size + 1, 1) ~ /[A-Za-z0-9_.]/) json_fault("a word without quotes")
            else json_value("plain", substr(rest, 1, size))
        } else json_fault(odd_text(rest))
        rest = substr(rest, size + 1)
        column += size
    }
}

function odd_text(rest) {
    if (rest ~ /^(\/\/|\/\*|#)/) return "a comment, which JSON does not allow"
    if (rest ~ /^\047/) return "single quotes where JSON wants double quotes"
    if (rest ~ /^\342\200/) return "typographic quotes where JSON wants plain ones"
    if (rest ~ /^[A-Za-z_]/) return "a word without quotes"
    return "a character that does not belong here"
}

# The length of the text that begins `rest`, with both quotes; 0 when the line ends first.
function string_size(rest,   size) {
    size = 1
    rest = substr(rest, 2)
    while (match(rest, /["\\]/)) {
        size += RSTART
        if (substr(rest, RSTART, 1) == "\"") return size
        size++
        rest = substr(rest, RSTART + 2)
    }
    return 0
}

function json_string(raw,   bare) {
    bare = raw
    gsub(/\\\\/, "", bare)
    gsub(/\\u[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]/, "", bare)
    if (bare ~ /\\[^"\/bfnrt]/) json_fault("a single backslash; JSON wants two")
    else if (bare ~ /[\001-\037]/) json_fault("a tab or another control character inside a text")
    else if (expect == "key" || expect == "key or end") { key_at[depth] = unescape(raw); expect = "colon" }
    else json_value("text", unescape(raw))
}

# Characters beyond ASCII only have to be told apart where a paste brings them; the others become one placeholder.
function unescape(raw,   text, c) {
    text = ""
    while (match(raw, /\\/)) {
        text = text substr(raw, 1, RSTART - 1)
        c = substr(raw, RSTART + 1, 1)
        if (c == "u") { text = text unicode(tolower(substr(raw, RSTART + 2, 4))); raw = substr(raw, RSTART + 6); continue }
        if (c == "n") c = "\n"; else if (c == "t") c = "\t"; else if (c == "r") c = "\r"
        text = text c
        raw = substr(raw, RSTART + 2)
    }
    return text raw
}

function unicode(code) {
    if (code ~ /^00[0-7]/ && substr(code, 3) in hex) return hex[substr(code, 3)]
    if (code ~ /^201[89ab]$/) return "\342\200\230"
    if (code ~ /^201[cdef]$/) return "\342\200\234"
    if (code ~ /^(200[b-f]|2060|feff|00ad)$/) return "\342\200\213"
    if (code == "00a0") return "\302\240"
    return "\303\277"
}

function json_open(c) {
    if (!json_wants_value()) return
    if (depth == 0 && c == "[") file_shape[files] = "it is a list, where Claude Code wants { ... }"
    if (depth == 1) json_top(c)
    if (depth == 2 && in_env()) env_entry("[object Object]")
    depth++
    opened[depth] = c
    key_at[depth] = ""
    expect = c == "{" ? "key or end" : "value or end"
}

function json_close(c) {
    if (depth == 0 || (c == "}") != (opened[depth] == "{")) { json_fault("a " c " that nothing opened"); return }
    if (expect == "key" || (expect == "value" && opened[depth] == "[")) { json_fault("a comma too many before the " c); return }
    if (expect == "colon" || expect == "value") { json_fault("a value is missing before the " c); return }
    depth--
    expect = depth ? "comma or end" : "nothing"
}

function json_comma() {
    if (expect != "comma or end") json_fault("a comma that does not belong here")
    else expect = opened[depth] == "{" ? "key" : "value"
}

function json_wants_value() {
    if (expect == "value" || expect == "value or end") return 1
    if (expect == "comma or end") json_fault("a comma is missing before it")
    else if (expect == "nothing") json_fault("more text after the end")
    else json_fault("a name in double quotes is missing")
    return 0
}

function json_value(type, text) {
    if (!json_wants_value()) return
    if (depth == 0) file_shape[files] = "it is a single value, where Claude Code wants { ... }"
    if (depth == 1) json_top(type, text)
    if (depth == 2 && in_env()) env_entry(text)
    if (depth == 2 && key_at[1] == "permissions" && key_at[2] ~ /^(allow|deny|ask)$/) wrong_shape("permissions." key_at[2], "a list")
    if (depth == 3 && key_at[1] == "customApiKeyResponses" && key_at[2] == "rejected") declined[++declines] = text
    expect = depth ? "comma or end" : "nothing"
}

function in_env() { return opened[1] == "{" && key_at[1] == "env" && opened[2] == "{" }

# An entry at the top of the document: what is not a setting of its own, and what has the wrong shape.
function json_top(type, text,   key, i) {
    key = key_at[1]
    if (key == "env") {
        if (env_seen) {
            fault("env-twice", "env", here(),
                "This file has two env blocks, and only the last one counts; make them one.")
            for (i = file_first[files]; i <= records; i++) { r_rank[i] = 9; r_lost[i] = 1 }
        }
        env_seen = 1
        if (type != "{") wrong_shape("env", "{ ... }")
    } else if (key == "model") {
        if (type == "text") { top_model[files] = text; model_line[files] = line_number } else wrong_shape(key, "a text")
    } else if (key == "apiKeyHelper") {
        if (type == "text") { if (rank[file_kind[files]] < 6) { helpers++; helper_place[helpers] = here() } } else wrong_shape(key, "a text")
    } else if (key == "permissions" || key == "hooks") {
        if (type != "{") wrong_shape(key, "{ ... }")
    } else if (key == "forceLoginMethod" || key == "forceLoginOrgUUID") {
        if (file_kind[files] == "managed") fault("first-party-only", key, here(), \
            "Your organisation allows only logins of its own, so a gateway key cannot work here; ask its administrator.")
    } else if (toupper(key) == key && relevant(key)) {
        add(file_kind[files], key, text, here(), 0)
        fault("outside-env", key, here(),
            "It stands outside the env block, where Claude Code does not see it; move it into env.")
    }
}

function wrong_shape(what, wanted) {
    if (file_kind[files] != "legacy" && file_shape[files] == "") {
        file_shape[files] = what " has to be " wanted
        shape_line[files] = line_number
    }
}

function env_entry(value,   name, plain) {
    name = key_at[2]
    plain = toupper(name)
    gsub(/[ \t]/, "", plain)
    if (relevant(name)) add(file_kind[files], name, value, here(), 1)
    else if (relevant(plain)) {
        add(file_kind[files], plain, value, here(), 0)
        fault("odd-name", plain, here(),
            "The name is not written exactly like this, so it is ignored: capital letters, no blanks.")
    }
}

function json_end() {
    if (!json_seen) { if (file_problem[files] == "") file_note[files] = "empty"; return }
    if (expect != "nothing") json_fault("the file ends too early: a bracket or brace is not closed")
    if (file_problem[files] == "" && file_shape[files] != "") {
        if (file_kind[files] == "legacy") file_shape[files] = ""
        else { file_problem[files] = file_shape[files]; file_where[files] = shape_line[files] ? "line " shape_line[files] : "" }
    }
}
