# Sets up Claude Code for a gateway, on this machine, for you. Windows PowerShell 5.1 and PowerShell 7.
#
# What it does, in this order:
#   1. asks for your key without showing it, or takes it from the variable that --key-env names
#   2. sends the gateway one request for one token with that key, to see whether the key works (--no-check leaves it out)
#   3. puts the settings below into the file below (or into your Windows user environment, if you chose that);
#      everything else in the file stays as it is, byte for byte
#   4. leaves a copy of the file as it was, and a small record for --undo, beside the file
#
# What it does not do: install anything, send anything anywhere but to the gateway, need an administrator for your own
# settings, put the key into a command line, into a history or into a file other than the settings and their record.
#
# There is no key in this text. It is the same for everybody who made the same choices.
#
# Use:  irm ADDRESS | iex                                              or, with options:
#       & ([scriptblock]::Create((irm ADDRESS))) --dry-run             or, when saved:
#       powershell -ExecutionPolicy Bypass -File apply.ps1 --dry-run
# The options may also stand in the variable CLAUDE_SETUP_OPTIONS. --help shows them, and the exit codes.

& {
# ---- Your choices ----------------------------------------------------------------------------------------------------
$values = @{
    #@values
}
# ---- The script: the same for everybody ------------------------------------------------------------------------------

Set-StrictMode -Off
$ErrorActionPreference = 'Stop'
$ordinal = [StringComparison]::Ordinal
$latin = [Text.Encoding]::GetEncoding(28591) # one character a byte: what is not touched keeps its bytes
$utf8 = New-Object Text.UTF8Encoding($false)
$state = @{ DryRun = $false; Undo = $false; Yes = $false; Check = $true; KeyEnv = ''; Key = ''; Lock = $null; New = '' }

$help = @'
Sets up Claude Code for the gateway named at the top of this script.

  --dry-run        say what would change, and change nothing
  --undo           give every touched setting its previous value back
  --yes            answer every question with yes, also whether to write a key that the gateway rejected
  --no-check       do not try the key at the gateway
  --key-env NAME   take the key from the environment variable NAME instead of asking
  --help           this text

PowerShell's way of writing them works too: -DryRun -Undo -Yes -NoCheck -KeyEnv NAME -Help

Exit codes ($LASTEXITCODE)
   0  done, or nothing to do
   1  something went wrong that has no code of its own
   2  an option is unknown, or this is the wrong folder
   3  no key: none given, not a key, or no window to ask in
   4  the gateway rejected the key; nothing was written
   5  the settings file is not JSON that can be changed; nothing was written
   7  Git tracks the file that would hold the key; nothing was written
   8  this needs an administrator
   9  the file or its folder cannot be written, or the disk is full
  10  another run holds the lock
  11  nothing to undo
  12  a settings file would win over the Windows user environment; nothing was written
'@

function Stop-Setup($code, $sentence) {
    $problem = New-Object InvalidOperationException($sentence)
    $problem.Data['code'] = $code
    throw $problem
}

function Test-Same($one, $other) { return [string]::Equals([string]$one, [string]$other, $ordinal) }

function Test-Has($text, $part) { return ([string]$text).IndexOf([string]$part, $ordinal) -ge 0 }

# ---- The key ---------------------------------------------------------------------------------------------------------

function Read-Key {
    if ($state.KeyEnv) {
        $pasted = [Environment]::GetEnvironmentVariable($state.KeyEnv)
        if (-not $pasted) { Stop-Setup 3 "The variable $($state.KeyEnv) is empty or not set." }
        [Environment]::SetEnvironmentVariable($state.KeyEnv, [NullString]::Value) # no program below inherits it
    } else {
        try {
            $secure = Read-Host "Paste your key for $($values.gateway), then press Enter (it is not shown)" -AsSecureString
        } catch {
            Stop-Setup 3 'There is no window to ask for the key in. Put the key into a variable, and name it: --key-env NAME.'
        }
        $pointer = [Runtime.InteropServices.Marshal]::SecureStringToBSTR($secure)
        try { $pasted = [Runtime.InteropServices.Marshal]::PtrToStringBSTR($pointer) }
        finally { [Runtime.InteropServices.Marshal]::ZeroFreeBSTR($pointer) }
    }
    $state.Key = ConvertFrom-Paste $pasted
    Test-Key $state.Key
}

# Cannot be seen, or turns the direction of writing.
$invisible = '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]'

# What a paste adds around a key: terminal marks, invisible characters, blanks, line breaks, "export NAME=", quotes, "Bearer".
function ConvertFrom-Paste($text) {
    $quotes = '["''`\u2018-\u201a\u201c-\u201e\u00ab\u00bb]+'
    $name = '["'']?(?:[A-Z][A-Z0-9_]*_(?:KEY|TOKEN))["'']?'
    $text = [regex]::Replace($text, '\x1b\[20[01]~', '')
    $text = ([regex]::Replace($text, $invisible, '') -replace '[\r\n]', '').Trim()
    $assignment = [regex]::Match($text, '\A(?:export\s+|set\s+-[a-zA-Z]+\s+|setx\s+|set\s+"?|\$env:)?' + $name + '\s*(?:[=:]\s*|\s)(?=\S)')
    if ($assignment.Success) { $text = $text.Substring($assignment.Length).Trim().TrimEnd(';', ',') }
    $text = [regex]::Replace($text, "\A$quotes\s*|\s*$quotes\z", '')
    return [regex]::Replace($text, '\A(?:authorization:\s*)?bearer\s+', '', 'IgnoreCase')
}

function Test-Key($key) {
    if (-not $key) { Stop-Setup 3 'No key was given. Nothing was changed.' }
    if ((Test-Same $key $values.placeholder) -or $key -cmatch '\A(?:<.*>|sk-[xX]{3,}|sk-\.{3,})\z') {
        Stop-Setup 3 'This is the placeholder from the guide. Use the key that your gateway gave you.'
    }
    if ($key.Length -gt 4096) { Stop-Setup 3 "This is too long to be a key ($($key.Length) characters). Copy only the key." }
    $odd = [regex]::Match($key, '[^A-Za-z0-9._~+/=-]')
    if ($odd.Success) {
        Stop-Setup 3 ("Character $($odd.Index + 1) cannot be part of a key. Keys are made of letters, digits and " +
            "- . _ ~ + / = only. Copy the key again from your gateway's console. Nothing was changed.")
    }
}

function Add-Key($text) { return ([string]$text).Replace($values.placeholder, $state.Key) }

function Hide-Secret($text) {
    if ($text.Length -lt 12) { return '***' }
    return $text.Substring(0, 3) + '...' + $text.Substring($text.Length - 4)
}

function Confirm-Step($question) {
    if ($state.Yes) { return $true }
    try { return (Read-Host "$question [y/N]") -match '\A\s*(?:y|yes)\s*\z' } catch { return $false }
}

# ---- One token from the gateway --------------------------------------------------------------------------------------

function Test-Gateway {
    if (-not $state.Check) { return }
    try {
        $answer = Send-Question
    } catch {
        $reason = $_.Exception.GetBaseException().Message
        Write-Output "The key was not checked: $(Hide-Key $reason) ($($values.base_url))"
        return
    }
    $said = Get-Quote $answer.Text
    $code = "HTTP $($answer.Status)"
    switch (Get-Meaning $answer.Status $answer.Text) {
        'accepted' { Write-Output 'The gateway accepted the key.' }
        'elsewhere' { Write-Output "The gateway's address leads somewhere else ($code). The key was not sent there, and not checked." }
        'provider' { Write-Output "The gateway has trouble with its own provider ($code), not with your key: $said" }
        'credit' { Write-Output "The key is known, but has no credit left (${code}): $said" }
        'model' { Write-Output "The gateway does not offer the model $($values.check_model) (${code}): $said" }
        'rejected' {
            Write-Output "The gateway rejected the key (${code}): $said"
            if (-not (Confirm-Step 'Write the settings with this key anyway?')) {
                Stop-Setup 4 'Nothing was changed. Copy the key again from your gateway, and run this once more.'
            }
        }
        default { Write-Output "The gateway answered, but not as expected (${code}): $said" }
    }
}

function Send-Question {
    try { [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor 3072 } catch { }
    $request = [Net.WebRequest]::Create($values.check_url)
    $request.Method = 'POST'
    $request.AllowAutoRedirect = $false
    $request.Timeout = 20000
    $request.ReadWriteTimeout = 20000
    foreach ($line in $values.check_headers.Split("`n")) {
        $at = $line.IndexOf(': ', $ordinal)
        $name = $line.Substring(0, $at)
        $value = Add-Key $line.Substring($at + 2)
        if ($name -eq 'content-type') { $request.ContentType = $value }
        elseif ($name -eq 'accept') { $request.Accept = $value }
        elseif ($name -eq 'user-agent') { $request.UserAgent = $value }
        else { $request.Headers.Add($name, $value) }
    }
    $body = $utf8.GetBytes($values.check_body)
    $request.ContentLength = $body.Length
    $stream = $request.GetRequestStream()
    $stream.Write($body, 0, $body.Length)
    $stream.Close()
    try {
        $response = $request.GetResponse()
    } catch {
        $cause = $_.Exception.GetBaseException()
        $response = $null
        if ($cause -is [Net.WebException]) { $response = $cause.Response }
        elseif ($_.Exception.InnerException -is [Net.WebException]) { $response = $_.Exception.InnerException.Response }
        if ($null -eq $response) { throw }
    }
    $reader = New-Object IO.StreamReader($response.GetResponseStream(), $utf8)
    $buffer = New-Object 'char[]' 4000
    $length = $reader.ReadBlock($buffer, 0, $buffer.Length)
    $answer = @{ Status = [int]$response.StatusCode; Text = [string]::new($buffer, 0, $length) }
    $response.Close()
    return $answer
}

function Get-Meaning($status, $text) {
    $message = ($text -match '"(?:type|role)"\s*:\s*"(?:message|assistant)"') -and ($text -notmatch '"choices"\s*:|"type"\s*:\s*"error"')
    if ($status -ge 200 -and $status -lt 300 -and $message) { return 'accepted' }
    if ($status -ge 300 -and $status -lt 400) { return 'elsewhere' }
    if ($text -match 'litellm\.[a-z.]*(?:Authentication|PermissionDenied)Error|no available channel key') { return 'provider' }
    if ($status -eq 402 -or $text -match 'insufficient[_ a-z]*(?:quota|balance|credit)|credit balance|billing_error|budget|quota_failed|\u989d\u5ea6|\u4f59\u989d') {
        return 'credit'
    }
    $model = 'model_not_found|not_found_error.{0,80}model|model.{0,120}(?:not exist|not found|unknown|not (?:supported|available|valid))' +
        '|invalid model|(?:unknown|unsupported) model|no available channels?|\u65e0\u53ef\u7528\u6e20\u9053|\u65e0\u6743\u8bbf\u95ee.{0,20}\u6a21\u578b'
    if ((400, 403, 404, 422, 500, 503) -contains $status -and $text -match $model) { return 'model' }
    $denied = 'auth(?:entication)?_error|no_db_connection|expired_key|invalid.{0,20}(?:api.?key|token|key)|\u65e0\u6548\u7684\u4ee4\u724c'
    if ($status -eq 401 -or ((400, 403, 422) -contains $status -and $text -match $denied)) { return 'rejected' }
    return 'other'
}

function Hide-Key($text) {
    if ($state.Key) { $text = $text.Replace($state.Key, '***') }
    return $text
}

# At most 200 characters of what the gateway said, on one line, with nothing key-like in it.
function Get-Quote($text) {
    $text = [regex]::Replace((Hide-Key $text), '<[^>]*>|[\x00-\x1f\x7f-\x9f]', ' ')
    $text = [regex]::Replace($text, $invisible, '')
    $text = [regex]::Replace($text, '(?:sk|pk|rk|ak)-[A-Za-z0-9._~+*=-]{4,}|[Bb]earer +[^ ",]{6,}', '***')
    $text = [regex]::Replace($text, '\s+', ' ').Trim()
    if ($text.Length -gt 200) { $text = $text.Substring(0, 200) }
    return $text
}

# ---- Merging: a JSON text is read for positions only, and changed by cutting and pasting ------------------------------
# No ConvertFrom-Json and ConvertTo-Json here: they turn dates into objects, lists of one into their content, cut what
# is nested deeply and write numbers anew. The steps are those of engines/merge.py.

# The last alternative makes a token of anything else, which then is the error.
$tokenPattern = '[{}\[\],:]|"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"' +
    '|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|[^ \t\r\n]'

# The members of the root object (depth 1) and of the objects in it (depth 2). Expect: V a value, A a value or ], K a
# name or }, S a name, C a colon, N a comma or the end of the object or list, E nothing. Error: a position, or -1.
function Read-Json($text) {
    $members = New-Object 'Collections.Generic.List[object]'
    $current = @{}
    $expect = 'V'
    $stack = ''
    $previous = 0
    $start = -1
    foreach ($match in [regex]::Matches($text, $tokenPattern)) {
        $at = $match.Index
        $end = $at + $match.Length
        $char = $text.Substring($at, 1)
        $top = if ($stack) { $stack.Substring($stack.Length - 1) } else { '' }
        $inObject = ($stack -ceq '{') -or ($stack -ceq '{{')
        $depth = $stack.Length
        $ended = $false
        if ($start -lt 0) { $start = $at }
        if ($match.Length -eq 1 -and -not '{}[],:0123456789'.Contains($char)) {
            return @{ Error = $at; Members = $members; Start = $start; Close = -1 }
        }
        if ($char -ceq '"' -and 'KS'.Contains($expect)) {
            $expect = 'C'
            if ($inObject) {
                $current[$depth] = @{ Depth = $depth; Name = (ConvertFrom-JsonString $match.Value); Gap = $previous
                    Key = $at; Colon = $end; Value = -1; End = -1 }
                $members.Add($current[$depth])
            }
        } elseif ($char -ceq ':' -and $expect -ceq 'C') {
            $expect = 'V'
        } elseif ($char -ceq ',' -and $expect -ceq 'N') {
            $expect = if ($top -ceq '{') { 'S' } else { 'V' }
        } elseif (($char -ceq '}' -and $top -ceq '{' -and 'KN'.Contains($expect)) -or
            ($char -ceq ']' -and $top -ceq '[' -and 'AN'.Contains($expect))) {
            $stack = $stack.Substring(0, $depth - 1)
            $ended = $true
        } elseif (-not '}],:'.Contains($char) -and 'VA'.Contains($expect)) {
            if ($inObject) { $current[$depth].Value = $at }
            if ('{['.Contains($char)) {
                $stack += $char
                $expect = if ($char -ceq '{') { 'K' } else { 'A' }
            } else {
                $ended = $true
            }
        } else {
            return @{ Error = $at; Members = $members; Start = $start; Close = -1 }
        }
        if ($ended) {
            $expect = if ($stack) { 'N' } else { 'E' }
            if (($stack -ceq '{') -or ($stack -ceq '{{')) { $current[$stack.Length].End = $end }
        }
        $previous = $end
    }
    $problem = if ($expect -ceq 'E') { -1 } else { $text.Length }
    return @{ Error = $problem; Members = $members; Start = $start; Close = $previous - 1 }
}

function ConvertFrom-JsonString($token) {
    $inner = $token.Substring(1, $token.Length - 2)
    return [regex]::Replace($inner, '\\(?:u([0-9a-fA-F]{4})|(.))', {
        param($escape)
        if ($escape.Groups[1].Success) { return [string][char][Convert]::ToInt32($escape.Groups[1].Value, 16) }
        switch -CaseSensitive ($escape.Groups[2].Value) {
            'b' { return "`b" }
            'f' { return "`f" }
            'n' { return "`n" }
            'r' { return "`r" }
            't' { return "`t" }
        }
        return $escape.Groups[2].Value
    })
}

function ConvertTo-JsonString($text) {
    return '"' + [regex]::Replace($text, '["\\\x00-\x1f\x7f-\uffff]', {
        param($char)
        return '\u{0:x4}' -f [int][char]$char.Value
    }) + '"'
}

function Get-Members($found, $owner) {
    $members = New-Object 'Collections.Generic.List[object]'
    foreach ($member in $found.Members) {
        if ($null -eq $owner) { $mine = $member.Depth -eq 1 }
        else { $mine = $member.Depth -eq 2 -and $owner.Value -lt $member.Key -and $member.Key -lt $owner.End }
        if ($mine) { $members.Add($member) }
    }
    return , $members
}

function Find-Last($members, $name) {
    $last = $null
    foreach ($member in $members) { if (Test-Same $member.Name $name) { $last = $member } }
    return $last
}

function Get-Value($text, $member) {
    if ($null -eq $member) { return '' }
    return $text.Substring($member.Value, $member.End - $member.Value)
}

# How new text is laid out: over lines or in one, the unit of indent, the line break, what follows a name.
function Get-Style($text, $root) {
    $feed = if ($text.Contains("`r`n")) { "`r`n" } else { "`n" }
    if ($root.Count -eq 0) { return @{ Lines = $true; Unit = '  '; Feed = $feed; Colon = ': ' } }
    $gap = $text.Substring($root[0].Gap, $root[0].Key - $root[0].Gap)
    if ($gap.Contains("`n")) {
        $unit = $gap.Substring($gap.LastIndexOf([char]10) + 1).Replace("`r", '')
        return @{ Lines = $true; Unit = $unit; Feed = $feed; Colon = ': ' }
    }
    $tight = $text[$root[$root.Count - 1].Value - 1] -ceq [char]':'
    return @{ Lines = $false; Unit = ''; Feed = $feed; Colon = $(if ($tight) { ':' } else { ': ' }) }
}

# What stands between the braces of an object that had no member.
function Join-Block($items, $style, $depth) {
    if (-not $style.Lines) { return [string]::Join($(if ($style.Colon -ceq ': ') { ', ' } else { ',' }), [string[]]$items) }
    $feed = $style.Feed + $style.Unit * ($depth + 1)
    return $feed + [string]::Join(",$feed", [string[]]$items) + $style.Feed + $style.Unit * $depth
}

# What the last member has before its name and between name and value, to be repeated for a new one.
function Get-Joints($text, $members, $style) {
    if ($members.Count -eq 0) { return @{ Before = ''; Colon = $style.Colon } }
    $last = $members[$members.Count - 1]
    $gap = $text.Substring($last.Gap, $last.Key - $last.Gap)
    $between = $text.Substring($last.Colon, $last.Value - $last.Colon)
    $colon = if ($between.Contains("`n")) { ': ' } else { $between }
    if ($gap.Contains("`n")) {
        $at = $gap.LastIndexOf([char]10)
        if ($at -gt 0 -and $gap[$at - 1] -ceq [char]13) { $at -= 1 }
        return @{ Before = $gap.Substring($at); Colon = $colon }
    }
    if ($members.Count -gt 1) { return @{ Before = $gap; Colon = $colon } }
    return @{ Before = $(if ($between[$between.Length - 1] -ceq [char]':') { '' } else { ' ' }); Colon = $colon }
}

# Adds the splices that carry out the changes in one object: values replaced, members cut out, new ones after the last.
function Add-Splices($splices, $text, $body, $changes, $style) {
    $members = $body.Members
    $kept = -1
    for ($index = 0; $index -lt $members.Count; $index++) {
        if (-not (Test-Dropped $changes $members[$index].Name)) { $kept = $index }
    }
    for ($index = 0; $index -lt $kept; $index++) {
        if (Test-Dropped $changes $members[$index].Name) {
            $splices.Add(@{ Start = $members[$index].Key; End = $members[$index + 1].Key; Text = '' })
        }
    }
    $joints = Get-Joints $text $members $style
    $items = New-Object 'Collections.Generic.List[string]'
    foreach ($change in $changes) {
        if ($null -eq $change.New) { continue }
        if ($null -ne $change.Old) { $splices.Add(@{ Start = $change.Old.Value; End = $change.Old.End; Text = $change.New }) }
        else { $items.Add('"' + $change.Name + '"' + $joints.Colon + $change.New) }
    }
    if ($members.Count -eq 0 -or ($kept -lt 0 -and $items.Count -eq 0)) {
        $block = if ($items.Count) { Join-Block $items $style $body.Depth } else { '' }
        if ($items.Count -or $members.Count) { $splices.Add(@{ Start = $body.Start + 1; End = $body.Close; Text = $block }) }
        return
    }
    $end = $members[$members.Count - 1].End
    $joined = [string]::Join(',' + $joints.Before, $items.ToArray())
    if ($kept -lt 0) {
        $splices.Add(@{ Start = $members[0].Key; End = $end; Text = $joined })
    } else {
        $tail = if ($items.Count) { ',' + $joints.Before + $joined } else { '' }
        $splices.Add(@{ Start = $members[$kept].End; End = $end; Text = $tail })
    }
}

function Test-Dropped($changes, $name) {
    foreach ($change in $changes) { if ($null -eq $change.New -and (Test-Same $change.Name $name)) { return $true } }
    return $false
}

# The record of an earlier run: its entries, and what the file was before the first run.
function Read-Record($text, $created) {
    $record = @{ Entries = (New-Object 'Collections.Generic.List[object]'); Made = @(); Created = $created }
    if (-not $text) { return $record }
    $found = Read-Json $text
    if ($found.Error -ge 0 -or $text[$found.Start] -cne [char]'{') { return $record }
    foreach ($member in (Get-Members $found $null)) {
        $at = $member.Name.IndexOf([char]' ')
        if (Test-Same $member.Name 'created') { $record.Created = (Get-Value $text $member).Trim('"') }
        if ($at -lt 0) { continue }
        $section = $member.Name.Substring(0, $at)
        $name = $member.Name.Substring($at + 1)
        if (Test-Same $section 'made') { $record.Made += $name; continue }
        $inner = Get-Members $found $member
        $before = Find-Last $inner 'before'
        $record.Entries.Add(@{
            Section = $section
            Name = $name
            Written = Get-Value $text (Find-Last $inner 'written')
            Before = $(if ($null -eq $before) { $null } else { Get-Value $text $before })
        })
    }
    return $record
}

function Find-Entry($record, $section, $name) {
    foreach ($entry in $record.Entries) {
        if ((Test-Same $entry.Section $section) -and (Test-Same $entry.Name $name)) { return $entry }
    }
    return $null
}

# Works out what a text becomes. The result has Problem (or $null), At, Changes, Text, Record, Bare and Created.
function Get-Merge($mode, $text, $orders, $recordText, $created) {
    $found = Read-Json $text
    if ($found.Error -ge 0) { return @{ Problem = 'is not valid JSON'; At = $found.Error } }
    if ($text[$found.Start] -cne [char]'{') { return @{ Problem = 'does not hold an object'; At = $found.Start } }
    $record = Read-Record $recordText $created
    $root = Get-Members $found $null
    $wanted = New-Object 'Collections.Generic.List[object]'
    if ($mode -ceq 'undo') {
        foreach ($entry in $record.Entries) { $wanted.Add(@{ Section = $entry.Section; Name = $entry.Name; New = $entry.Before; Written = $entry.Written }) }
    } else {
        foreach ($line in $orders) {
            $words = $line.Split([char[]]' ', 4)
            $new = if ($words[0] -ceq 'set') { Add-Key $words[3] } else { $null }
            $wanted.Add(@{ Section = $words[1]; Name = $words[2]; New = $new; Written = $null })
        }
    }
    $changes = New-Object 'Collections.Generic.List[object]'
    foreach ($want in $wanted) {
        $members = $root
        if (-not (Test-Same $want.Section '.')) {
            $owner = Find-Last $root $want.Section
            if ($null -ne $owner -and $text[$owner.Value] -cne [char]'{') {
                return @{ Problem = "has something else than an object under `"$($want.Section)`""; At = $owner.Value }
            }
            $members = if ($null -eq $owner) { @() } else { Get-Members $found $owner }
        }
        $old = Find-Last $members $want.Name
        $value = Get-Value $text $old
        if ($null -ne $want.Written -and -not (Test-Same $value $want.Written)) { $action = 'left' }
        elseif ($null -eq $want.New) { if ($null -eq $old) { continue } else { $action = 'remove' } }
        elseif ($null -eq $old) { $action = 'add' }
        elseif (Test-Same $value $want.New) { continue }
        else { $action = 'replace' }
        $changes.Add(@{ Action = $action; Section = $want.Section; Name = $want.Name; Old = $old; OldText = $value; New = $want.New })
    }
    $result = @{ Problem = $null; Changes = $changes; Created = $record.Created; Bare = $false; Text = $text; Changed = $false }
    Complete-Merge $result $mode $text $found $root $record
    return $result
}

function Complete-Merge($result, $mode, $text, $found, $root, $record) {
    $style = Get-Style $text $root
    $splices = New-Object 'Collections.Generic.List[object]'
    $top = New-Object 'Collections.Generic.List[object]'
    $done = New-Object 'Collections.Generic.List[string]'
    foreach ($change in $result.Changes) {
        if ($change.Action -ceq 'left') { continue }
        if (Test-Same $change.Section '.') { $top.Add($change); continue }
        if ($done.Contains($change.Section)) { continue }
        $done.Add($change.Section)
        $inner = New-Object 'Collections.Generic.List[object]'
        foreach ($other in $result.Changes) {
            if ($other.Action -cne 'left' -and (Test-Same $other.Section $change.Section)) { $inner.Add($other) }
        }
        $owner = Find-Last $root $change.Section
        if ($null -eq $owner) {
            $items = New-Object 'Collections.Generic.List[string]'
            foreach ($other in $inner) { $items.Add('"' + $other.Name + '"' + $style.Colon + $other.New) }
            $top.Add(@{ Name = $change.Section; Old = $null; New = '{' + (Join-Block $items $style 1) + '}' })
            continue
        }
        $members = Get-Members $found $owner
        if ($mode -ceq 'undo' -and (Test-LeavesNothing $record $change.Section $members $inner)) {
            $top.Add(@{ Name = $change.Section; Old = $owner; New = $null })
        } else {
            Add-Splices $splices $text @{ Members = $members; Start = $owner.Value; Close = $owner.End - 1; Depth = 1 } $inner $style
        }
    }
    if ($top.Count) {
        Add-Splices $splices $text @{ Members = $root; Start = $found.Start; Close = $found.Close; Depth = 0 } $top $style
    }
    if ($mode -ceq 'undo') { $result.Bare = Test-Bare $root $top }
    if ($splices.Count -eq 0) { return }
    $result.Changed = $true
    $result.Text = Join-Splices $text $splices
    if ($mode -cne 'undo') { $result.Record = Get-Record $result $record $root }
}

# Whether the section exists only because of us, and the undo takes its last member.
function Test-LeavesNothing($record, $section, $members, $changes) {
    $made = $false
    foreach ($name in $record.Made) { if (Test-Same $name $section) { $made = $true } }
    foreach ($change in $changes) { if ($null -eq $change.Old) { return $false } }
    foreach ($member in $members) { if (-not (Test-Dropped $changes $member.Name)) { return $false } }
    return $made
}

function Test-Bare($root, $top) {
    foreach ($change in $top) { if ($null -ne $change.New) { return $false } }
    foreach ($member in $root) { if (-not (Test-Dropped $top $member.Name)) { return $false } }
    return $true
}

function Join-Splices($text, $splices) {
    $builder = New-Object Text.StringBuilder
    $at = 0
    foreach ($splice in ($splices | Sort-Object -Property { $_.Start }, { $_.End })) {
        [void]$builder.Append($text, $at, $splice.Start - $at).Append($splice.Text)
        $at = $splice.End
    }
    return $builder.Append($text, $at, $text.Length - $at).ToString()
}

# The record after this run: a touched value keeps the oldest value before it, unless somebody changed it.
function Get-Record($result, $record, $root) {
    $lines = New-Object 'Collections.Generic.List[string]'
    $lines.Add('  "created": "' + $record.Created + '",')
    foreach ($entry in $record.Entries) {
        $touched = $false
        foreach ($change in $result.Changes) {
            if ((Test-Same $change.Section $entry.Section) -and (Test-Same $change.Name $entry.Name)) { $touched = $true }
        }
        if (-not $touched) { $lines.Add((Format-Entry $entry.Section $entry.Name $entry.Written $entry.Before)) }
    }
    $made = New-Object 'Collections.Generic.List[string]'
    foreach ($name in $record.Made) { $made.Add($name) }
    foreach ($change in $result.Changes) {
        $known = Find-Entry $record $change.Section $change.Name
        $before = if ($null -eq $change.Old) { $null } else { $change.OldText }
        if ($null -ne $known -and (Test-Same $known.Written $change.OldText)) { $before = $known.Before }
        $lines.Add((Format-Entry $change.Section $change.Name $change.New $before))
        $new = -not (Test-Same $change.Section '.') -and $null -eq (Find-Last $root $change.Section)
        if ($new -and -not $made.Contains($change.Section)) { $made.Add($change.Section) }
    }
    foreach ($name in $made) { $lines.Add('  "made ' + $name + '": true,') }
    $lines.Add('  "portal-undo": 1')
    return "{`n" + [string]::Join("`n", $lines.ToArray()) + "`n}`n"
}

function Format-Entry($section, $name, $written, $before) {
    $parts = New-Object 'Collections.Generic.List[string]'
    if ($written) { $parts.Add('"written": ' + $written) }
    if ($null -ne $before) { $parts.Add('"before": ' + $before) }
    return '  "' + $section + ' ' + $name + '": {' + [string]::Join(', ', $parts.ToArray()) + '},'
}

# ---- Files -----------------------------------------------------------------------------------------------------------

function Get-FilePath($number) {
    $below = $values["path_$number"].Replace('/', [string][IO.Path]::DirectorySeparatorChar)
    switch ($values["where_$number"]) {
        'user' {
            $folder = $env:CLAUDE_CONFIG_DIR
            if (-not $folder) { $folder = Join-Path $env:USERPROFILE '.claude' }
            $path = Join-Path $folder (Split-Path $below -Leaf)
        }
        'project' { $path = Join-Path (Get-Location -PSProvider FileSystem).ProviderPath $below }
        'machine' { $path = $below }
        default { return '' }
    }
    return Resolve-Link $path
}

# Follows symbolic links, so that the file itself is replaced and the link stays.
function Resolve-Link($path) {
    for ($hops = 0; $hops -lt 40; $hops++) {
        $item = Get-Item -LiteralPath $path -Force -ErrorAction SilentlyContinue
        if ($null -eq $item -or $item.LinkType -ne 'SymbolicLink') { break }
        $target = @($item.Target)[0]
        if (-not [IO.Path]::IsPathRooted($target)) { $target = Join-Path (Split-Path $path) $target }
        $path = [IO.Path]::GetFullPath($target)
    }
    return $path
}

# The file as it is: its bytes, its text with a character a byte, what it was. Without a mark at its start, never blank.
function Get-Snapshot($path) {
    if (-not (Test-Path -LiteralPath $path)) {
        return @{ Exists = $false; Bytes = (New-Object 'byte[]' 0); Text = "{}`n"; Created = 'absent' }
    }
    try { $bytes = [IO.File]::ReadAllBytes($path) } catch { Stop-Setup 9 "$path cannot be read. Nothing was changed." }
    $text = $latin.GetString($bytes)
    if ($text.StartsWith("$([char]0xff)$([char]0xfe)", $ordinal)) {
        $text = $latin.GetString($utf8.GetBytes([Text.Encoding]::Unicode.GetString($bytes, 2, $bytes.Length - 2)))
    } elseif ($text.StartsWith("$([char]0xfe)$([char]0xff)", $ordinal)) {
        $text = $latin.GetString($utf8.GetBytes([Text.Encoding]::BigEndianUnicode.GetString($bytes, 2, $bytes.Length - 2)))
    } elseif ($text.StartsWith("$([char]0xef)$([char]0xbb)$([char]0xbf)", $ordinal)) {
        $text = $text.Substring(3)
    }
    $created = 'no'
    if (-not $text.Trim([char[]]" `t`r`n")) {
        $created = 'empty'
        $text = "{}`n"
    }
    return @{ Exists = $true; Bytes = $bytes; Text = $text; Created = $created }
}

function Get-RecordText($path) {
    $record = "$path.portal-undo"
    if (Test-Path -LiteralPath $record) { return $latin.GetString([IO.File]::ReadAllBytes($record)) }
    return ''
}

function Stop-BadDocument($path, $text, $merge) {
    if ($null -eq $merge.Problem) { return }
    $good = $utf8.GetString($latin.GetBytes($text.Substring(0, $merge.At)))
    $row = $good.Split([char]10).Count
    $column = $good.Length - $good.LastIndexOf([char]10)
    Stop-Setup 5 ("$path $($merge.Problem) (line $row, column $column). Claude Code ignores the whole file. Nothing was " +
        "changed. Correct it there and run this again, or have the guide repair it: $($values.guide + '#fold-merge')")
}

function Stop-Tracked($path) {
    $ErrorActionPreference = 'Continue' # Windows PowerShell takes what a program says on its error stream for an error
    $folder = Split-Path $path
    if (-not (Get-Command git -ErrorAction SilentlyContinue) -or -not (Test-Path -LiteralPath $folder)) { return }
    $null = & git -C $folder ls-files --error-unmatch -- (Split-Path $path -Leaf) 2>$null
    if ($LASTEXITCODE -eq 0) {
        Stop-Setup 7 ("Git tracks $path, so the key would be published with it. Nothing was changed. Take the file out of " +
            "Git first (git rm --cached), commit, and have keys replaced that were in it.")
    }
}

function Test-Administrator {
    $identity = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
    return $identity.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}

# One run at a time for each file: a file that nobody else can open, and that goes when this program ends, however.
function Enter-Lock($path) {
    try { [void][IO.Directory]::CreateDirectory((Split-Path $path)) } catch { Stop-Unwritable $path }
    for ($tries = 0; $tries -lt 75; $tries++) {
        try {
            $state.Lock = New-Object IO.FileStream("$path.portal-lock", [IO.FileMode]::OpenOrCreate,
                [IO.FileAccess]::ReadWrite, [IO.FileShare]::None, 8, [IO.FileOptions]::DeleteOnClose)
            return
        } catch {
            if (-not (Test-Path -LiteralPath "$path.portal-lock")) { Stop-Unwritable $path }
            Start-Sleep -Milliseconds 200
        }
    }
    Stop-Setup 10 "Another run is changing $path. Wait for it, then run this again."
}

function Exit-Lock {
    if ($null -ne $state.Lock) { $state.Lock.Dispose() }
    $state.Lock = $null
    if ($state.New) { Remove-Item -LiteralPath $state.New -Force -ErrorAction SilentlyContinue }
    $state.New = ''
}

function Stop-Unwritable($path) {
    Stop-Setup 9 ("Nothing can be written beside ${path}: it is read-only, the folder is, or the disk is full. The file is " +
        "as it was. Make room or allow writing, then run this again.")
}

# Puts the text in the place of the file, in one step; the file keeps its access rights. False when it changed meanwhile.
function Set-File($path, $text, $snapshot, $backup) {
    $now = if (Test-Path -LiteralPath $path) { $latin.GetString([IO.File]::ReadAllBytes($path)) } else { '' }
    if (-not (Test-Same $now $latin.GetString($snapshot.Bytes))) { return $false }
    if ($snapshot.Exists -and (Get-Item -LiteralPath $path -Force).IsReadOnly) {
        Stop-Setup 9 "$path is read-only. Allow writing, then run this again. Nothing was changed."
    }
    $state.New = "$path.portal-new"
    try {
        [IO.File]::WriteAllBytes($state.New, $latin.GetBytes($text))
        if ($snapshot.Exists) {
            if ($snapshot.Bytes.Length -and $backup) {
                $copy = "$path.backup-$(Get-Date -Format 'yyyyMMdd-HHmmss')"
                while (Test-Path -LiteralPath $copy) { $copy += '+' }
                [IO.File]::WriteAllBytes($copy, $snapshot.Bytes)
                $state.Backup = $copy
            }
            [IO.File]::Replace($state.New, $path, [NullString]::Value)
        } else {
            [IO.File]::Move($state.New, $path)
        }
    } catch {
        Stop-Unwritable $path
    }
    return $true
}

# ---- One settings file -----------------------------------------------------------------------------------------------

function Get-Plan($path, $orders) {
    $snapshot = Get-Snapshot $path
    if ($snapshot.Created -cne 'no') { $orders = @($values.schema_order) + @($orders) }
    $merge = Get-Merge 'apply' $snapshot.Text $orders (Get-RecordText $path) $snapshot.Created
    Stop-BadDocument $path $snapshot.Text $merge
    if ($merge.Changed) {
        $proof = Get-Merge 'apply' $merge.Text $orders '' 'no'
        if ($null -ne $proof.Problem -or $proof.Changed) { Stop-Setup 1 "The new text of $path is not as planned. Nothing was changed." }
    }
    $merge.Snapshot = $snapshot
    return $merge
}

function Update-File($path, $orders) {
    $state.Backup = ''
    for ($tries = 0; $tries -lt 5; $tries++) {
        if (-not $state.DryRun) { Enter-Lock $path }
        $plan = Get-Plan $path $orders
        if ($state.DryRun -or -not $plan.Changed) { break }
        # The record first: a record without its change does no harm, a change without its record cannot be undone.
        try { [IO.File]::WriteAllBytes("$path.portal-undo", $latin.GetBytes($plan.Record)) } catch { Stop-Unwritable $path }
        $written = Set-File $path $plan.Text $plan.Snapshot $true
        if ($written) { break }
        Exit-Lock
        if ($tries -eq 4) { Stop-Setup 10 "Another program keeps changing $path. Close it and run this again." }
    }
    Exit-Lock
    if (-not $plan.Changed) { Write-Output "$path is already set up."; return }
    Write-Output $(if ($state.DryRun) { "$path would change:" } else { $path })
    Write-Changes $plan.Changes
    if ($state.Backup) { Write-Output "  The file as it was: $($state.Backup)" }
}

function Write-Changes($changes) {
    foreach ($change in $changes) {
        $label = $change.Name
        if ($change.Section -cne '.' -and $change.Section -cne 'env') { $label = "$($change.Section).$($change.Name)" }
        $was = if ($null -eq $change.Old) { '' } else { " (was $(Show-Value $change.Name $change.OldText))" }
        switch ($change.Action) {
            'left' { Write-Output "  left ${label}: it was changed since" }
            'remove' { Write-Output "  removed $label$was" }
            default { Write-Output "  set $label = $(Show-Value $change.Name $change.New)$was" }
        }
    }
}

function Show-Value($name, $text) {
    if ($text.StartsWith('"', $ordinal) -and $text.Length -ge 2) { $text = $text.Substring(1, $text.Length - 2) }
    if (-not $text) { return '(empty)' }
    if (Test-Same $text $values.placeholder) { return 'your key' }
    if ($name -match 'HEADERS') { return '***' }
    if ($name -match 'TOKEN|KEY|SECRET|PASSWORD|HELPER|AUTH') { return Hide-Secret $text }
    $text = Hide-Key ($utf8.GetString($latin.GetBytes($text)))
    $text = [regex]::Replace($text, '://[^/]*@', '://***@').Split([char]'?')[0]
    if ($text.Length -gt 100) { $text = $text.Substring(0, 100) }
    return $text
}

# A `model` of an earlier set-up that this gateway cannot serve. True when it shall be removed.
function Test-StaleModel($path, $orders) {
    if (-not ($orders | Where-Object { $_.StartsWith('set env ANTHROPIC_MODEL ', $ordinal) })) { return $false }
    $snapshot = Get-Snapshot $path
    $found = Read-Json $snapshot.Text
    if ($found.Error -ge 0) { return $false }
    $member = Find-Last (Get-Members $found $null) 'model'
    if ($null -eq $member) { return $false }
    $model = (Get-Value $snapshot.Text $member).Trim('"')
    if ($values.served_models.Split("`n") -ccontains ($model -replace '\[1m\]\z', '')) { return $false }
    Write-Host "$path asks for the model $(Show-Value 'model' $model), which this gateway's set-up does not have."
    if ($state.DryRun) { Write-Host '  It would be removed, if you agree.'; return $false }
    if (Confirm-Step '  Remove that line?') { return $true }
    Write-Host '  It stays. Remove it, or choose a model with /model in claude.'
    return $false
}

function Restore-File($path) {
    $record = "$path.portal-undo"
    if (-not (Test-Path -LiteralPath $record)) { return }
    $state.Undone = $true
    if (-not (Test-Path -LiteralPath $path)) {
        if (-not $state.DryRun) { Remove-Item -LiteralPath $record -Force }
        Write-Output "$path is gone already."
        return
    }
    if (-not $state.DryRun) { Enter-Lock $path }
    $snapshot = Get-Snapshot $path
    $merge = Get-Merge 'undo' $snapshot.Text @() (Get-RecordText $path) 'no'
    Stop-BadDocument $path $snapshot.Text $merge
    $gone = $merge.Bare -and $merge.Created -ceq 'absent'
    if ($merge.Bare -and $merge.Created -ceq 'empty') { $merge.Text = '' }
    if (-not $state.DryRun) {
        if ($gone) { Remove-Item -LiteralPath $path -Force }
        elseif ($merge.Changed -and -not (Set-File $path $merge.Text $snapshot $false)) {
            Stop-Setup 10 "Another program is changing $path. Run this again."
        }
        Remove-Item -LiteralPath $record -Force
        Exit-Lock
    }
    Write-Output $path
    Write-Changes $merge.Changes
    if ($gone) {
        Write-Output '  removed the file: nothing else was in it'
        $folder = Split-Path $path
        if (-not $state.DryRun -and -not (Get-ChildItem -LiteralPath $folder -Force)) { Remove-Item -LiteralPath $folder }
    }
}

# ---- What Git must not see -------------------------------------------------------------------------------------------

function Get-IgnoreFile {
    if ($values.scope -ceq 'project') { return Join-Path (Get-Location -PSProvider FileSystem).ProviderPath '.gitignore' }
    $ErrorActionPreference = 'Continue'
    if ($values.scope -cne 'local' -or -not (Get-Command git -ErrorAction SilentlyContinue)) { return '' }
    $exclude = & git rev-parse --git-path info/exclude 2>$null
    if ($LASTEXITCODE -ne 0 -or -not $exclude) { return '' }
    return [IO.Path]::GetFullPath((Join-Path (Get-Location -PSProvider FileSystem).ProviderPath $exclude))
}

function Add-IgnoreLines($path) {
    if (-not $path) { return }
    $text = if (Test-Path -LiteralPath $path) { $latin.GetString([IO.File]::ReadAllBytes($path)) } else { '' }
    $wanted = $values.ignore_lines.Split("`n")
    $there = $text -split '\r?\n'
    $missing = @($wanted | Select-Object -Skip 1 | Where-Object { $there -cnotcontains $_ })
    if ($missing.Count -eq 0) { return }
    Write-Output $path
    foreach ($line in $missing) { Write-Output "  $(if ($state.DryRun) { 'would get' } else { 'added' }) $line" }
    if ($state.DryRun) { return }
    if ($text -and -not $text.EndsWith("`n", $ordinal)) { $text += "`n" }
    $text += [string]::Join("`n", [string[]](@($wanted[0]) + $missing)) + "`n"
    try {
        [void][IO.Directory]::CreateDirectory((Split-Path $path))
        [IO.File]::WriteAllBytes($path, $latin.GetBytes($text))
    } catch { Stop-Unwritable $path }
}

function Remove-IgnoreLines($path) {
    if (-not $path -or -not (Test-Path -LiteralPath $path)) { return }
    $text = $latin.GetString([IO.File]::ReadAllBytes($path))
    $ours = $values.ignore_lines.Split("`n")
    $lines = $text.Split([char]10)
    if (-not ($lines | Where-Object { Test-Same $_.TrimEnd([char]13) $ours[0] })) { return }
    $state.Undone = $true
    if ($state.DryRun) { return }
    $rest = [string]::Join("`n", [string[]]@($lines | Where-Object { $ours -cnotcontains $_.TrimEnd([char]13) }))
    if ($rest.Trim()) { [IO.File]::WriteAllBytes($path, $latin.GetBytes($rest)) } else { Remove-Item -LiteralPath $path }
    Write-Output $path
    Write-Output '  removed our lines'
}

# ---- The Windows user environment ------------------------------------------------------------------------------------
# It is treated as a document of its own, so that the same merge and the same record serve it.

function Get-EnvironmentRecord { return Join-Path $env:APPDATA 'claude-gateway.portal-undo' }

function Get-EnvironmentText {
    $items = New-Object 'Collections.Generic.List[string]'
    foreach ($name in $values.names.Split(' ')) {
        $value = [Environment]::GetEnvironmentVariable($name, 'User')
        if ($value) { $items.Add("`"$name`": " + (ConvertTo-JsonString $value)) }
    }
    return '{"env": {' + [string]::Join(', ', $items.ToArray()) + '}}'
}

function Set-UserVariables($changes) {
    foreach ($change in $changes) {
        if ($change.Action -ceq 'left') { continue }
        $value = [NullString]::Value # Windows keeps no empty variables
        if ($null -ne $change.New) { $value = ConvertFrom-JsonString $change.New }
        [Environment]::SetEnvironmentVariable($change.Name, $value, 'User')
        [Environment]::SetEnvironmentVariable($change.Name, $value, 'Process')
    }
}

# What a settings file sets wins over the environment, so the variables would do nothing.
function Stop-Weaker {
    $folder = Join-Path (Get-Location -PSProvider FileSystem).ProviderPath '.claude'
    $home_folder = if ($env:CLAUDE_CONFIG_DIR) { $env:CLAUDE_CONFIG_DIR } else { Join-Path $env:USERPROFILE '.claude' }
    $paths = @((Join-Path $folder 'settings.local.json'), (Join-Path $folder 'settings.json'), (Join-Path $home_folder 'settings.json'))
    $weaker = $false
    foreach ($path in @($paths | Select-Object -Unique)) {
        try { $snapshot = Get-Snapshot $path } catch { continue }
        $found = Read-Json $snapshot.Text
        if ($found.Error -ge 0) { continue } # claude ignores a file that is no JSON
        $section = Find-Last (Get-Members $found $null) 'env'
        if ($null -eq $section) { continue }
        $members = Get-Members $found $section
        $names = @($values.names.Split(' ') | Where-Object { $null -ne (Find-Last $members $_) })
        if ($names.Count -eq 0) { continue }
        $weaker = $true
        Write-Output "$path sets $names. A settings file wins over the environment, so claude goes on with those values."
    }
    if (-not $weaker) { return }
    Write-Output "  Take them out of it, or choose the settings file in the guide instead of the environment: $($values.guide)"
    if (-not $state.DryRun -and -not (Confirm-Step 'Set the variables of the environment anyway?')) {
        Stop-Setup 12 'Nothing was changed. With --yes, the variables are set anyway.'
    }
}

function Update-Environment {
    $orders = foreach ($name in $values.names.Split(' ')) {
        $value = $values["value_$name"]
        if ($value) { "set env $name $(ConvertTo-JsonString $value)" } else { "drop env $name" }
    }
    $path = Get-EnvironmentRecord
    $record = if (Test-Path -LiteralPath $path) { $latin.GetString([IO.File]::ReadAllBytes($path)) } else { '' }
    $merge = Get-Merge 'apply' (Get-EnvironmentText) @($orders) $record 'no'
    if (-not $merge.Changed) { Write-Output 'Your Windows user environment is already set up.'; return }
    if (-not $state.DryRun) {
        try { [IO.File]::WriteAllBytes($path, $latin.GetBytes($merge.Record)) } catch { Stop-Unwritable $path }
        Set-UserVariables $merge.Changes
    }
    Write-Output $(if ($state.DryRun) { 'Your Windows user environment would change:' } else { 'Your Windows user environment' })
    Write-Changes $merge.Changes
    Write-Output '  Other open windows and VS Code need to be opened again.'
}

function Restore-Environment {
    $path = Get-EnvironmentRecord
    if (-not (Test-Path -LiteralPath $path)) { return }
    $state.Undone = $true
    $merge = Get-Merge 'undo' (Get-EnvironmentText) @() $latin.GetString([IO.File]::ReadAllBytes($path)) 'no'
    Write-Output 'Your Windows user environment'
    Write-Changes $merge.Changes
    if ($state.DryRun) { return }
    Set-UserVariables $merge.Changes
    Remove-Item -LiteralPath $path -Force
}

# ---- The whole -------------------------------------------------------------------------------------------------------

function Read-Options($words) {
    for ($index = 0; $index -lt $words.Count; $index++) {
        switch -Regex ($words[$index]) {
            '\A(?:--dry-run|-DryRun)\z' { $state.DryRun = $true }
            '\A(?:--undo|-Undo)\z' { $state.Undo = $true }
            '\A(?:--yes|-Yes)\z' { $state.Yes = $true }
            '\A(?:--no-check|-NoCheck)\z' { $state.Check = $false }
            '\A(?:--help|-Help|-h)\z' { $state.Help = $true }
            '\A(?:--key-env|-KeyEnv):?\z' {
                $index++
                if ($index -ge $words.Count) { Stop-Setup 2 '--key-env needs the name of a variable.' }
                $state.KeyEnv = $words[$index]
            }
            '\A--key-env=' { $state.KeyEnv = $words[$index].Substring(10) }
            '\A(?!(?:--(?:dry-run|undo|yes|no-check|help|key-env)|-(?:DryRun|Undo|Yes|NoCheck|Help|h|KeyEnv):?)\z|--key-env=)' {
                Stop-Setup 2 "The option $($words[$index]) is not known. Try --help."
            }
        }
    }
    if ($state.KeyEnv -and $state.KeyEnv -notmatch '\A[A-Za-z_][A-Za-z0-9_]*\z') {
        Stop-Setup 2 'The name after --key-env is not the name of a variable.'
    }
}

# Whether this runs from a file, and not from the address.
function Test-Saved { return $PSCommandPath -and (Split-Path $PSCommandPath -Leaf) -like 'apply*.ps1' }

function Get-Orders($number) { return @($values["orders_$number"].Split("`n") | Where-Object { $_ }) }

function Test-Places($files) {
    if (('local', 'project') -ccontains $values.scope -and
        (Test-Same (Get-Location -PSProvider FileSystem).ProviderPath.TrimEnd('\') $env:USERPROFILE.TrimEnd('\'))) {
        Stop-Setup 2 'This is your home folder. Go to the folder of the project first, then run this again.'
    }
    foreach ($file in $files) {
        $snapshot = Get-Snapshot $file.Path
        $merge = Get-Merge 'apply' $snapshot.Text $file.Orders '' $snapshot.Created
        Stop-BadDocument $file.Path $snapshot.Text $merge
        if ($file.Kind -ceq 'private') { Stop-Tracked $file.Path }
        if ($file.Kind -ceq 'admin' -and $merge.Changed -and -not (Test-Administrator)) {
            Stop-Setup 8 "$($file.Path) belongs to the machine. Open PowerShell with `"Run as administrator`". Nothing was changed."
        }
    }
}

function Start-Setup($files) {
    Test-Places $files
    if ($values.scope -ceq 'managed' -and (Get-Plan $files[0].Path $files[0].Orders).Changed) {
        Update-File $files[0].Path $files[0].Orders
        Write-Output '' 'The machine is set up. Each person now runs the same command in a normal window, to add their own key.'
        return
    }
    if ($values.scope -ceq 'startup') { Stop-Weaker }
    if ($state.DryRun -and -not $state.KeyEnv) {
        $state.Key = $values.placeholder
    } else {
        Read-Key
        Test-Gateway
    }
    if ($values.scope -ceq 'startup') {
        Update-Environment
    } else {
        Add-IgnoreLines (Get-IgnoreFile)
        for ($index = $files.Count - 1; $index -ge 0; $index--) { # the file with the key comes last in the guide
            $orders = $files[$index].Orders
            if (Test-StaleModel $files[$index].Path $orders) { $orders = @($orders) + 'drop . model' }
            Update-File $files[$index].Path $orders
        }
    }
    Write-Output ''
    if ($state.DryRun) { Write-Output 'Nothing was changed.'; return }
    Write-Output 'Close every running claude, then try:  claude -p "Reply with one word: connected"'
    $undo = if (Test-Saved) { "powershell -ExecutionPolicy Bypass -File `"$PSCommandPath`" --undo" } else { $values.undo_command }
    Write-Output "To take it back:  $undo"
    Write-Output "The guide: $($values.guide)"
}

function Undo-Setup($files) {
    if ($values.scope -ceq 'startup') { Restore-Environment }
    for ($index = $files.Count - 1; $index -ge 0; $index--) {
        $record = "$($files[$index].Path).portal-undo"
        if ($files[$index].Kind -ceq 'admin' -and (Test-Path -LiteralPath $record) -and -not (Test-Administrator)) {
            Stop-Setup 8 "$($files[$index].Path) belongs to the machine: an administrator can take it back."
        }
        Restore-File $files[$index].Path
    }
    Remove-IgnoreLines (Get-IgnoreFile)
    if (-not $state.Undone) { Stop-Setup 11 'There is nothing to undo: no record of a set-up was found.' }
    if ($state.DryRun) { Write-Output 'Nothing was changed.'; return }
    Write-Output 'Close every running claude.'
    $copies = @($files | ForEach-Object { Get-ChildItem -Path "$($_.Path).backup-*" -Force -ErrorAction SilentlyContinue })
    if ($copies.Count) { Write-Output 'Copies from before stay. They may hold a key:' }
    foreach ($copy in $copies) { Write-Output "  $($copy.FullName)" }
}

$code = 0
try {
    $words = @($args)
    if ($env:CLAUDE_SETUP_OPTIONS) { $words += $env:CLAUDE_SETUP_OPTIONS.Split([char[]]' ', [StringSplitOptions]::RemoveEmptyEntries) }
    Read-Options $words
    $files = New-Object 'Collections.Generic.List[object]'
    foreach ($number in 1, 2) {
        $path = Get-FilePath $number
        if ($path) { $files.Add(@{ Path = $path; Kind = $values["kind_$number"]; Orders = (Get-Orders $number) }) }
    }
    if ($state.Help) { Write-Output $help }
    elseif ($state.Undo) { Undo-Setup $files }
    else { Start-Setup $files }
} catch {
    $problem = $_.Exception
    $code = 1
    if ($problem.Data.Contains('code')) { $code = $problem.Data['code'] }
    [Console]::Error.WriteLine((Hide-Key $problem.Message))
} finally {
    Exit-Lock
    $state.Key = ''
}
$global:LASTEXITCODE = $code
if (Test-Saved) { exit $code }
} @args
