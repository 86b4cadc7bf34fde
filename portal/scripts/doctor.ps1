# Claude Code doctor: says where your settings for Claude Code come from, and what is wrong with them.
#
# It reads:  - the environment of this window, and the variables that Windows keeps for you and for all users
#            - your PowerShell profiles
#            - the settings files of Claude Code, and .env of the folder you are in
#            - whether a login of Claude Code is saved (never the login itself)
#            - the version of every claude on your PATH, and what claude auth status says
# It changes nothing. It sends nothing but one request without any key to the host of your gateway, to see whether it
# answers; --offline leaves that out.
# Keys are shown as their first 3 and last 4 characters, your home folder as ~.
#
# Use:  irm ADDRESS | iex        or   powershell -File doctor.ps1 [--offline] [--help]
# Ends with 0 when nothing was found, 1 when something was, 2 when it was not understood.

& {
# >>> values of this gateway >>>
$GATEWAY_NAME = 'your gateway'
$GUIDE_URL = ''
$GATEWAY_URL = ''
$CREDENTIAL = 'ANTHROPIC_AUTH_TOKEN'
$OTHER_CREDENTIAL = 'ANTHROPIC_API_KEY'
$NEEDS_HEADERS = 'no'
$MODELS = ''
# <<< values of this gateway <<<

Set-StrictMode -Off
$ErrorActionPreference = 'SilentlyContinue'

$offline = $false
foreach ($option in $args) {
    if ($option -eq '--offline') {
        $offline = $true
    } elseif ($option -eq '--help') {
        Write-Output 'Says where your settings for Claude Code come from, and what is wrong with them. Reads only.'
        Write-Output '  --offline   do not ask whether the gateway answers'
        Write-Output '  --help      this text'
        Write-Output 'Exit code: 0 nothing found, 1 something found, 2 not understood.'
        $global:LASTEXITCODE = 0
        return
    } else {
        Write-Output 'The doctor does not understand these options. Run it with --help to see them.'
        $global:LASTEXITCODE = 2
        return
    }
}

$onWindows = [IO.Path]::DirectorySeparatorChar -eq '\'
$userHome = $HOME
if ($onWindows -and $env:USERPROFILE) { $userHome = $env:USERPROFILE }
$folder = (Get-Location -PSProvider FileSystem).ProviderPath
$config = Join-Path $userHome '.claude'
$configShown = '~/.claude'
$records = New-Object System.Collections.ArrayList
$files = New-Object System.Collections.ArrayList
$faults = New-Object System.Collections.ArrayList
$helpers = New-Object System.Collections.ArrayList
$declined = New-Object System.Collections.ArrayList
$output = New-Object System.Collections.ArrayList
$rankOf = @{ managed = 1; local = 3; project = 4; user = 5; legacy = 6; process = 7; 'registry-user' = 8
    'registry-machine' = 8; powershell = 8; default = 9; stray = 9; dotenv = 9 }
$otherNames = @('CLAUDE_CONFIG_DIR', 'API_TIMEOUT_MS', 'API_FORCE_IDLE_TIMEOUT', 'MAX_THINKING_TOKENS',
    'ENABLE_TOOL_SEARCH', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS',
    'NODE_TLS_REJECT_UNAUTHORIZED', 'SSL_CERT_FILE', 'SSL_CERT_DIR')

# The most likely cause first; listed in portal/scripts/doctor.py.
$findingIds = @('settings-invalid', 'settings-unreadable', 'not-exported', 'not-loaded', 'other-shell', 'outside-env',
    'odd-name', 'config-dir', 'wrong-file', 'login-sent', 'cloud-provider', 'first-party-only', 'oauth-token',
    'wrong-variable', 'left-over-key', 'key-placeholder', 'key-quotes', 'key-bearer', 'key-characters', 'key-blanks',
    'key-variable', 'key-empty', 'helper-and-key', 'url-quotes', 'url-blanks', 'url-scheme', 'url-endpoint', 'url-v1',
    'url-query', 'url-http', 'shadowed', 'url-other', 'url-path', 'url-empty', 'key-missing', 'url-missing',
    'key-declined', 'headers-missing', 'claude-missing', 'proxy-scheme', 'proxy-socks', 'proxy-local', 'ca-missing',
    'tls-off', 'network-dns', 'network-refused', 'network-tls', 'network-proxy', 'network-timeout', 'network-failed',
    'env-twice', 'timeout-invalid', 'model-unknown', 'model-unset', 'claude-windows', 'claude-silent',
    'claude-several', 'key-shared')

function Add-Fault($id, $name, $place, $advice) {
    $about = $place + ' ' + $name
    # What concerns a whole file is said once.
    if ($id -cmatch '^(wrong-file|outside-env|not-loaded)$') { $about = $place -creplace ' line [0-9]+$', '' }
    foreach ($fault in $faults) { if (($fault.Id -ceq $id) -and ($fault.About -ceq $about)) { return } }
    $null = $faults.Add(@{ Id = $id; Name = $name; Place = $place; Advice = $advice; About = $about; Number = $faults.Count })
}

function Test-Relevant($name) {
    if (($otherNames -ccontains $name) -or ($name -cmatch '^(https?|all|no)_proxy$')) { return $true }
    if ($name -cmatch '^CLAUDE_CODE_(ENTRYPOINT|SSE_PORT|SESSION|EXECPATH|REMOTE|CHILD)') { return $false }
    return $name -cmatch '^(ANTHROPIC|CLAUDE_CODE)_[A-Z0-9_]+$'
}

# Rank: 1 managed, 3 local, 4 project, 5 user, 6 ~/.claude.json, 7 this window, 8 counts in new windows, 9 never counts.
function Add-Setting($kind, $name, $value, $place, $counts, $file) {
    $rank = 9
    if ($counts) { $rank = $rankOf[$kind] }
    $record = @{ Kind = $kind; Name = $name; Value = [string]$value; Place = $place; Rank = $rank; Written = $counts
        File = $file; Lost = $false; Computed = $false }
    $null = $records.Add($record)
    return $record
}

# ---- Showing values: what is not known to be harmless is masked -----------------------------------------------------

# The first 3 and last 4 characters, and only of something long enough to stay a secret.
function Hide-Value($value) {
    if ($value.Length -lt 16) { return '***' }
    $text = $value.Substring(0, 3) + '...' + $value.Substring($value.Length - 4)
    return $text -creplace '[^A-Za-z0-9._~+/=-]', '?'
}

function Test-SecretName($name) {
    if ($name -cmatch '^CLAUDE_CODE_(MAX|ENABLE|DISABLE)_') { return $false }
    return $name -cmatch '(TOKEN|KEY|SECRET|PASS|PASSPHRASE|PASSWORD|HEADERS|BODY|CREDENTIALS?)$'
}

# Whether a text might be a key: a known beginning, or a long run of letters and digits that is no word.
function Test-Secret($text) {
    if ($text -match '(^|[^a-z0-9])(sk|pk|rk|ak|key|token|secret|bearer|ghp|gho|glpat|xox[a-z]|eyj[a-z0-9]*)[-_. ]') {
        return $true
    }
    if ($text -cmatch '(^|[^A-Za-z0-9])(eyJ|AKIA|AIza)') { return $true }
    foreach ($run in [regex]::Matches($text, '[A-Za-z0-9_]+')) {
        if (($run.Length -ge 16) -and ($run.Value -match '[0-9]')) { return $true }
        if ($run.Length -ge 24) { return $true }
    }
    foreach ($record in $records) {
        if ((Test-SecretName $record.Name) -and ($record.Value.Length -ge 6)) {
            if ($text.IndexOf($record.Value, [StringComparison]::OrdinalIgnoreCase) -ge 0) { return $true }
        }
    }
    return $false
}

function Show-Value($name, $value) {
    if ($value -eq '') { return '(empty)' }
    if ($name -cmatch 'HEADERS$') { return '***' }
    if (Test-SecretName $name) { return Hide-Value $value }
    if (($value.Length -le 12) -and ($value -match '^([0-9]+|true|false|yes|no|on|off)$')) { return $value }
    if ($name -eq 'NO_PROXY') { return [string]@($value -split '[, ]+').Count + ' hosts' }
    if (($name -cmatch '_URL$') -or ($name -match '_PROXY$')) { return Show-Url $value }
    if ($name -cmatch 'MODEL$') { return Show-Model $value }
    if ($name -cmatch '(_CERTS|_FILE|_DIR|_CERT)$') { return Show-Path $value }
    return Hide-Value $value
}

function Show-Model($value) {
    if (($value.Length -le 80) -and ($value -match '^[A-Za-z0-9][A-Za-z0-9._:/@-]*(\[1m\])?$')) {
        if (-not (Test-Secret $value)) { return $value }
    }
    return Hide-Value $value
}

# A path with . for this folder and ~ for the home folder; other paths only if every Windows has them.
function Show-Path($path) {
    $shown = '(another path)'
    if ((Test-Below $path $folder) -and -not (Test-Below $userHome $folder)) {
        $shown = '.' + $path.Substring($folder.Length)
    } elseif (Test-Below $path $userHome) {
        $shown = '~' + $path.Substring($userHome.Length)
    } elseif ($path -match '^[A-Z]:\\(Program Files( \(x86\))?|ProgramData|Windows)\\[A-Za-z0-9 ._\\-]*$') {
        $shown = $path
    } elseif ($path -cmatch '^~?/(etc|usr|opt|Library)/[A-Za-z0-9._/-]*$') {
        $shown = $path
    }
    if (Test-Secret $shown) { return '(another path)' }
    return ($shown -replace '\\', '/') -replace '[|\r\n\t]', ' '
}

function Test-Below($path, $parent) {
    $ignoreCase = [StringComparison]::OrdinalIgnoreCase
    if ($path.Equals($parent, $ignoreCase)) { return $true }
    return $path.StartsWith($parent + '\', $ignoreCase) -or $path.StartsWith($parent + '/', $ignoreCase)
}

# scheme://host:port/path, without user, password, query and fragment; parts of the path that are no plain words hidden.
function Show-Url($value) {
    $text = ($value -replace '[\x00-\x20"'']', '') -replace '[?#].*$', ''
    $scheme = ''
    if ($text -match '^[A-Za-z][A-Za-z0-9+.-]*://') {
        $scheme = $Matches[0]
        $text = $text.Substring($scheme.Length)
    }
    $parts = @($text -split '/')
    $address = $parts[0]
    if ($address.Contains('@')) {
        $address = $address -replace '^.*@', ''
    } elseif ($address -match ':[^0-9]') {
        $address = '***'
    }
    $shown = Show-Address $address
    for ($i = 1; $i -lt $parts.Count; $i++) {
        $part = $parts[$i]
        if (($part -cmatch '^[A-Za-z0-9._-]*$') -and ($part.Length -le 20) -and -not (Test-Secret $part)) {
            $shown += '/' + $part
        } else {
            $shown += '/***'
        }
    }
    return $scheme.ToLowerInvariant() + $shown
}

function Show-Address($address) {
    $bare = $address.ToLowerInvariant() -replace ':[0-9]*$', ''
    if (($bare -notmatch '^[a-z0-9._-]+$') -and ($bare -notmatch '^\[[0-9a-f:.]+\]$')) { return '***' }
    $machine = [Environment]::MachineName.ToLowerInvariant()
    if (($bare -ne 'localhost') -and (($bare -eq $machine) -or $bare.StartsWith($machine + '.'))) {
        return '(this computer)'
    }
    if (($bare -ne (Get-UrlHost $GATEWAY_URL)) -and (Test-Secret $bare)) { return '***' }
    return $address.ToLowerInvariant()
}

function Get-UrlHost($url) {
    $text = $url -replace '^[A-Za-z][A-Za-z0-9+.-]*://', ''
    $text = (($text -replace '[/?#].*$', '') -replace '^.*@', '') -replace ':[0-9]*$', ''
    return $text.ToLowerInvariant()
}

# An address without what makes no difference to Claude Code: blanks around, slashes at the end, case of the host.
function Get-BareUrl($url) {
    $text = $url.Trim() -replace '/+$', ''
    if ($text -match '^[A-Za-z][A-Za-z0-9+.-]*://[^/]*') {
        return $Matches[0].ToLowerInvariant() + $text.Substring($Matches[0].Length)
    }
    return $text
}

# ---- Settings files: strict JSON, because Claude Code ignores the whole of a file that is not -----------------------

function Read-SettingsFile($kind, $path) {
    if (-not [IO.File]::Exists($path)) { return }
    $file = @{ Kind = $kind; Place = (Show-Path $path); Problem = ''; Position = ''; Shape = ''; State = 'valid'; Model = ''
        ModelPlace = '' }
    $null = $files.Add($file)
    $text = $null
    try { $text = [IO.File]::ReadAllText($path) } catch { $file.Problem = 'unreadable' }
    if ($null -eq $text) { return }
    if ($text.Trim() -eq '') {
        $file.State = 'empty'
        return
    }
    $first = $records.Count
    Read-Json $file $text
    if (($file.Problem -eq '') -and ($file.Shape -ne '') -and ($kind -ne 'legacy')) { $file.Problem = $file.Shape }
    if ($file.Problem -ne '') {
        $file.State = 'broken'
        $file.Model = ''
        for ($i = $first; $i -lt $records.Count; $i++) {
            $records[$i].Rank = 9
            $records[$i].Lost = $true
        }
    } elseif (@('stray', 'default') -ccontains $kind) {
        $file.State = 'unread'
    }
}

function Read-Json($file, $text) {
    $token = New-Object regex '\G(?:(?<blank>[ \t\r\n]+)|(?<text>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*")|(?<mark>[{}\[\],:])|(?<plain>(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![A-Za-z0-9_.])))'
    $position = 0
    $line = 1
    $lineStart = 0
    $json = @{ Depth = 0; Expect = 'value'; Opened = @{}; Key = @{}; EnvSeen = $false; Problem = '' }
    while (($position -lt $text.Length) -and ($json.Problem -eq '')) {
        $match = $token.Match($text, $position)
        if (-not $match.Success) {
            $json.Problem = Get-OddText ($text.Substring($position, [Math]::Min(40, $text.Length - $position)))
        } elseif ($match.Groups['blank'].Success) {
            for ($i = 0; $i -lt $match.Length; $i++) {
                if ($match.Value[$i] -eq "`n") {
                    $line++
                    $lineStart = $position + $i + 1
                }
            }
        } elseif ($match.Groups['text'].Success) {
            $value = Convert-JsonText ($match.Value.Substring(1, $match.Length - 2))
            if (($json.Expect -eq 'key') -or ($json.Expect -eq 'key or end')) {
                $json.Key[$json.Depth] = $value
                $json.Expect = 'colon'
            } else {
                Read-JsonValue $file $json 'text' $value $line
            }
        } elseif ($match.Groups['plain'].Success) {
            Read-JsonValue $file $json 'plain' $match.Value $line
        } else {
            Read-JsonMark $file $json $match.Value $line
        }
        if ($json.Problem -eq '') { $position += $match.Length }
    }
    if (($json.Problem -eq '') -and ($json.Expect -ne 'nothing')) {
        $json.Problem = 'the file ends too early: a bracket or brace is not closed'
    }
    if ($json.Problem -ne '') {
        $file.Problem = $json.Problem
        $file.Position = ' line ' + $line + ', column ' + ($position - $lineStart + 1)
    }
}

function Get-OddText($rest) {
    if ($rest -cmatch '^(//|/\*|#)') { return 'a comment, which JSON does not allow' }
    if ($rest.StartsWith([string][char]39)) { return 'single quotes where JSON wants double quotes' }
    if ($rest -cmatch '^[\u2018-\u201f]') { return 'typographic quotes where JSON wants plain ones' }
    if ($rest -cmatch '^"[^"\r\n]*\\[^"\\/bfnrtu]') { return 'a single backslash; JSON wants two' }
    if ($rest -cmatch '^"') { return 'a text that does not end properly' }
    if ($rest -cmatch '^[A-Za-z_]') { return 'a word without quotes' }
    return 'a character that does not belong here'
}

function Convert-JsonText($raw) {
    $builder = New-Object System.Text.StringBuilder
    for ($i = 0; $i -lt $raw.Length; $i++) {
        $c = $raw[$i]
        if ($c -ne '\') {
            $null = $builder.Append($c)
            continue
        }
        $i++
        $c = $raw[$i]
        if ($c -ceq 'u') {
            $null = $builder.Append([char][Convert]::ToInt32($raw.Substring($i + 1, 4), 16))
            $i += 4
        } elseif ($c -ceq 'n') {
            $null = $builder.Append("`n")
        } elseif ($c -ceq 't') {
            $null = $builder.Append("`t")
        } elseif ($c -ceq 'r') {
            $null = $builder.Append("`r")
        } else {
            $null = $builder.Append($c)
        }
    }
    return $builder.ToString()
}

function Read-JsonMark($file, $json, $mark, $line) {
    if ($mark -eq ':') {
        if ($json.Expect -eq 'colon') { $json.Expect = 'value' } else { $json.Problem = 'a colon that does not belong here' }
    } elseif ($mark -eq ',') {
        if ($json.Expect -ne 'comma or end') {
            $json.Problem = 'a comma that does not belong here'
        } elseif ($json.Opened[$json.Depth] -eq '{') {
            $json.Expect = 'key'
        } else {
            $json.Expect = 'value'
        }
    } elseif (($mark -eq '{') -or ($mark -eq '[')) {
        if (-not (Test-JsonWantsValue $json)) { return }
        if (($json.Depth -eq 0) -and ($mark -eq '[')) { $file.Shape = 'it is a list, where Claude Code wants { ... }' }
        if ($json.Depth -eq 1) { Read-TopEntry $file $json $mark '' $line }
        if (($json.Depth -eq 2) -and (Test-InEnv $json)) { Read-EnvEntry $file $json '[object Object]' $line }
        $json.Depth++
        $json.Opened[$json.Depth] = $mark
        $json.Key[$json.Depth] = ''
        if ($mark -eq '{') { $json.Expect = 'key or end' } else { $json.Expect = 'value or end' }
    } else {
        $wanted = '['
        if ($mark -eq '}') { $wanted = '{' }
        if (($json.Depth -eq 0) -or ($json.Opened[$json.Depth] -ne $wanted)) {
            $json.Problem = 'a ' + $mark + ' that nothing opened'
        } elseif (($json.Expect -eq 'key') -or (($json.Expect -eq 'value') -and ($wanted -eq '['))) {
            $json.Problem = 'a comma too many before the ' + $mark
        } elseif (($json.Expect -eq 'colon') -or ($json.Expect -eq 'value')) {
            $json.Problem = 'a value is missing before the ' + $mark
        } else {
            $json.Depth--
            if ($json.Depth -eq 0) { $json.Expect = 'nothing' } else { $json.Expect = 'comma or end' }
        }
    }
}

function Test-JsonWantsValue($json) {
    if (($json.Expect -eq 'value') -or ($json.Expect -eq 'value or end')) { return $true }
    if ($json.Expect -eq 'comma or end') {
        $json.Problem = 'a comma is missing before it'
    } elseif ($json.Expect -eq 'nothing') {
        $json.Problem = 'more text after the end'
    } else {
        $json.Problem = 'a name in double quotes is missing'
    }
    return $false
}

function Test-InEnv($json) {
    return ($json.Opened[1] -eq '{') -and ($json.Key[1] -ceq 'env') -and ($json.Opened[2] -eq '{')
}

function Read-JsonValue($file, $json, $type, $value, $line) {
    if (-not (Test-JsonWantsValue $json)) { return }
    if ($json.Depth -eq 0) { $file.Shape = 'it is a single value, where Claude Code wants { ... }' }
    if ($json.Depth -eq 1) { Read-TopEntry $file $json $type $value $line }
    if (($json.Depth -eq 2) -and (Test-InEnv $json)) { Read-EnvEntry $file $json $value $line }
    if (($json.Depth -eq 2) -and ($json.Key[1] -ceq 'permissions') -and ($json.Key[2] -cmatch '^(allow|deny|ask)$')) {
        Set-WrongShape $file ('permissions.' + $json.Key[2]) 'a list' $line
    }
    if (($json.Depth -eq 3) -and ($json.Key[1] -ceq 'customApiKeyResponses') -and ($json.Key[2] -ceq 'rejected')) {
        $null = $declined.Add(@{ Tail = $value; Place = $file.Place })
    }
    if ($json.Depth -eq 0) { $json.Expect = 'nothing' } else { $json.Expect = 'comma or end' }
}

function Set-WrongShape($file, $what, $wanted, $line) {
    if (($file.Kind -ne 'legacy') -and ($file.Shape -eq '')) {
        $file.Shape = $what + ' has to be ' + $wanted
        $file.Position = ' line ' + $line
    }
}

# An entry at the top of the document: what is not a setting of its own, and what has the wrong shape.
function Read-TopEntry($file, $json, $type, $value, $line) {
    $key = $json.Key[1]
    $place = $file.Place + ' line ' + $line
    if ($key -ceq 'env') {
        if ($json.EnvSeen) {
            Add-Fault 'env-twice' 'env' $place 'This file has two env blocks, and only the last one counts; make them one.'
            foreach ($record in $records) {
                if ($record.File -eq $file) {
                    $record.Rank = 9
                    $record.Lost = $true
                }
            }
        }
        $json.EnvSeen = $true
        if ($type -ne '{') { Set-WrongShape $file 'env' '{ ... }' $line }
    } elseif ($key -ceq 'model') {
        if ($type -eq 'text') {
            $file.Model = $value
            $file.ModelPlace = $place
        } else {
            Set-WrongShape $file $key 'a text' $line
        }
    } elseif ($key -ceq 'apiKeyHelper') {
        if ($type -ne 'text') {
            Set-WrongShape $file $key 'a text' $line
        } elseif ($rankOf[$file.Kind] -lt 6) {
            $null = $helpers.Add($place)
        }
    } elseif (($key -ceq 'permissions') -or ($key -ceq 'hooks')) {
        if ($type -ne '{') { Set-WrongShape $file $key '{ ... }' $line }
    } elseif (($key -ceq 'forceLoginMethod') -or ($key -ceq 'forceLoginOrgUUID')) {
        if ($file.Kind -eq 'managed') {
            Add-Fault 'first-party-only' $key $place 'Your organisation allows only logins of its own, so a gateway key cannot work here; ask its administrator.'
        }
    } elseif (($key -ceq $key.ToUpperInvariant()) -and (Test-Relevant $key)) {
        $null = Add-Setting $file.Kind $key $value $place $false $file
        Add-Fault 'outside-env' $key $place 'It stands outside the env block, where Claude Code does not see it; move it into env.'
    }
}

function Read-EnvEntry($file, $json, $value, $line) {
    $name = $json.Key[2]
    $plain = ($name -replace '[ \t]', '').ToUpperInvariant()
    $place = $file.Place + ' line ' + $line
    if (Test-Relevant $name) {
        $null = Add-Setting $file.Kind $name $value $place $true $file
    } elseif (Test-Relevant $plain) {
        $null = Add-Setting $file.Kind $plain $value $place $false $file
        Add-Fault 'odd-name' $plain $place 'The name is not written exactly like this, so it is ignored: capital letters, no blanks.'
    }
}

# ---- Other places ---------------------------------------------------------------------------------------------------

function Read-Environment($kind, $store, $place) {
    $variables = [Environment]::GetEnvironmentVariables($store)
    foreach ($written in @($variables.Keys)) {
        $name = $written
        # Windows does not tell capital and small letters apart here.
        if ($onWindows) { $name = $written.ToUpperInvariant() }
        if (Test-Relevant $name) { $null = Add-Setting $kind $name $variables[$written] $place $true $null }
    }
}

# $env:NAME = 'value' in a profile, found without running it.
function Read-Profile($path) {
    if (-not [IO.File]::Exists($path)) { return }
    $number = 0
    foreach ($line in [IO.File]::ReadAllLines($path)) {
        $number++
        if ($line -match '^\s*\$\{?env:([A-Za-z_][A-Za-z0-9_]*)\}?\s*=\s*(.*)$') {
            $name = $Matches[1]
            $value = ($Matches[2] -replace '\s+#.*$', '').Trim().TrimEnd(';')
            if (Test-Relevant $name) {
                $record = Add-Setting 'powershell' $name ($value -replace '^["'']|["'']$', '') ((Show-Path $path) + ' line ' + $number) $true $null
                $record.Computed = ($value -notmatch '^''') -and ($value -match '\$|^[^"'']')
            }
        }
    }
}

function Read-DotEnv($path) {
    if (-not [IO.File]::Exists($path)) { return }
    $number = 0
    foreach ($line in [IO.File]::ReadAllLines($path)) {
        $number++
        if ($line -cmatch '^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$') {
            $name = $Matches[1]
            $value = $Matches[2].Trim() -replace '^["'']|["'']$', ''
            if (Test-Relevant $name) {
                $null = Add-Setting 'dotenv' $name $value ((Show-Path $path) + ' line ' + $number) $true $null
            }
        }
    }
}

# The output of a program, at most for ten seconds; $variables are set for it alone.
function Invoke-Limited($program, $arguments, $variables) {
    $start = New-Object System.Diagnostics.ProcessStartInfo
    $start.FileName = $program
    $start.Arguments = $arguments
    if ($program -match '\.(cmd|bat)$') {
        $start.FileName = $env:ComSpec
        $start.Arguments = '/d /c ""' + $program + '" ' + $arguments + '"'
    }
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    foreach ($name in $variables.Keys) { $start.EnvironmentVariables[$name] = $variables[$name] }
    try { $process = [System.Diagnostics.Process]::Start($start) } catch { return @() }
    if (-not $process) { return @() }
    $process.StandardInput.Close()
    $reading = $process.StandardOutput.ReadToEndAsync()
    $null = $process.StandardError.ReadToEndAsync()
    if (-not $process.WaitForExit(10000)) {
        try { $process.Kill() } catch { $null = 1 }
        return @()
    }
    return @($reading.Result -split "`r?`n")
}

# ---- What Claude Code makes of it -----------------------------------------------------------------------------------

# Measured with Claude Code 2.1.197 and 2.1.330: the lowest rank wins, and the last one where two are the same.
function Get-Effective($name) {
    $best = $null
    foreach ($record in $records) {
        if (($record.Name -ceq $name) -and ($record.Rank -le 7)) {
            if ((-not $best) -or ($record.Rank -le $best.Rank)) { $best = $record }
        }
    }
    return $best
}

function Get-Upcoming($name) {
    $best = $null
    foreach ($record in $records) {
        if (($record.Name -ceq $name) -and ($record.Rank -eq 8)) { $best = $record }
    }
    return $best
}

function Get-Value($name) {
    $record = Get-Effective $name
    if ($record) { return $record.Value }
    return ''
}

# Where a record comes from. A variable of this window most probably comes from the place with the same value.
function Get-Place($record) {
    if (-not $record) { return 'this window' }
    if ($record.Kind -ne 'process') { return $record.Place }
    $place = $record.Place
    foreach ($other in $records) {
        if (($other.Rank -eq 8) -and ($other.Name -ceq $record.Name)) {
            if (($other.Value -ceq $record.Value) -or $other.Computed) { $place = $other.Place }
        }
    }
    return $place
}

function Test-FaultAbout($pattern) {
    foreach ($fault in $faults) { if ($fault.Id -cmatch $pattern) { return $true } }
    return $false
}

function Test-Explained {
    return Test-FaultAbout '^(settings-|not-|outside-env|odd-name|config-dir|wrong-file)'
}

function Find-FileFaults {
    foreach ($file in $files) {
        if (($file.Problem -eq '') -or (@('stray', 'default') -ccontains $file.Kind)) { continue }
        if ($file.Problem -eq 'unreadable') {
            Add-Fault 'settings-unreadable' '-' $file.Place 'You are not allowed to read this file, so Claude Code is not either; give yourself the right to.'
        } else {
            $repair = if ($GUIDE_URL -and $file.Kind -ne 'legacy') { ', or have the guide repair the file in your browser: ' + $GUIDE_URL } else { '.' }
            Add-Fault 'settings-invalid' '-' ($file.Place + $file.Position) ('Claude Code ignores this whole file: ' + $file.Problem + '. Mend that place' + $repair)
        }
    }
    $configPlace = Get-Place (Get-Effective 'CLAUDE_CONFIG_DIR')
    foreach ($record in @($records)) {
        $name = $record.Name
        if (($name -cnotmatch '^ANTHROPIC_') -or $record.Lost) { continue }
        if (($record.Kind -eq 'default') -and $record.Written) {
            Add-Fault 'config-dir' 'CLAUDE_CONFIG_DIR' $configPlace ('Claude Code reads ' + $configShown + '/settings.json because of it, not ' + $record.File.Place + '; remove it, or write your settings there.')
        }
        if (($record.Kind -eq 'stray') -and $record.Written) {
            Add-Fault 'wrong-file' $name $record.Place ('Claude Code does not read this file; write its settings into ' + $configShown + '/settings.json.')
        }
        if (($record.Kind -eq 'dotenv') -and ($name -cmatch '_(BASE_URL|AUTH_TOKEN|API_KEY)$') -and -not (Get-Effective $name)) {
            Add-Fault 'wrong-file' $name $record.Place ('Claude Code does not read this file by itself; write the setting into ' + $configShown + '/settings.json.')
        }
        if (($record.Kind -eq 'project') -and ($record.Rank -lt 9) -and ($record.Value -ne '') -and ($name -cmatch '_(AUTH_TOKEN|API_KEY)$')) {
            if (-not (Test-Placeholder $record.Value)) {
                Add-Fault 'key-shared' $name $record.Place 'This file is made for sharing; move the key to .claude/settings.local.json, and have it replaced if it ever was in Git.'
            }
        }
    }
    if ($env:CLAUDE_CONFIG_DIR -and -not [IO.Directory]::Exists($config)) {
        Add-Fault 'config-dir' 'CLAUDE_CONFIG_DIR' $configPlace 'The folder it names does not exist; remove it, or correct it.'
    }
}

function Find-StoredFaults {
    foreach ($record in @($records)) {
        $name = $record.Name
        if (($record.Rank -ne 8) -or ($record.Value -eq '') -or ($name -ceq $OTHER_CREDENTIAL)) { continue }
        if (($name -cmatch '^ANTHROPIC_(BASE_URL|AUTH_TOKEN|API_KEY)$') -and -not (Get-Effective $name)) {
            Add-Fault 'not-loaded' $name $record.Place 'It is written there, but has not reached this window; open a new one.'
        }
    }
}

function Find-CloudFaults {
    foreach ($name in @($records | ForEach-Object { $_.Name } | Sort-Object -Unique)) {
        if ($name -cnotmatch '^CLAUDE_CODE_USE_(BEDROCK|VERTEX|FOUNDRY|ANTHROPIC_AWS|MANTLE)$') { continue }
        $record = Get-Effective $name
        if (-not $record) { $record = Get-Upcoming $name }
        if ($record -and ($record.Value -notmatch '^(0|false|no|off)?$')) {
            Add-Fault 'cloud-provider' $name (Get-Place $record) 'With it Claude Code goes to that cloud and not to your gateway; remove it.'
        }
    }
}

function Test-Placeholder($value) {
    if ($value -match '^<.*>$|^sk-([xX.*]+|\.\.\.)$|^[xX.*]+$') { return $true }
    return $value -match '^(your|my|the|paste|insert|enter)?[-_ ]?(your|gateway|api|auth)?[-_ ]?(api|auth|gateway|litellm)?[-_ ]?(key|token)([-_ ]here)?$'
}

function Find-KeyFaults {
    $key = Get-Effective $CREDENTIAL
    $other = Get-Effective $OTHER_CREDENTIAL
    if (-not $other) { $other = Get-Upcoming $OTHER_CREDENTIAL }
    $arrives = $key -and ($key.Value -ne '')
    $token = Get-Effective 'CLAUDE_CODE_OAUTH_TOKEN'
    if ($token -and ($token.Value -ne '') -and -not $arrives) {
        Add-Fault 'oauth-token' 'CLAUDE_CODE_OAUTH_TOKEN' (Get-Place $token) ('This login token of Claude is sent to your gateway in place of its key; remove it and set ' + $CREDENTIAL + '.')
    }
    if ($arrives) {
        Find-KeyTextFaults $key
        if ($other -and ($other.Value -ne '')) {
            $after = '.'
            if ($other.Rank -ge 7) { $after = ', then open a new window.' }
            Add-Fault 'left-over-key' $OTHER_CREDENTIAL (Get-Place $other) ('This left-over key is sent to the gateway as well as the right one; remove it' + $after)
        }
        if ($helpers.Count) {
            Add-Fault 'helper-and-key' 'apiKeyHelper' $helpers[0] ('Its key and ' + $CREDENTIAL + ' are both sent to the gateway; keep one of the two.')
        }
        return
    }
    if ($key) {
        Add-Fault 'key-empty' $CREDENTIAL (Get-Place $key) 'An empty value here wins over every other place; write your key, or remove the line.'
        return
    }
    if ($helpers.Count) { return }
    $url = Get-Value 'ANTHROPIC_BASE_URL'
    if ($other -and ($other.Value -ne '') -and ($other.Rank -le 7)) {
        Add-Fault 'wrong-variable' $OTHER_CREDENTIAL (Get-Place $other) ('Your gateway reads the key from another header; rename it to ' + $CREDENTIAL + '.')
        Find-KeyTextFaults $other
    } elseif ($hasLogin -and $url -and ((Get-UrlHost $url) -notmatch '(^|\.)anthropic\.com$')) {
        Add-Fault 'login-sent' $CREDENTIAL ($configShown + '/.credentials.json') ('Your saved Claude login is sent to the gateway, because ' + $CREDENTIAL + ' is not set; set it, and run claude /logout if you do not need the login.')
    } elseif (-not ((Test-Explained) -or (Test-FaultAbout '^oauth-token$'))) {
        Add-Fault 'key-missing' $CREDENTIAL ($configShown + '/settings.json') ('No key reaches Claude Code; set ' + $CREDENTIAL + ' in the env block of this file.')
    }
}

function Find-KeyTextFaults($record) {
    $value = $record.Value
    $name = $record.Name
    $place = Get-Place $record
    if ($record.Computed) { return }
    if (Test-Placeholder $value.Trim()) {
        Add-Fault 'key-placeholder' $name $place 'This is the placeholder of an example; put your own key in its place.'
    } elseif ($value -match '^\s*["''`]|["''`]\s*$') {
        Add-Fault 'key-quotes' $name $place 'The quotes are part of the value and are sent with it; remove them.'
    } elseif ($value -match '^\s*bearer\s') {
        Add-Fault 'key-bearer' $name $place 'Claude Code writes the word Bearer by itself; keep only the key.'
    } elseif ($value -cmatch '\$[A-Za-z_{(]|%[A-Za-z_]+%') {
        Add-Fault 'key-variable' $name $place 'Variables are not replaced here, so the name itself is sent; write the key.'
    } elseif ($value -cmatch '[^\x00-\x7f]') {
        $kind = 'not a plain letter'
        if ($value -cmatch '[\u2018-\u201f]') { $kind = 'a typographic quote' }
        if ($value -cmatch '[\u200b-\u200f\u2060\ufeff\u00ad]') { $kind = 'one that is invisible' }
        if ($value -cmatch '\u00a0') { $kind = 'a hard blank' }
        Add-Fault 'key-characters' $name $place ('It holds a character that no key has (' + $kind + '); copy the key again.')
    } elseif ($value -cne $value.Trim()) {
        Add-Fault 'key-blanks' $name $place 'There are blanks before or after the key; remove them.'
    } elseif ($value -cmatch '[^A-Za-z0-9._~+/=-]') {
        Add-Fault 'key-characters' $name $place 'It holds a blank, a line break or another character that no key has; copy the key again.'
    } elseif ($name -ceq 'ANTHROPIC_API_KEY') {
        foreach ($answer in $declined) {
            if (($answer.Tail -ne '') -and $value.EndsWith($answer.Tail, [StringComparison]::Ordinal)) {
                Add-Fault 'key-declined' $name $answer.Place 'You once told Claude Code not to use this key; allow it with /config, Use custom API key.'
            }
        }
    }
}

function Find-UrlFaults {
    $name = 'ANTHROPIC_BASE_URL'
    $record = Get-Effective $name
    if (-not $record) {
        if ((Test-Explained) -or (Test-FaultAbout '^cloud-provider$')) { return }
        Add-Fault 'url-missing' $name ($configShown + '/settings.json') 'Without it Claude Code goes to Anthropic; set it in the env block of this file.'
        return
    }
    $raw = $record.Value
    $url = Get-BareUrl $raw
    $gateway = Get-BareUrl $GATEWAY_URL
    $place = Get-Place $record
    $better = '.'
    if ($gateway) { $better = ' (this gateway: ' + (Show-Url $gateway) + ').' }
    if ($raw -eq '') {
        Add-Fault 'url-empty' $name $place 'An empty value here wins over every other place, and Claude Code goes to Anthropic; write the address, or remove the line.'
        return
    }
    if ($record.Computed -or ($gateway -and ($url -ceq $gateway) -and ($raw -notmatch '\s'))) { return }
    if ($raw -match '["''`\u2018-\u201f]') {
        Add-Fault 'url-quotes' $name $place 'The quotes are part of the value; remove them.'
    } elseif ($raw -match '\s') {
        Add-Fault 'url-blanks' $name $place 'There are blanks in the address; remove them.'
    } elseif ($raw -notmatch '^https?://') {
        Add-Fault 'url-scheme' $name $place 'The address has to begin with https://; write that in front of it.'
    } elseif ($url -match '[?#]') {
        Add-Fault 'url-query' $name $place 'The address has a part after ? or #; keep only what stands before it.'
    } elseif ($url -match '/(messages|chat/completions|completions|models)$') {
        Add-Fault 'url-endpoint' $name $place ('This is the address of one function; Claude Code adds /v1/messages itself' + $better)
    } elseif ($url -match '/v1$') {
        Add-Fault 'url-v1' $name $place ('It ends in /v1, which Claude Code adds itself; remove /v1 at its end' + $better)
    } elseif (-not $gateway) {
        return
    } elseif ((Get-UrlHost $url) -cne (Get-UrlHost $gateway)) {
        foreach ($weaker in $records) {
            if (($weaker.Name -ceq $name) -and ($weaker.Rank -gt $record.Rank) -and ($weaker.Rank -le 8)) {
                if ((Get-BareUrl $weaker.Value) -ceq $gateway) { return }
            }
        }
        Add-Fault 'url-other' $name $place ('It points to another address than your gateway' + $better)
    } elseif (($url -match '^http:') -and ($gateway -match '^https:')) {
        Add-Fault 'url-http' $name $place ('It begins with http://, and the gateway wants https://' + $better)
    } elseif (($url -replace '^(https?://[^/]*).*$', '$1') -cne ($gateway -replace '^(https?://[^/]*).*$', '$1')) {
        Add-Fault 'url-other' $name $place ('It points to another address than your gateway' + $better)
    } else {
        Add-Fault 'url-path' $name $place ('The host is right, the path after it is not' + $better)
    }
}

# A stronger place says something else than a weaker one, which then looks as if it did not work. That a project has
# models or switches of its own is what its file is for.
function Find-ShadowFaults {
    foreach ($name in @($records | ForEach-Object { $_.Name } | Sort-Object -Unique)) {
        if ($name -cnotmatch '^(ANTHROPIC|CLAUDE_CODE)_|^API_TIMEOUT_MS$') { continue }
        $record = Get-Effective $name
        if (-not $record) { continue }
        $isUrl = $name -ceq 'ANTHROPIC_BASE_URL'
        if (($record.Value -eq '') -and -not $isUrl) { continue }
        if ($isUrl -and ((Get-BareUrl $record.Value) -ceq (Get-BareUrl $GATEWAY_URL))) { continue }
        if ($isUrl -and (Test-FaultAbout '^url-v1$')) { continue }
        $weaker = $null
        foreach ($other in $records) {
            if (($other.Name -cne $name) -or ($other.Rank -le $record.Rank) -or ($other.Rank -gt 8)) { continue }
            if (($other.Value -eq '') -or ($other.Value -ceq $record.Value) -or $other.Computed) { continue }
            if (($other.Rank -lt 7) -and ($name -cnotmatch '_(BASE_URL|AUTH_TOKEN|API_KEY)$')) { continue }
            if ((-not $weaker) -or ($other.Rank -lt $weaker.Rank)) { $weaker = $other }
        }
        if (-not $weaker) { continue }
        $place = Get-Place $record
        if ($record.Kind -ne 'process') {
            Add-Fault 'shadowed' $name $place ('It wins over the different value in ' + (Get-Place $weaker) + '; change it here, or remove it here.')
        } elseif ($place -ceq 'this window') {
            Add-Fault 'shadowed' $name $place ('This window has another value than ' + $weaker.Place + ', which new windows get; make both the same.')
        }
    }
}

function Test-KnownModel($value, $aliasAllowed) {
    $text = $value -replace '\[1m\]$', ''
    if ($aliasAllowed -and ($text -match '^(opus|sonnet|haiku|fable|best|opusplan|inherit)$')) { return $true }
    if ($MODELS -eq '') { return $true }
    return @($MODELS -split ' ') -ccontains $text
}

function Find-ModelFaults {
    if (($GATEWAY_URL -eq '') -or ((Get-UrlHost (Get-Value 'ANTHROPIC_BASE_URL')) -cne (Get-UrlHost $GATEWAY_URL))) { return }
    $any = $false
    foreach ($name in @($records | ForEach-Object { $_.Name } | Sort-Object -Unique)) {
        if ($name -cnotmatch '^ANTHROPIC_(MODEL|DEFAULT_MODEL|SMALL_FAST_MODEL|DEFAULT_(OPUS|SONNET|HAIKU|FABLE)_MODEL)$|^CLAUDE_CODE_SUBAGENT_MODEL$') { continue }
        $record = Get-Effective $name
        if ((-not $record) -or ($record.Value -eq '')) { continue }
        if ($name -cmatch '^ANTHROPIC_(MODEL|DEFAULT_MODEL|DEFAULT_OPUS_MODEL)$') { $any = $true }
        if (-not (Test-KnownModel $record.Value ($name -cnotmatch '(OPUS|SONNET|HAIKU|FABLE)_MODEL$'))) {
            Add-Fault 'model-unknown' $name (Get-Place $record) ('The model ' + (Show-Model $record.Value) + ' is not in the list of your gateway; choose one of that list.')
        }
    }
    if ($any) { return }
    foreach ($file in $files) {
        if (($file.Model -ne '') -and ($file.Problem -eq '') -and ($rankOf[$file.Kind] -lt 6)) {
            if (-not (Test-KnownModel $file.Model $true)) {
                Add-Fault 'model-unknown' 'model' $file.ModelPlace ('The model ' + (Show-Model $file.Model) + ' is not in the list of your gateway; choose one of that list.')
            }
            return
        }
    }
    Add-Fault 'model-unset' 'ANTHROPIC_MODEL' ($configShown + '/settings.json') 'No model is set, so Claude Code asks for one that your gateway may not have; set it in the env block of this file.'
}

function Find-NetworkFaults {
    $gatewayHost = Get-UrlHost $GATEWAY_URL
    foreach ($name in @($records | ForEach-Object { $_.Name } | Sort-Object -Unique)) {
        $record = Get-Effective $name
        if ((-not $record) -or ($record.Value -eq '')) { continue }
        $value = $record.Value.Trim()
        $place = Get-Place $record
        if ($name -match '^(https?|all)_proxy$') {
            if ($value -match '^socks') {
                Add-Fault 'proxy-socks' $name $place 'Claude Code cannot use a SOCKS proxy; name an http:// proxy or remove it.'
            } elseif (-not $value.Contains('://')) {
                Add-Fault 'proxy-scheme' $name $place 'The proxy has to begin with http://; some versions end without a word otherwise.'
            } elseif ($gatewayHost -match '^(localhost|127\.[0-9.]+|\[::1\])$') {
                $exceptions = @(((Get-Value 'NO_PROXY') + ',' + (Get-Value 'no_proxy')) -split '[, ]+' | ForEach-Object { $_ -replace ':[0-9]+$', '' })
                if (-not (($exceptions -contains '*') -or ($exceptions -contains $gatewayHost))) {
                    Add-Fault 'proxy-local' $name $place ('Requests to your own computer go to this proxy too; add ' + $gatewayHost + ' to NO_PROXY.')
                }
            }
        } elseif (($name -ceq 'NODE_TLS_REJECT_UNAUTHORIZED') -and ($value -eq '0')) {
            Add-Fault 'tls-off' $name $place 'It switches the check of certificates off, so others could read your key; remove it.'
        } elseif ($name -cmatch '^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$') {
            if ($value.StartsWith('~')) {
                Add-Fault 'ca-missing' $name $place 'The sign ~ is not understood here; write the whole path.'
            } elseif (-not [IO.File]::Exists($value)) {
                Add-Fault 'ca-missing' $name $place 'The file it names cannot be read; correct the path, or remove it.'
            }
        } elseif ($name -ceq 'API_TIMEOUT_MS') {
            $number = 0.0
            $plain = [double]::TryParse(($value -replace '_', ''), [ref]$number)
            if ((-not $plain) -or ($number -gt 2147483647) -or ($number -lt 1000)) {
                Add-Fault 'timeout-invalid' $name $place 'It is a time in milliseconds between 1000 and 2147483647, for example 600000; correct it.'
            }
        }
    }
    if ($network -eq 'dns') { Add-Fault 'network-dns' '-' $gatewayHost 'This name is not known to your network; check your connection, VPN or proxy.' }
    if ($network -eq 'refused') { Add-Fault 'network-refused' '-' $gatewayHost 'The connection was refused; a firewall, a VPN or a stopped gateway is the usual reason.' }
    if ($network -eq 'timeout') { Add-Fault 'network-timeout' '-' $gatewayHost 'It did not answer within 10 seconds; check your connection, VPN or proxy.' }
    if ($network -eq 'tls') { Add-Fault 'network-tls' '-' $gatewayHost 'The secure connection failed; in a company network set NODE_EXTRA_CA_CERTS to its certificate file.' }
    if ($network -eq 'proxy') { Add-Fault 'network-proxy' '-' $gatewayHost 'The proxy did not let the request through; check its address, its password, and that it allows this host.' }
    if ($network -eq 'failed') { Add-Fault 'network-failed' '-' $gatewayHost 'The request did not come through; check your connection, VPN or proxy.' }
    if (($NEEDS_HEADERS -eq 'yes') -and (-not (Get-Value 'ANTHROPIC_CUSTOM_HEADERS')) -and (Get-Value 'ANTHROPIC_BASE_URL')) {
        Add-Fault 'headers-missing' 'ANTHROPIC_CUSTOM_HEADERS' ($configShown + '/settings.json') 'Your gateway needs headers of its own; take them over from the set-up guide.'
    }
}

function Find-ProgramFaults {
    if (-not $programs.Count) {
        Add-Fault 'claude-missing' '-' 'PATH' 'No claude is on your PATH; install Claude Code, or add its folder (often ~/.local/bin) to PATH and open a new window.'
        return
    }
    $first = $programs[0]
    foreach ($program in $programs) {
        if ($program.Version -eq 'silent') {
            Add-Fault 'claude-silent' '-' $program.Place 'It did not say its version; install Claude Code again.'
        }
        if ($program.Version -cne $first.Version) {
            Add-Fault 'claude-several' '-' $first.Place ('This claude (' + $first.Version + ') hides the one at ' + $program.Place + ' (' + $program.Version + '); remove the one that you do not want.')
        }
    }
}

# wins: Claude Code uses it. unused: a stronger place wins. source: where this window has it from. later: new windows.
function Get-State($record) {
    if ($record.Rank -eq 9) { return 'ignored' }
    $effective = Get-Effective $record.Name
    if ($effective -eq $record) { return 'wins' }
    if ($record.Rank -le 7) { return 'unused' }
    if (-not $effective) { return 'later' }
    if ((Get-Place $effective) -ceq $record.Place) { return 'source' }
    return 'unused'
}

function Show-Record($record) {
    if ($record.Computed) { return '(computed)' }
    return Show-Value $record.Name $record.Value
}

# ---- Reading everything, in the order of precedence -----------------------------------------------------------------

if ($env:CLAUDE_CONFIG_DIR) {
    $config = $env:CLAUDE_CONFIG_DIR
    $configShown = Show-Path $config
}
$managed = '/etc/claude-code'
if ($onWindows) { $managed = Join-Path $env:ProgramFiles 'ClaudeCode' }
Read-SettingsFile 'managed' (Join-Path $managed 'managed-settings.json')
foreach ($file in @(Get-ChildItem (Join-Path $managed 'managed-settings.d') -Filter '*.json' | Sort-Object Name)) {
    Read-SettingsFile 'managed' $file.FullName
}
$policy = $false
foreach ($key in @('HKLM:\SOFTWARE\Policies\ClaudeCode', 'HKCU:\SOFTWARE\Policies\ClaudeCode')) {
    if ($onWindows -and (Test-Path $key)) { $policy = $true }
}
$projectFolder = Join-Path $folder '.claude'
Read-SettingsFile 'local' (Join-Path $projectFolder 'settings.local.json')
if ($projectFolder -ne $config) { Read-SettingsFile 'project' (Join-Path $projectFolder 'settings.json') }
Read-SettingsFile 'user' (Join-Path $config 'settings.json')
if ($env:CLAUDE_CONFIG_DIR) {
    Read-SettingsFile 'legacy' (Join-Path $config '.claude.json')
    Read-SettingsFile 'default' (Join-Path $userHome '.claude/settings.json')
    Read-SettingsFile 'default' (Join-Path $userHome '.claude.json')
} else {
    Read-SettingsFile 'legacy' (Join-Path $userHome '.claude.json')
}
if ($folder -ne $userHome) { Read-SettingsFile 'stray' (Join-Path $userHome '.claude/settings.local.json') }
foreach ($name in @('.claude/config.json', '.claude/setting.json', '.claude/settings.json.txt',
        '.claude/.claude/settings.json', '.config/claude/settings.json')) {
    Read-SettingsFile 'stray' (Join-Path $userHome $name)
}
if ($env:APPDATA) { Read-SettingsFile 'stray' (Join-Path $env:APPDATA 'claude/settings.json') }
Read-DotEnv (Join-Path $folder '.env')
Read-DotEnv (Join-Path $folder '.env.local')
Read-Environment 'process' 'Process' 'this window'
Read-Environment 'registry-machine' 'Machine' 'HKLM (all users)'
Read-Environment 'registry-user' 'User' 'HKCU\Environment'
$profiles = @($PROFILE.AllUsersAllHosts, $PROFILE.AllUsersCurrentHost, $PROFILE.CurrentUserAllHosts, $PROFILE.CurrentUserCurrentHost)
foreach ($path in @($profiles | Where-Object { $_ } | Select-Object -Unique)) { Read-Profile $path }
$hasLogin = $false
$credentials = Join-Path $config '.credentials.json'
if ([IO.File]::Exists($credentials)) { $hasLogin = [IO.File]::ReadAllText($credentials).Contains('claudeAiOauth') }

$programs = New-Object System.Collections.ArrayList
$seen = @()
foreach ($command in @(Get-Command claude -All -CommandType Application)) {
    $place = Split-Path $command.Source
    if ($onWindows -and ($command.Source -notmatch '\.(exe|cmd|bat|com)$')) { continue }
    if ($seen -contains $place) { continue }
    $seen += $place
    $how = 'other'
    if ($command.Source -match '\.cmd$|node_modules|[\\/]npm[\\/]') { $how = 'npm' }
    if ($command.Source -match '[\\/]\.local[\\/]bin[\\/]') { $how = 'native' }
    $version = 'silent'
    $answer = [string](@(Invoke-Limited $command.Source '--version' @{})[0])
    if ($answer -match '^[0-9][0-9.]*') { $version = $Matches[0] }
    $null = $programs.Add(@{ Version = $version; How = $how; Place = (Show-Path $command.Source); Source = $command.Source })
}
$node = ''
$nodeProgram = @(Get-Command node -CommandType Application)[0]
if ($nodeProgram) {
    $answer = [string](@(Invoke-Limited $nodeProgram.Source '--version' @{})[0])
    if ($answer -match '^v?([0-9.]+)$') { $node = $Matches[1] }
}

# The client writes a state file even when it is only asked. So it is asked in an empty folder that is removed again
# and that has a link to your settings file in it. Not asked where a helper command for the key would be run.
$auth = @()
if ($helpers.Count) {
    $auth = @('not asked, because it would run your apiKeyHelper')
} elseif ($programs.Count) {
    $aside = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
    $null = New-Item -ItemType Directory -Path $aside
    $settings = Join-Path $config 'settings.json'
    $linked = $true
    if ([IO.File]::Exists($settings)) {
        $null = New-Item -ItemType HardLink -Path (Join-Path $aside 'settings.json') -Value $settings
        $linked = [IO.File]::Exists((Join-Path $aside 'settings.json'))
    }
    if ($linked) {
        $alone = @{ CLAUDE_CONFIG_DIR = $aside; DISABLE_AUTOUPDATER = '1'; CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC = '1' }
        foreach ($line in @(Invoke-Limited $programs[0].Source 'auth status --text' $alone)) {
            if (($line.Length -lt 80) -and ($line -cmatch '^(Auth token|API key|Login method): [A-Za-z_. ]+$')) { $auth += $line }
            if ($line -cmatch '^Anthropic base URL: (.*)$') { $auth += 'Anthropic base URL: ' + (Show-Url $Matches[1]) }
            if ($line -cmatch '^Not logged in') { $auth += 'Not logged in' }
        }
    }
    Remove-Item -LiteralPath $aside -Recurse -Force
}

# One HEAD request to the gateway's host. -q: no .curlrc, which could add a header of yours.
$network = 'skipped'
if ((-not $offline) -and $GATEWAY_URL) {
    $curlName = 'curl'
    $nowhere = '/dev/null'
    if ($onWindows) {
        $curlName = 'curl.exe'
        $nowhere = 'NUL'
    }
    $curl = Get-Command $curlName -CommandType Application | Select-Object -First 1
    if ($curl) {
        $origin = $GATEWAY_URL -replace '^([a-z]+://[^/]+).*$', '$1/'
        $null = & $curl.Source -q -s -I -o $nowhere --max-time 10 $origin
        $code = $LASTEXITCODE
        $network = 'failed'
        if (@(0, 8, 22, 52) -contains $code) { $network = 'ok' }
        if ($code -eq 6) { $network = 'dns' }
        if ($code -eq 7) { $network = 'refused' }
        if (($code -eq 7) -and ($env:HTTPS_PROXY -or $env:HTTP_PROXY -or $env:ALL_PROXY)) { $network = 'proxy' }
        if ($code -eq 28) { $network = 'timeout' }
        if (@(5, 56, 97) -contains $code) { $network = 'proxy' }
        if (@(35, 51, 53, 54, 58, 59, 60, 66, 77, 80, 82, 83, 90, 91) -contains $code) { $network = 'tls' }
    } else {
        $network = 'no-curl'
    }
}

Find-FileFaults
Find-StoredFaults
Find-CloudFaults
Find-KeyFaults
Find-UrlFaults
Find-ShadowFaults
Find-ModelFaults
Find-NetworkFaults
Find-ProgramFaults

# ---- The report for people, then the same as a block for the portal -------------------------------------------------

function Write-Line($text) { $null = $output.Add($text) }

$ordered = @($faults | Sort-Object { [array]::IndexOf($findingIds, $_.Id) }, { $_.Number })
$names = @($records | ForEach-Object { $_.Name } | Sort-Object -Unique)
$os = 'other'
if ($onWindows) { $os = 'windows' } elseif ($IsMacOS) { $os = 'macos' } elseif ($IsLinux) { $os = 'linux' }
$login = 'none'
if ($hasLogin) { $login = 'file' }
$helper = 'none'
if ($helpers.Count) { $helper = $helpers[0] }

Write-Line ('Claude Code doctor for ' + $GATEWAY_NAME)
Write-Line 'It only reads. Keys are masked; this text is safe to share.'
Write-Line ''
if (-not $ordered.Count) { Write-Line 'Nothing wrong was found.' }
if ($ordered.Count) { Write-Line ([string]$ordered.Count + ' to look at, the most likely cause first:') }
$number = 0
foreach ($fault in $ordered) {
    $number++
    $about = ''
    if ($fault.Name -ne '-') { $about = ': ' + $fault.Name }
    Write-Line ''
    Write-Line ([string]$number + '. ' + $fault.Place + $about)
    Write-Line ('    ' + $fault.Advice)
}
Write-Line ''
Write-Line 'WHERE EACH SETTING COMES FROM'
foreach ($name in $names) {
    Write-Line ('  ' + $name)
    foreach ($record in @($records | Where-Object { $_.Name -ceq $name } | Sort-Object { $_.Rank })) {
        Write-Line ('    ' + (Get-State $record).PadRight(8) + ' ' + $record.Place + ': ' + (Show-Record $record))
    }
}
Write-Line ''
Write-Line 'SETTINGS FILES, the strongest first'
foreach ($file in $files) { Write-Line ('  ' + $file.Place + ': ' + $file.State) }
if ($policy) { Write-Line '  Settings of your organisation exist in the registry; they win over all files and are not looked into.' }
Write-Line '  claude --settings FILE, if you use it, wins over all but managed settings; it is not seen here.'
Write-Line '  Settings of a folder count after you trusted it; claude -p does not ask.'
Write-Line ''
Write-Line 'PROGRAMS AND NETWORK'
foreach ($program in $programs) { Write-Line ('  claude ' + $program.Version + ' (' + $program.How + '): ' + $program.Place) }
if ($node) { Write-Line ('  node ' + $node) }
Write-Line ('  Saved login: ' + $login)
Write-Line ('  Key helper: ' + $helper)
foreach ($line in $auth) { Write-Line ('  claude auth status (outside projects): ' + $line) }
Write-Line ('  Gateway host: ' + $network)
if ($onWindows) { Write-Line '  A claude inside WSL has its own settings; run the doctor for Linux there.' }
Write-Line ''

Write-Line '-----BEGIN CLAUDE CODE REPORT v1-----'
Write-Line 'doctor: ps1'
Write-Line ('os: ' + $os)
Write-Line 'shell: powershell'
if ($GATEWAY_URL) { Write-Line ('gateway: ' + (Show-Url $GATEWAY_URL)) } else { Write-Line 'gateway: unknown' }
Write-Line ('credential: ' + $CREDENTIAL)
if ($env:CLAUDE_CONFIG_DIR) { Write-Line ('config-dir: ' + $configShown) } else { Write-Line 'config-dir: default' }
if (-not $programs.Count) { Write-Line 'claude: none' }
foreach ($program in $programs) { Write-Line ('claude: ' + $program.Version + ' | ' + $program.How + ' | ' + $program.Place) }
if ($node) { Write-Line ('node: ' + $node) }
Write-Line ('login: ' + $login)
Write-Line ('helper: ' + $helper)
foreach ($line in $auth) { Write-Line ('auth: ' + $line) }
Write-Line ('network: ' + $network)
foreach ($file in $files) {
    $state = $file.State
    if ($file.Problem -eq 'unreadable') { $state = 'unreadable' }
    Write-Line ('settings: ' + $file.Kind + ' | ' + $state + ' | ' + $file.Place + $file.Position)
}
foreach ($name in $names) {
    foreach ($record in @($records | Where-Object { $_.Name -ceq $name } | Sort-Object { $_.Rank })) {
        Write-Line ('var: ' + $name + ' | ' + (Get-State $record) + ' | ' + $record.Kind + ' | ' + $record.Place + ' | ' + (Show-Record $record))
    }
}
foreach ($fault in $ordered) { Write-Line ('finding: ' + $fault.Id + ' | ' + $fault.Name + ' | ' + $fault.Place) }
Write-Line ('findings: ' + $ordered.Count)
Write-Line '-----END CLAUDE CODE REPORT v1-----'

Write-Output $output
$global:LASTEXITCODE = [int]($ordered.Count -gt 0)
} @args
# Only a script that runs as a file may exit: with irm | iex it would close your window.
if ($PSCommandPath) { exit $global:LASTEXITCODE }
