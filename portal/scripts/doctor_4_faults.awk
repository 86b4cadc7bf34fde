# Part 4: what is wrong. Every fault has an id (listed in portal/scripts/doctor.py), the setting, its place, and what to
# do; `urgency` says which of them is the most probable cause, 1 first.

BEGIN {
    ids = "settings-invalid settings-unreadable not-exported not-loaded other-shell outside-env odd-name config-dir wrong-file " \
        "login-sent cloud-provider first-party-only oauth-token wrong-variable left-over-key key-placeholder key-quotes key-bearer " \
        "key-characters key-blanks key-variable key-empty helper-and-key url-quotes url-blanks url-scheme url-endpoint url-v1 " \
        "url-query url-http shadowed url-other url-path url-empty key-missing url-missing key-declined headers-missing claude-missing " \
        "proxy-scheme proxy-socks proxy-local ca-missing tls-off network-dns network-refused network-tls network-proxy " \
        "network-timeout network-failed env-twice timeout-invalid model-unknown model-unset claude-windows claude-silent " \
        "claude-several key-shared"
    id_count = split(ids, id_list, " ")
    for (i = 1; i <= id_count; i++) urgency[id_list[i]] = i
}

function fault(id, name, place, advice,   where) {
    where = place
    # What concerns a whole file is said once.
    if (id ~ /^(wrong-file|outside-env|not-exported|not-loaded|other-shell)$/) sub(/ line [0-9]+$/, "", where)
    else where = where SUBSEP name
    if ((id, where) in fault_seen) return
    fault_seen[id, where] = 1
    faults++
    fault_id[faults] = id; fault_name[faults] = name; fault_place[faults] = place; fault_advice[faults] = advice
}

# The record that Claude Code uses for a variable, 0 when there is none.
function effective(name,   i, best) {
    best = 0
    for (i = 1; i <= records; i++)
        if (r_name[i] == name && r_rank[i] <= 7 && (!best || r_rank[i] <= r_rank[best])) best = i
    return best
}

# The record of a start-up file that a new terminal will use, 0 when there is none.
function upcoming(name,   i, best) {
    best = 0
    for (i = 1; i <= records; i++) if (r_name[i] == name && r_rank[i] == 8 && (r_kind[i] == "system" || own_shell(i))) best = i
    return best
}

# Whether this is a start-up file of the shell that this person uses.
function own_shell(i) { return fact["shell"] !~ /^(zsh|bash|fish)$/ || r_kind[i] == fact["shell"] || r_kind[i] == "system" }

function value_of(name,   i) { i = effective(name); return i ? r_value[i] : "" }

# Where a record comes from. A variable of this terminal most probably comes from the start-up line with the same value.
function place_of(i,   j, found) {
    if (!i) return "this terminal"
    if (r_kind[i] != "process") return r_place[i]
    found = 0
    for (j = 1; j <= records; j++)
        if (r_rank[j] == 8 && r_name[j] == r_name[i] && (r_value[j] == r_value[i] || r_computed[j])) found = j
    return found ? r_place[found] : r_place[i]
}

function look_for_faults(   i) {
    key_name = fact["credential"]
    other_name = fact["other"]
    gateway = bare_url(fact["url"])
    faults_before = 0
    look_at_files()
    look_at_startup()
    faults_before = faults
    look_at_clouds()
    look_at_key()
    look_at_url()
    for (i = 1; i <= names; i++) look_for_shadow(all_names[i])
    look_at_models()
    look_at_network()
    look_at_programs()
    sort_faults()
}

function look_at_files(   i, f, config_place) {
    for (f = 1; f <= files; f++) {
        if (file_problem[f] == "" || file_syntax[f] != "json" || file_kind[f] ~ /^(stray|default)$/) continue
        if (file_problem[f] == "unreadable")
            fault("settings-unreadable", "-", file_place[f],
                "You are not allowed to read this file, so Claude Code is not either; give yourself the right to.")
        else
            fault("settings-invalid", "-", file_place[f] (file_where[f] == "" ? "" : " " file_where[f]), \
                "Claude Code ignores this whole file: " file_problem[f] ". Mend that place" \
                (fact["guide"] == "" || file_kind[f] == "legacy" ? "." : ", or have the guide repair the file in your browser: " fact["guide"]))
    }
    config_place = place_of(effective("CLAUDE_CONFIG_DIR"))
    for (i = 1; i <= records; i++) {
        if (r_name[i] !~ /^ANTHROPIC_/ || r_lost[i]) continue
        if (r_kind[i] == "default" && r_exported[i])
            fault("config-dir",
                "CLAUDE_CONFIG_DIR", config_place, "Claude Code reads " fact["config"] "/settings.json because of it, not " file_place[r_file[i]] "; remove it, or write your settings there.")
        if (r_kind[i] == "stray" && r_exported[i])
            fault("wrong-file", r_name[i], r_place[i],
                "Claude Code does not read this file; write its settings into " fact_config() "/settings.json.")
        if (r_kind[i] == "dotenv" && r_name[i] ~ /_(BASE_URL|AUTH_TOKEN|API_KEY)$/ && !effective(r_name[i]))
            fault("wrong-file", r_name[i], r_place[i],
                "Claude Code does not read this file by itself; write the setting into " fact_config() "/settings.json.")
        if (r_kind[i] == "project" && r_rank[i] < 9 && r_value[i] != "" && r_name[i] ~ /_(AUTH_TOKEN|API_KEY)$/ && !is_placeholder(r_value[i]))
            fault("key-shared", r_name[i], r_place[i],
                "This file is made for sharing; move the key to .claude/settings.local.json, and have it replaced if it ever was in Git.")
    }
    if (fact["config-missing"] == "yes")
        fault("config-dir",
            "CLAUDE_CONFIG_DIR", config_place, "The folder it names does not exist; remove it, or correct it.")
}

function fact_config() { return fact["config"] == "default" ? "~/.claude" : fact["config"] }

# Variables that a start-up file means to give, and that do not arrive.
function look_at_startup(   i, name) {
    for (i = 1; i <= records; i++) {
        name = r_name[i]
        if (r_lost[i] || name !~ /^ANTHROPIC_(BASE_URL|AUTH_TOKEN|API_KEY)$/ || r_value[i] == "") continue
        if (r_kind[i] !~ /^(zsh|bash|fish|system)$/ || effective(name)) continue
        if (!r_exported[i])
            fault("not-exported", name, r_place[i],
                r_kind[i] == "fish" ? "It is set for fish alone; write set -gx, then open a new terminal." : "It is set for the shell alone; write export in front of it, then open a new terminal.")
        else if (!own_shell(i))
            fault("other-shell", name, r_place[i],
                "Your shell is " fact["shell"] ", which does not read this file; move the line to the start-up file of " fact["shell"] ".")
        else if (name != other_name)
            fault("not-loaded", name, r_place[i],
                "It is written there, but has not reached this terminal; open a new one.")
    }
}

function is_on(value) { return value != "" && tolower(value) !~ /^(0|false|no|off)$/ }

function look_at_clouds(   i, n) {
    for (n = 1; n <= names; n++) {
        if (all_names[n] !~ /^CLAUDE_CODE_USE_(BEDROCK|VERTEX|FOUNDRY|ANTHROPIC_AWS|MANTLE)$/) continue
        i = effective(all_names[n])
        if (!i) i = upcoming(all_names[n])
        if (i && is_on(r_value[i]))
            fault("cloud-provider", all_names[n], place_of(i),
                "With it Claude Code goes to that cloud and not to your gateway; remove it.")
    }
}

function is_placeholder(value) {
    return value ~ /^<.*>$/ || value ~ /^sk-([xX.*]+|\.\.\.)$/ || value ~ /^[xX.*]+$/ || \
        tolower(value) ~ /^(your|my|the|paste|insert|enter)?[-_ ]?(your|gateway|api|auth)?[-_ ]?(api|auth|gateway|litellm)?[-_ ]?(key|token)([-_ ]here)?$/
}

function look_at_key(   key, other, i, arrives) {
    key = effective(key_name)
    other = effective(other_name)
    if (!other) other = upcoming(other_name)
    arrives = key && r_value[key] != ""
    i = effective("CLAUDE_CODE_OAUTH_TOKEN")
    if (i && r_value[i] != "" && !arrives)
        fault("oauth-token",
            "CLAUDE_CODE_OAUTH_TOKEN", place_of(i), "This login token of Claude is sent to your gateway in place of its key; remove it and set " key_name ".")
    if (arrives) {
        look_at_key_text(key)
        if (other && r_value[other] != "")
            fault("left-over-key", other_name, place_of(other),
                "This left-over key is sent to the gateway as well as the right one; remove it" (r_kind[other] == "process" || r_rank[other] == 8 ? ", then open a new terminal." : "."))
        if (helpers)
            fault("helper-and-key", "apiKeyHelper", helper_place[1],
                "Its key and " key_name " are both sent to the gateway; keep one of the two.")
        return
    }
    if (key) { fault("key-empty", key_name, place_of(key),
        "An empty value here wins over every other place; write your key, or remove the line."); return }
    if (helpers) return
    if (other && r_value[other] != "" && r_rank[other] <= 7) {
        fault("wrong-variable", other_name, place_of(other),
            "Your gateway reads the key from another header; rename it to " key_name ".")
        look_at_key_text(other)
    } else if (fact["login"] != "" && value_of("ANTHROPIC_BASE_URL") != "" && host_of(value_of("ANTHROPIC_BASE_URL")) !~ /(^|\.)anthropic\.com$/)
        fault("login-sent", key_name, detail["login"],
            "Your saved Claude login is sent to the gateway, because " key_name " is not set; set it, and run claude /logout if you do not need the login.")
    else if (!explained() && !fault_about("oauth-token"))
        fault("key-missing", key_name, fact_config() "/settings.json",
            "No key reaches Claude Code; set " key_name " in the env block of this file.")
}

# Whether a fault that was found before says why nothing arrives.
function explained(   i) {
    for (i = 1; i <= faults_before; i++)
        if (fault_id[i] ~ /^(settings-|not-|other-shell|outside-env|odd-name|config-dir|wrong-file)/) return 1
    return 0
}

function look_at_key_text(i,   value, name, place) {
    value = r_value[i]; name = r_name[i]; place = place_of(i)
    if (r_computed[i]) return
    if (is_placeholder(trim(value)))
        fault("key-placeholder", name, place, "This is the placeholder of an example; put your own key in its place.")
    else if (value ~ /^[ \t]*["\047`]/ || value ~ /["\047`][ \t]*$/)
        fault("key-quotes", name, place, "The quotes are part of the value and are sent with it; remove them.")
    else if (tolower(value) ~ /^[ \t]*bearer[ \t]/)
        fault("key-bearer", name, place, "Claude Code writes the word Bearer by itself; keep only the key.")
    else if (value ~ /\$[A-Za-z_{(]/)
        fault("key-variable", name, place,
            "Variables are not replaced here, so the name itself is sent; write the key.")
    else if (value ~ /[\200-\377]/)
        fault("key-characters", name, place,
            "It holds a character that no key has (" odd_character(value) "); copy the key again.")
    else if (value ~ /^[ \t\r\n]|[ \t\r\n]$/)
        fault("key-blanks", name, place, "There are blanks before or after the key; remove them.")
    else if (value ~ /[^A-Za-z0-9._~+\/=-]/)
        fault("key-characters", name, place,
            "It holds a blank, a line break or another character that no key has; copy the key again.")
    else if (name == "ANTHROPIC_API_KEY" && was_declined(value))
        fault("key-declined", name, file_of_declined(),
            "You once told Claude Code not to use this key; allow it with /config, Use custom API key.")
}

function odd_character(value) {
    if (value ~ /\342\200[\230-\237]/) return "a typographic quote"
    if (value ~ /\342\200[\213-\217]|\342\201\240|\357\273\277|\302\255/) return "one that is invisible"
    if (value ~ /\302\240/) return "a hard blank"
    return "not a plain letter"
}

function was_declined(value,   i) {
    for (i = 1; i <= declines; i++) if (declined[i] != "" && substr(value, length(value) - 19) == declined[i]) return 1
    return 0
}

function file_of_declined(   f) {
    for (f = 1; f <= files; f++) if (file_kind[f] == "legacy") return file_place[f]
    return "-"
}

function trim(text) { sub(/^[ \t\r\n]+/, "", text); sub(/[ \t\r\n]+$/, "", text); return text }

# An address without what makes no difference to Claude Code: blanks around, slashes at the end, case of the host.
function bare_url(url,   host) {
    url = trim(url)
    sub(/\/+$/, "", url)
    if (match(url, /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\/]*/)) url = tolower(substr(url, 1, RLENGTH)) substr(url, RLENGTH + 1)
    return url
}

function look_at_url(   i, raw, url, place, name, tail) {
    name = "ANTHROPIC_BASE_URL"
    i = effective(name)
    if (!i) { if (!explained() && !fault_about("cloud-provider"))
        fault("url-missing", name, fact_config() "/settings.json",
            "Without it Claude Code goes to Anthropic; set it in the env block of this file."); return }
    raw = r_value[i]; url = bare_url(raw); place = place_of(i)
    if (raw == "") { fault("url-empty", name, place,
        "An empty value here wins over every other place, and Claude Code goes to Anthropic; write the address, or remove the line."); return }
    if (r_computed[i] || (gateway != "" && url == gateway && raw !~ /[ \t\r\n]/)) return
    tail = tolower(url)
    if (raw ~ /["\047`]/ || raw ~ /\342\200[\230-\237]/)
        fault("url-quotes", name, place, "The quotes are part of the value; remove them.")
    else if (raw ~ /[ \t\r\n]/) fault("url-blanks", name, place, "There are blanks in the address; remove them.")
    else if (raw !~ /^[Hh][Tt][Tt][Pp][Ss]?:\/\//)
        fault("url-scheme", name, place, "The address has to begin with https://; write that in front of it.")
    else if (tail ~ /[?#]/)
        fault("url-query", name, place, "The address has a part after ? or #; keep only what stands before it.")
    else if (tail ~ /\/(messages|chat\/completions|completions|models)$/)
        fault("url-endpoint", name, place,
            "This is the address of one function; Claude Code adds /v1/messages itself" should_be())
    else if (tail ~ /\/v1$/)
        fault("url-v1", name, place, "It ends in /v1, which Claude Code adds itself; remove /v1 at its end" should_be())
    else if (gateway == "") return
    else if (host_of(url) != host_of(gateway) || port_of(url) != port_of(gateway)) { if (!shadows_right(i))
        fault("url-other", name, place, "It points to another address than your gateway" should_be()) }
    else if (tail ~ /^http:/ && gateway ~ /^https:/)
        fault("url-http", name, place, "It begins with http://, and the gateway wants https://" should_be())
    else fault("url-path", name, place, "The host is right, the path after it is not" should_be())
}

function should_be() { return gateway == "" ? "." : " (this gateway: " show_url(gateway) ")." }

function port_of(url,   port) {
    port = url
    sub(/^[a-z+.-]*:\/\//, "", port)
    sub(/[\/?#].*/, "", port)
    if (port ~ /:[0-9]+$/) { sub(/^.*:/, "", port); return port }
    return url ~ /^http:/ ? host_of(url) == host_of(gateway) && gateway ~ /^https:/ ? 443 : 80 : 443
}

function fault_about(id,   i) { for (i = 1; i <= faults; i++) if (fault_id[i] == id) return 1; return 0 }

# Whether a weaker place has the right address, so that the stronger place is all that is wrong.
function shadows_right(i,   j) {
    for (j = 1; j <= records; j++)
        if (r_name[j] == r_name[i] && r_rank[j] > r_rank[i] && r_rank[j] <= 8 && gateway != "" && bare_url(r_value[j]) == gateway) return 1
    return 0
}

# A stronger place says something else than a weaker one, which then looks as if it did not work. That a project has
# models or switches of its own is what its file is for.
function look_for_shadow(name,   i, j, weaker) {
    if (name !~ /^(ANTHROPIC|CLAUDE_CODE)_|^API_TIMEOUT_MS$/) return
    i = effective(name)
    if (!i || (r_value[i] == "" && name != "ANTHROPIC_BASE_URL")) return
    if (name == "ANTHROPIC_BASE_URL" && bare_url(r_value[i]) == gateway) return
    if (name == "ANTHROPIC_BASE_URL" && fault_about("url-v1")) return
    weaker = 0
    for (j = 1; j <= records; j++)
        if (r_name[j] == name && r_rank[j] > r_rank[i] && r_rank[j] <= 8 && r_value[j] != "" && r_value[j] != r_value[i] && \
            !r_computed[j] && (r_rank[j] < 8 || own_shell(j)) && (r_rank[j] >= 7 || name ~ /_(BASE_URL|AUTH_TOKEN|API_KEY)$/) && (!weaker || r_rank[j] < r_rank[weaker])) weaker = j
    if (!weaker) return
    if (r_kind[i] == "process") {
        if (place_of(i) == "this terminal")
            fault("shadowed", name, place_of(i),
                "This terminal has another value than " r_place[weaker] ", which new terminals get; make both the same.")
        return
    }
    fault("shadowed", name, place_of(i),
        "It wins over the different value in " place_of(weaker) "; change it here, or remove it here.")
}

function look_at_models(   n, i, f, name, any) {
    if (gateway == "" || host_of(value_of("ANTHROPIC_BASE_URL")) != host_of(gateway)) return
    any = 0
    for (n = 1; n <= names; n++) {
        name = all_names[n]
        if (name !~ /^ANTHROPIC_(MODEL|DEFAULT_MODEL|SMALL_FAST_MODEL|DEFAULT_(OPUS|SONNET|HAIKU|FABLE)_MODEL)$|^CLAUDE_CODE_SUBAGENT_MODEL$/) continue
        i = effective(name)
        if (!i || r_value[i] == "") continue
        if (name ~ /^ANTHROPIC_(MODEL|DEFAULT_MODEL|DEFAULT_OPUS_MODEL)$/) any = 1
        if (!known_model(r_value[i], name !~ /(OPUS|SONNET|HAIKU|FABLE)_MODEL$/))
            fault("model-unknown", name, place_of(i),
                "The model " show_model(r_value[i]) " is not in the list of your gateway; choose one of that list.")
    }
    if (any) return
    for (f = 1; f <= files; f++)
        if (top_model[f] != "" && file_problem[f] == "" && rank[file_kind[f]] < 6) {
            if (!known_model(top_model[f], 1))
                fault("model-unknown", "model", file_place[f] " line " model_line[f],
                    "The model " show_model(top_model[f]) " is not in the list of your gateway; choose one of that list.")
            return
        }
    fault("model-unset",
        "ANTHROPIC_MODEL", fact_config() "/settings.json", "No model is set, so Claude Code asks for one that your gateway may not have; set it in the env block of this file.")
}

function known_model(value, alias_allowed,   n, i, list) {
    sub(/\[1[mM]\]$/, "", value)
    if (alias_allowed && tolower(value) ~ /^(opus|sonnet|haiku|fable|best|opusplan|inherit)$/) return 1
    n = split(fact["models"], list, " ")
    for (i = 1; i <= n; i++) if (list[i] == value) return 1
    return n == 0
}

function look_at_network(   n, i, name, value, lower) {
    for (n = 1; n <= names; n++) {
        name = all_names[n]
        i = effective(name)
        if (!i || r_value[i] == "") continue
        value = trim(r_value[i])
        lower = tolower(name)
        if (lower ~ /^(https?|all)_proxy$/) {
            if (tolower(value) ~ /^socks/)
                fault("proxy-socks", name, place_of(i),
                    "Claude Code cannot use a SOCKS proxy; name an http:// proxy or remove it.")
            else if (value !~ /:\/\//)
                fault("proxy-scheme", name, place_of(i),
                    "The proxy has to begin with http://; some versions end without a word otherwise.")
            else if (gateway != "" && host_of(gateway) ~ /^(localhost|127\.[0-9.]+|\[::1\])$/ && !bypassed(host_of(gateway)))
                fault("proxy-local", name, place_of(i),
                    "Requests to your own computer go to this proxy too; add " host_of(gateway) " to NO_PROXY.")
        } else if (name == "NODE_TLS_REJECT_UNAUTHORIZED" && value == "0")
            fault("tls-off", name, place_of(i),
                "It switches the check of certificates off, so others could read your key; remove it.")
        else if (name ~ /^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/) {
            if (value ~ /^~/)
                fault("ca-missing", name, place_of(i), "The sign ~ is not understood here; write the whole path.")
            else if ((getline lower < value) < 0)
                fault("ca-missing", name, place_of(i),
                    "The file it names cannot be read; correct the path, or remove it.")
        } else if (name == "API_TIMEOUT_MS" && (value !~ /^[0-9][0-9_]*(e[0-9]+)?$/ || value + 0 > 2147483647 || (value !~ /[e_]/ && value + 0 < 1000)))
            fault("timeout-invalid", name, place_of(i),
                "It is a time in milliseconds between 1000 and 2147483647, for example 600000; correct it.")
    }
    i = fact["network"]
    lower = host_of(fact["url"])
    if (i == "dns")
        fault("network-dns", "-", lower, "This name is not known to your network; check your connection, VPN or proxy.")
    if (i == "refused")
        fault("network-refused", "-", lower,
            "The connection was refused; a firewall, a VPN or a stopped gateway is the usual reason.")
    if (i == "timeout")
        fault("network-timeout", "-", lower,
            "It did not answer within 10 seconds; check your connection, VPN or proxy.")
    if (i == "tls")
        fault("network-tls", "-", lower,
            "The secure connection failed; in a company network set NODE_EXTRA_CA_CERTS to its certificate file.")
    if (i == "proxy")
        fault("network-proxy", "-", lower,
            "The proxy did not let the request through; check its address, its password, and that it allows this host.")
    if (i == "failed")
        fault("network-failed", "-", lower, "The request did not come through; check your connection, VPN or proxy.")
    if (fact["headers"] == "yes" && value_of("ANTHROPIC_CUSTOM_HEADERS") == "" && value_of("ANTHROPIC_BASE_URL") != "")
        fault("headers-missing",
            "ANTHROPIC_CUSTOM_HEADERS", fact_config() "/settings.json", "Your gateway needs headers of its own; take them over from the set-up guide.")
}

function bypassed(host,   list, n, i) {
    n = split(value_of("NO_PROXY") "," value_of("no_proxy"), list, /[, ]+/)
    for (i = 1; i <= n; i++) { sub(/:[0-9]+$/, "", list[i]); if (list[i] == "*" || tolower(list[i]) == host) return 1 }
    return 0
}

function look_at_programs(   i, differ) {
    if (!claudes)
        fault("claude-missing", "-",
            "PATH", "No claude is on your PATH; install Claude Code, or add its folder (often ~/.local/bin) to PATH and open a new terminal.")
    differ = 0
    for (i = 1; i <= claudes; i++) {
        if (claude_version[i] != claude_version[1]) differ = i
        if (claude_how[i] == "windows" && i == 1)
            fault("claude-windows", "-", claude_place[i],
                "This is the claude of Windows, which has other settings; install Claude Code inside WSL.")
        else if (claude_version[i] == "silent")
            fault("claude-silent", "-", claude_place[i], "It did not say its version; install Claude Code again.")
    }
    if (differ)
        fault("claude-several", "-", claude_place[1],
            "This claude (" claude_version[1] ") hides the one at " claude_place[differ] " (" claude_version[differ] "); remove the one that you do not want.")
}

# By urgency, and as they were found where that is the same.
function sort_faults(   i, j, k) {
    for (i = 1; i <= faults; i++) order[i] = i
    for (i = 2; i <= faults; i++) {
        k = order[i]
        for (j = i - 1; j >= 1 && urgency[fault_id[order[j]]] > urgency[fault_id[k]]; j--) order[j + 1] = order[j]
        order[j + 1] = k
    }
}
