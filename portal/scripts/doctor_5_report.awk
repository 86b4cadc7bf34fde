# Part 5: the report for people, then the same as a block for the portal. All values come through part 3.

function print_people(   i, k) {
    print "Claude Code doctor for " fact["name"] (fact["url"] == "" ? "" : " (" host_of(fact["url"]) ")")
    print "It only reads. Keys are masked; this text is safe to share."
    print ""
    if (!faults) print "Nothing wrong was found."
    else print faults (faults == 1 ? " thing" : " things") " to look at, the most likely cause first:"
    for (i = 1; i <= faults; i++) {
        k = order[i]
        print ""
        print sprintf("%2d. ", i) fault_place[k] (fault_name[k] == "-" ? "" : ": " fault_name[k])
        print "    " fault_advice[k]
    }
    print ""
    print "WHERE EACH SETTING COMES FROM"
    print_settings()
    print ""
    print "SETTINGS FILES, the strongest first"
    for (i = 1; i <= files; i++) if (file_syntax[i] == "json") print "  " file_place[i] ": " file_state(i)
    if (fact["mdm"] == "yes") print "  Settings of your organisation (MDM) exist; they win over all files and are not looked into."
    print "  claude --settings FILE, if you use it, wins over all but managed settings; it is not seen here."
    print "  Settings of a folder count after you trusted it; claude -p does not ask."
    print ""
    print "PROGRAMS AND NETWORK"
    print "  System " fact["os"] ", shell " (fact["shell"] == "" ? "unknown" : fact["shell"]) ", settings folder " fact_config()
    for (i = 1; i <= claudes; i++) print "  claude " claude_version[i] " (" claude_how[i] "): " claude_place[i]
    if (fact["node"] != "" && any_npm()) print "  node " fact["node"]
    print "  Saved login: " (fact["login"] == "" ? "none" : detail["login"])
    print "  Key helper: " (helpers ? helper_place[1] : "none")
    for (i = 1; i <= auths; i++) print "  claude auth status (outside projects): " auth[i]
    print "  Gateway host: " network_words()
    if (fact["os"] == "wsl") print "  In WSL, Claude Code reads the settings of WSL, not those of Windows; 127.0.0.1 is WSL itself."
    print ""
}

function any_npm(   i) { for (i = 1; i <= claudes; i++) if (claude_how[i] == "npm") return 1; return 0 }

function network_words() {
    if (fact["network"] == "ok") return "answers"
    if (fact["network"] == "skipped") return "not asked"
    if (fact["network"] == "no-curl") return "not asked, because curl is not there"
    return "does not answer (" fact["network"] ")"
}

function file_state(f) {
    if (file_problem[f] == "unreadable") return "not readable"
    if (file_problem[f] != "") return "broken (" file_problem[f] (file_where[f] == "" ? "" : "; " file_where[f]) ")"
    if (file_kind[f] ~ /^(stray|default)$/) return "not read by Claude Code"
    return file_note[f] == "empty" ? "empty" : "valid"
}

# wins: Claude Code uses it. unused: a stronger place wins. later: for new terminals. ignored: it never counts.
function state_of(i) {
    if (r_rank[i] == 9) return "ignored"
    if (effective(r_name[i]) == i) return "wins"
    if (r_rank[i] <= 7) return "unused"
    if (effective(r_name[i]) && place_of(effective(r_name[i])) == r_place[i]) return "source"
    if (effective(r_name[i])) return "unused"
    return "later"
}

function print_settings(   n, i, k, name) {
    sort_names()
    if (!names) print "  No variable of Claude Code is set anywhere."
    for (n = 1; n <= names; n++) {
        name = all_names[n]
        print "  " name
        for (k = 1; k <= 9; k++)
            for (i = 1; i <= records; i++)
                if (r_name[i] == name && r_rank[i] == k)
                    print "    " sprintf("%-8s", state_of(i)) " " r_place[i] ": " (r_computed[i] ? "(computed)" : show(name, r_value[i]))
    }
}

function sort_names(   i, j, name) {
    for (i = 2; i <= names; i++) {
        name = all_names[i]
        for (j = i - 1; j >= 1 && weight(all_names[j]) > weight(name); j--) all_names[j + 1] = all_names[j]
        all_names[j + 1] = name
    }
}

function weight(name,   i) {
    for (i = 1; i <= 3; i++) if (first_names[i] == name) return i
    return "z" name
}

# Part 6: lines "key: value"; fields of a value are separated by " | ". The words are listed in portal/scripts/doctor.py.
function print_report(   i, k, n) {
    print "-----BEGIN CLAUDE CODE REPORT v1-----"
    print "doctor: sh"
    print "os: " fact["os"]
    print "shell: " (fact["shell"] ~ /^[a-z]+$/ ? fact["shell"] : "unknown")
    print "gateway: " (fact["url"] == "" ? "unknown" : show_url(fact["url"]))
    print "credential: " key_name
    print "config-dir: " fact["config"]
    if (!claudes) print "claude: none"
    for (i = 1; i <= claudes; i++) print "claude: " claude_version[i] " | " claude_how[i] " | " claude_place[i]
    if (fact["node"] != "") print "node: " fact["node"]
    print "login: " (fact["login"] == "" ? "none" : fact["login"])
    print "helper: " (helpers ? helper_place[1] : "none")
    for (i = 1; i <= auths; i++) print "auth: " auth[i]
    print "network: " fact["network"]
    for (i = 1; i <= files; i++)
        if (file_syntax[i] == "json") {
            k = file_state(i)
            sub(/ \(.*/, "", k)
            if (k ~ /^not/) k = k == "not readable" ? "unreadable" : "unread"
            print "settings: " file_kind[i] " | " k " | " file_place[i] (file_where[i] == "" ? "" : " " file_where[i])
        }
    for (n = 1; n <= names; n++)
        for (k = 1; k <= 9; k++)
            for (i = 1; i <= records; i++)
                if (r_name[i] == all_names[n] && r_rank[i] == k)
                    print "var: " r_name[i] " | " state_of(i) " | " r_kind[i] " | " r_place[i] " | " (r_computed[i] ? "(computed)" : show(r_name[i], r_value[i]))
    for (i = 1; i <= faults; i++) print "finding: " fault_id[order[i]] " | " fault_name[order[i]] " | " fault_place[order[i]]
    print "findings: " faults + 0
    print "-----END CLAUDE CODE REPORT v1-----"
}
