# Part 3: the only functions through which a value reaches the output. What is not known to be harmless is masked.

# The first 3 and last 4 characters, and only of something long enough to stay a secret.
function mask(value,   text) {
    if (length(value) < 16) return "***"
    text = substr(value, 1, 3) "..." substr(value, length(value) - 3)
    gsub(/[^A-Za-z0-9._~+\/=-]/, "?", text)
    return text
}

# Whether a text might be a key: a known beginning, or a long run of letters and digits that is no word.
function looks_secret(text,   rest, run) {
    if (tolower(text) ~ /(^|[^a-z0-9])(sk|pk|rk|ak|key|token|secret|bearer|ghp|gho|glpat|xox[a-z]|eyj[a-z0-9]*)[-_. ]/) return 1
    if (text ~ /(^|[^A-Za-z0-9])(eyJ|AKIA|AIza)/) return 1
    rest = text
    while (match(rest, /[A-Za-z0-9_]+/)) {
        run = substr(rest, RSTART, RLENGTH)
        if (length(run) >= 16 && run ~ /[0-9]/) return 1
        if (length(run) >= 24) return 1
        rest = substr(rest, RSTART + RLENGTH)
    }
    return holds_known_secret(text)
}

function is_secret_name(name) {
    return name ~ /(TOKEN|KEY|SECRET|PASS|PASSPHRASE|PASSWORD|HEADERS|BODY|CREDENTIALS?)$/ && name !~ /^CLAUDE_CODE_(MAX|ENABLE|DISABLE)_/
}

# Whether a value of a secret variable stands in the text, wherever that variable was found.
function holds_known_secret(text,   i) {
    for (i = 1; i <= records; i++)
        if (is_secret_name(r_name[i]) && length(r_value[i]) >= 6 && index(tolower(text), tolower(r_value[i]))) return 1
    return 0
}

function show(name, value) {
    if (value == "") return "(empty)"
    if (is_secret_name(name)) return name ~ /HEADERS$/ ? "***" : mask(value)
    if (tolower(value) ~ /^([0-9]+|true|false|yes|no|on|off)$/ && length(value) <= 12) return value
    if (name ~ /_URL$/ || (tolower(name) ~ /_proxy$/ && tolower(name) != "no_proxy")) return show_url(value)
    if (tolower(name) == "no_proxy") return (gsub(/[, ]+/, ",", value) + 1) " hosts"
    if (name ~ /MODEL$/) return show_model(value)
    if (name ~ /(_CERTS|_FILE|_DIR|_CERT)$/) return show_path(value)
    return mask(value)
}

function show_model(value) {
    if (length(value) <= 80 && value ~ /^[A-Za-z0-9][A-Za-z0-9._:\/@-]*(\[1[mM]\])?$/ && !looks_secret(value)) return value
    return mask(value)
}

function show_path(value,   home) {
    home = fact["home"]
    if (home != "" && (value == home || index(value, home "/") == 1)) value = "~" substr(value, length(home) + 1)
    if (value ~ /^(~|\/etc|\/usr|\/opt|\/Library|\/private\/etc)(\/[A-Za-z0-9._\/-]*)?$/ && !looks_secret(value)) return value
    return "(another path)"
}

# scheme://host:port/path, without user, password, query and fragment; parts of the path that are no plain words hidden.
function show_url(value,   scheme, host, path, parts, n, i, shown) {
    gsub(/[\001-\040"\047]/, "", value)
    sub(/[?#].*/, "", value)
    scheme = ""
    if (match(value, /^[A-Za-z][A-Za-z0-9+.-]*:\/\//)) { scheme = substr(value, 1, RLENGTH); value = substr(value, RLENGTH + 1) }
    host = value
    sub(/\/.*/, "", host)
    path = substr(value, length(host) + 1)
    if (host ~ /@/) sub(/^.*@/, "", host)
    else if (host ~ /:[^0-9]/) host = "***"
    shown = show_host(host)
    n = split(path, parts, "/")
    for (i = 2; i <= n; i++) shown = shown "/" (parts[i] ~ /^[A-Za-z0-9._-]*$/ && length(parts[i]) <= 20 && !looks_secret(parts[i]) ? parts[i] : "***")
    return tolower(scheme) shown
}

function show_host(host,   bare) {
    bare = tolower(host)
    sub(/:[0-9]*$/, "", bare)
    if (bare !~ /^[a-z0-9._-]+$/ && bare !~ /^\[[0-9a-f:.]+\]$/) return "***"
    if (bare == tolower(fact["host"]) || index(tolower(fact["host"]), bare ".") == 1) { if (bare != "localhost") return "(this computer)" }
    if (bare == host_of(fact["url"])) return tolower(host)
    return looks_secret(bare) ? "***" : tolower(host)
}

# Lines of claude auth status that name a source and nothing else.
function keep_auth(line) {
    if (line ~ /^(Auth token|API key|Login method): [A-Za-z_. ]+$/ && length(line) < 80 || line ~ /^not asked/) auth[++auths] = line
    else if (line ~ /^Anthropic base URL: /) auth[++auths] = "Anthropic base URL: " show_url(substr(line, 21))
    else if (line ~ /^Not logged in/) auth[++auths] = "Not logged in"
}

function host_of(url) {
    sub(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//, "", url)
    sub(/[\/?#].*/, "", url)
    sub(/^.*@/, "", url)
    sub(/:[0-9]*$/, "", url)
    return tolower(url)
}
