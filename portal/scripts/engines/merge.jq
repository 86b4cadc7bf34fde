# Merges settings into a JSON text by position; what the request and the answer look like is told in __init__.py.
# The same steps as merge.py. Run as `jq -R -s -r -f merge.jq`: jq 1.5 and newer, on text, because its own numbers
# and objects would not come out as they went in.

# The last alternative makes a token of anything else, which then is the error. \f stands for the carriage return.
def token_pattern:
  "[{}\\[\\],:]"
  + "|\"[^\"\\\\\\x00-\\x1f]*(?:\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4})[^\"\\\\\\x00-\\x1f]*)*\""
  + "|-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|[^ \\t\\n\\f]";

def one_of($texts): . as $text | any($texts[]; . == $text);

# The reader reads tokens one by one. `expect`: V a value, A a value or ], K a name or }, S a name, C a colon, N a comma
# or the end of the object or list, E nothing. `stack` is the open braces and brackets. `current` is the index of the
# member that is being read, by depth.
def in_object: .stack == "{" or .stack == "{{";
def depth: .stack | length;

def value_ended($stop):
  .expect = (if .stack == "" then "E" else "N" end)
  | if in_object then .members[.current[depth]].stop = $stop else . end;

def token_is_name($token; $at):
  .expect = "C"
  | if in_object then
      .current[depth] = (.members | length)
      | .members += [{
          depth: depth, name: ($token | fromjson), gap: .previous, key: $at, colon: ($at + ($token | length))
        }]
    else . end;

def token_is_value($char; $at; $stop):
  (if in_object then .members[.current[depth]].value = $at else . end)
  | if $char == "{" or $char == "[" then
      .stack += $char | .expect = (if $char == "{" then "K" else "A" end)
    else value_ended($stop) end;

def accept($token; $at):
  $token[0:1] as $char
  | ($at + ($token | length)) as $stop
  | .stack[-1:] as $top
  | .expect as $expect
  | if ($token | length) == 1 and ($char | test("[{}\\[\\],:0-9]") | not) then .error = $at
    elif $char == "\"" and ($expect | one_of(["K", "S"])) then token_is_name($token; $at)
    elif $char == ":" and $expect == "C" then .expect = "V"
    elif $char == "," and $expect == "N" then .expect = (if $top == "{" then "S" else "V" end)
    elif ($char == "}" and $top == "{" and ($expect | one_of(["K", "N"])))
      or ($char == "]" and $top == "[" and ($expect | one_of(["A", "N"]))) then
      .stack |= .[0:-1] | value_ended($stop)
    elif ($char | one_of(["}", "]", ",", ":"]) | not) and ($expect | one_of(["V", "A"])) then
      token_is_value($char; $at; $stop)
    else .error = $at end
  | .previous = $stop;

# The members of the root object and of the objects in it; `error` is where the text is not JSON, or -1.
def scan_text:
  . as $text
  | reduce match(token_pattern; "g") as $match (
      {expect: "V", stack: "", members: [], current: [null, null, null], previous: 0, start: -1, error: -1};
      if .error >= 0 then .
      else (if .start < 0 then .start = $match.offset else . end) | accept($match.string; $match.offset) end
    )
  | (if .error < 0 and .expect != "E" then .error = ($text | length) else . end)
  | .close = .previous - 1;

def inside($owner):
  [.members[] | select(
    if $owner == null then .depth == 1
    else .depth == 2 and $owner.value < .key and .key < $owner.stop end
  )];

def last_named($name): [.[] | select(.name == $name)] | .[-1:] | .[0];

def piece($letter; $member):
  if $member == null then [] else ["\($letter) \($member.value) \($member.stop)"] end;

def value_text($text; $member): if $member == null then "" else $text[$member.value:$member.stop] end;

def unique_in_order: reduce .[] as $item ([]; if ($item | one_of([])) or any(.[]; . == $item) then . else . + [$item] end);

def flatten_once: reduce .[] as $list ([]; . + $list);

def times($count): . as $text | reduce range($count) as $n (""; . + $text);

# The position of the last line break in the text, or null.
def last_feed: [match("\n"; "g").offset] | .[-1:] | .[0];

# How new text is laid out: over lines or in one, the unit of indent, the line break, what follows a name.
def style_of($text):
  (if $text | test("\f\n") then "C" else "L" end) as $feed
  | inside(null) as $members
  | if $members == [] then {lines: true, unit: "  ", feed: $feed, colon: ": "}
    else $text[$members[0].gap:$members[0].key] as $gap
    | ($gap | last_feed) as $at
    | if $at != null then
        {lines: true, unit: ($gap[$at + 1:] | split("\f") | join("")), feed: $feed, colon: ": "}
      else
        $members[-1:][0].value as $value
        | {lines: false, unit: "", feed: $feed, colon: (if $text[$value - 1:$value] == ":" then ":" else ": " end)}
      end
    end;

# What stands between the braces of an object that had no member.
def block($style; $depth):
  . as $items
  | (if ($style.lines | not) and $style.colon == ": " then "T , " else "T ," end) as $comma
  | [range($items | length) as $number
      | (if $number > 0 then [$comma] else [] end)
        + (if $style.lines then [$style.feed, "T " + ($style.unit | times($depth + 1))] else [] end)
        + $items[$number]]
  | flatten_once
  | if $style.lines then . + [$style.feed, "T " + ($style.unit | times($depth))] else . end;

# What the last member has before its name and between name and value, to be repeated for a new one.
def joints($text; $style):
  . as $members
  | if $members == [] then {before: [], colon: ["T " + $style.colon]}
    else $members[-1:][0] as $at
    | $text[$at.gap:$at.key] as $gap
    | $text[$at.colon:$at.value] as $between
    | ($gap | last_feed) as $feed
    | {
        colon: (if $between | test("\n") then ["T : "] else ["D \($at.colon) \($at.value)"] end),
        before: (
          if $feed != null then
            ["D \($at.gap + $feed - (if $gap[0:$feed] | endswith("\f") then 1 else 0 end)) \($at.key)"]
          elif ($members | length) == 1 then (if $between | endswith(":") then [] else ["T  "] end)
          elif $gap == "" then []
          else ["D \($at.gap) \($at.key)"] end
        )
      }
    end;

# The splices that carry out the changes in one object: replaced values, members cut out, new ones after the last kept.
def edit($text; $changes; $style):
  . as $body
  | .members as $members
  | [$changes[] | select(.new == []) | .name] as $dropped
  | [range($members | length) | select($members[.].name | one_of($dropped) | not)] as $kept
  | ($kept[-1:][0]) as $stop
  | ($members | joints($text; $style)) as $joint
  | [$changes[] | select(.new != [] and .old == null) | ["T \"\(.name)\""] + $joint.colon + .new] as $items
  | ([$items[] | ["T ,"] + $joint.before + .] | flatten_once) as $tail
  | [$changes[] | select(.new != [] and .old != null) | {start: .old.value, stop: .old.stop, pieces: .new}]
    + [range($members | length)
        | select($kept != [] and . < $stop and ($members[.].name | one_of($dropped)))
        | {start: $members[.].key, stop: $members[. + 1].key, pieces: []}]
    + if $members == [] or ($kept == [] and $items == []) then
        if $items == [] and $members == [] then []
        else [{
          start: ($body.start + 1), stop: $body.close,
          pieces: (if $items == [] then [] else ($items | block($style; $body.depth)) end)
        }] end
      elif $kept == [] then
        [{start: $members[0].key, stop: $members[-1:][0].stop, pieces: $tail[1 + ($joint.before | length):]}]
      else [{start: $members[$stop].stop, stop: $members[-1:][0].stop, pieces: $tail}] end;

def read_record($created):
  . as $text
  | scan_text as $found
  | if $found.error >= 0 or $text[$found.start:$found.start + 1] != "{" then
      {text: $text, keys: [], entries: {}, found: $found, created: $created}
    else
      ($found | inside(null)) as $members
      | [$members[] | select(.name | test(" "))] as $entries
      | value_text($text; $members | last_named("created")) as $known
      | {
          text: $text,
          keys: ([$entries[].name] | unique_in_order),
          entries: (reduce $entries[] as $entry ({}; .[$entry.name] = $entry)),
          found: $found,
          created: (if $known == "" then $created else ($known | split("\"") | join("")) end)
        }
    end;

def part($key; $name): .record as $record | $record.found | inside($record.entries[$key]) | last_named($name);

def current($section; $name):
  . as $merge
  | if $section == "." then $merge.root | last_named($name)
    else ($merge.root | last_named($section)) as $owner
    | if $owner == null then null else $merge.found | inside($owner) | last_named($name) end
    end;

def apply_changes:
  . as $merge
  | [.orders[]
      | split(" ") as $words
      | $words[0] as $verb | $words[1] as $section | $words[2] as $name
      | ($words[3:] | join(" ")) as $wanted
      | ($merge | current($section; $name)) as $old
      | (if $old == null then (if $verb == "set" then "add" else "same" end)
         elif $wanted != "" and value_text($merge.text; $old) == $wanted then "same"
         elif $verb == "look" then "found"
         elif $verb == "drop" then "remove"
         else "replace" end) as $action
      | {
          action: $action, section: $section, name: $name, old: $old, text: $wanted,
          new: (if $wanted == "" then [] else ["T " + $wanted] end)
        }];

def undo_changes:
  . as $merge
  | [.record.keys[]
      | select(startswith("made ") | not)
      | . as $key
      | split(" ")[0] as $section
      | (split(" ")[1:] | join(" ")) as $name
      | ($merge | current($section; $name)) as $old
      | ($merge | part($key; "before")) as $before
      | ($merge | part($key; "written")) as $written
      | (if value_text($merge.text; $old) != value_text($merge.record.text; $written) then "left"
         elif $old == null then (if $before == null then "same" else "add" end)
         elif $before == null then "remove"
         else "replace" end) as $action
      | {action: $action, section: $section, name: $name, old: $old, new: piece("R"; $before), text: ""}];

# Whether the section exists only because of us, and the undo takes its last member.
def leaves_nothing($section; $owner; $changes):
  . as $merge
  | [$changes[] | select(.new == []) | .name] as $dropped
  | .undo
    and ($merge.record.entries["made \($section)"] != null)
    and ([$changes[] | select(.old == null)] == [])
    and ([$merge.found | inside($owner)[] | select(.name | one_of($dropped) | not)] == []);

# The splices of the whole document, and whether an undo leaves nothing in it.
def all_splices($changes):
  . as $merge
  | (.text as $text | .found | style_of($text)) as $style
  | reduce $changes[] as $change ({splices: [], top: []};
      $change.section as $section
      | [$changes[] | select(.section == $section)] as $inner
      | ($merge.root | last_named($section)) as $owner
      | if $section == "." then .top += [$change]
        elif $change.name != $inner[0].name then .
        elif $owner == null then
          [$inner[] | ["T \"\(.name)\"", "T " + $style.colon] + .new] as $items
          | .top += [{name: $section, old: null, new: (["T {"] + ($items | block($style; 1)) + ["T }"])}]
        elif ($merge | leaves_nothing($section; $owner; $inner)) then
          .top += [{name: $section, old: $owner, new: []}]
        else
          .splices += (
            {members: ($merge.found | inside($owner)), start: $owner.value, close: ($owner.stop - 1), depth: 1}
            | edit($merge.text; $inner; $style)
          )
        end)
  | .top as $top
  | [$top[] | select(.new == []) | .name] as $dropped
  | {
      splices: (.splices + (
        if $top == [] then []
        else {members: $merge.root, start: $merge.found.start, close: $merge.found.close, depth: 0}
          | edit($merge.text; $top; $style) end
      )),
      bare: (
        $merge.undo
        and ([$top[] | select(.new != [])] == [])
        and ([$merge.root[] | select(.name | one_of($dropped) | not)] == [])
      )
    };

def document($splices):
  (.text | length) as $length
  | reduce ($splices | sort_by([.start, .stop]))[] as $splice ({at: 0, pieces: []};
      .pieces += (if $splice.start > .at then ["D \(.at) \($splice.start)"] else [] end) + $splice.pieces
      | .at = $splice.stop)
  | .pieces + (if .at < $length then ["D \(.at) \($length)"] else [] end);

# The record after this run: a touched value keeps the oldest value before it, unless somebody changed it.
def new_record($changes):
  . as $merge
  | .record as $record
  | [$changes[] | "\(.section) \(.name)"] as $touched
  | ["T {", "L", "T   \"created\": \"\($record.created)\",", "L"]
    + ([$record.keys[] | select(one_of($touched) | not) | . as $key
        | ["T   \"\($key)\": "] + piece("R"; $record.entries[$key]) + ["T ,", "L"]] | flatten_once)
    + ([$changes[]
        | . as $change
        | "\(.section) \(.name)" as $key
        | (if $record.entries[$key] != null
              and value_text($record.text; $merge | part($key; "written")) == value_text($merge.text; $change.old)
           then piece("R"; $merge | part($key; "before"))
           else piece("D"; $change.old) end) as $before
        | ["T   \"\($key)\": {"]
          + (if .new != [] then ["T \"written\": \(.text)"] else [] end)
          + (if .new != [] and $before != [] then ["T , "] else [] end)
          + (if $before != [] then ["T \"before\": "] + $before else [] end)
          + ["T },", "L"]] | flatten_once)
    + ([[$changes[].section] | unique_in_order | .[] | . as $section
        | select($section != "." and ($merge.root | last_named($section)) == null)
        | select($record.entries["made \($section)"] == null)
        | ["T   \"made \($section)\": true,", "L"]] | flatten_once)
    + ["T   \"portal-undo\": 1", "L", "T }", "L"];

def answer_changes($orders):
  . as $merge
  | [$orders[] | select(.action != "same" and .action != "found")] as $changes
  | ($merge | all_splices([$changes[] | select(.action != "left")])) as $result
  | ["created \($merge.record.created)"]
    + [$orders[] | select(.action == "found") | "found \(.section) \(.name) \(piece("D"; .old)[0])"]
    + [$changes[] | "change \(.action) \(.section) \(.name) \(piece("D"; .old)[0] // "-") \(.new[0] // "-")"]
    + (if $result.bare then ["bare"] else [] end)
    + if $result.splices == [] then ["same"]
      else ["document"] + ($merge | document($result.splices))
        + (if $merge.undo then [] else ["record"] + ($merge | new_record($changes)) end)
      end;

def answer:
  . as $merge
  | if .found.error >= 0 then ["invalid \(.found.error)"]
    elif .text[.found.start:.found.start + 1] != "{" then ["shape \(.found.start) root"]
    else
      (if .undo then undo_changes else apply_changes end) as $orders
      | [[$orders[].section] | unique_in_order | .[] | select(. != ".") | . as $section
          | ($merge.root | last_named($section)) as $owner
          | select($owner != null and $merge.text[$owner.value:$owner.value + 1] != "{")
          | "shape \($owner.value) \($section)"] as $shapes
      | if $shapes != [] then $shapes[0:1] else answer_changes($orders) end
    end;

split("\u001e") as $parts
| [$parts[0] | split("\n")[] | select(. != "")] as $lines
| ($parts[2] | scan_text) as $found
| {
    undo: ($lines[0] == "undo"),
    orders: $lines[2:],
    record: ($parts[1] | read_record($lines[1] | split(" ")[1])),
    text: $parts[2],
    found: $found,
    root: ($found | inside(null))
  }
| (["portal-merge 1"] + answer + ["end"])[]
