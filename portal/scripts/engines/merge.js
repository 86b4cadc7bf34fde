// Merges settings into a JSON text by position; what the request and the answer look like is told in __init__.py.
// The same steps as merge.py. Runs in node, and in macOS's own `osascript -l JavaScript`; nothing newer than ES2015.
"use strict";

// The last alternative makes a token of anything else, which then is the error. \f stands for the carriage return.
const TOKEN = new RegExp(
  "[{}\\[\\],:]|\"[^\"\\\\\\x00-\\x1f]*(?:\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4})[^\"\\\\\\x00-\\x1f]*)*\"" +
    "|-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|[^ \\t\\n\\f]",
  "g"
);
const ALONE = "{}[],:0123456789";

// Reads tokens one by one. `expect`: V a value, A a value or ], K a name or }, S a name, C a colon, N a comma or the
// end of the object or list, E nothing. `stack` is the open braces and brackets.
class Reader {
  constructor() {
    this.expect = "V";
    this.stack = "";
    this.members = [];
    this.current = {};
  }

  inObject() {
    return this.stack === "{" || this.stack === "{{";
  }

  accept(token, at, previous) {
    const char = token[0];
    const top = this.stack.slice(-1);
    const closes =
      (char === "}" && top === "{" && "KN".includes(this.expect)) ||
      (char === "]" && top === "[" && "AN".includes(this.expect));
    if (token.length === 1 && !ALONE.includes(char)) return false;
    if (char === '"' && "KS".includes(this.expect)) this.name(token, at, previous);
    else if (char === ":" && this.expect === "C") this.expect = "V";
    else if (char === "," && this.expect === "N") this.expect = top === "{" ? "S" : "V";
    else if (closes) {
      this.stack = this.stack.slice(0, -1);
      this.ended(at + 1);
    } else if (!"}],:".includes(char) && "VA".includes(this.expect)) this.value(char, at, at + token.length);
    else return false;
    return true;
  }

  name(token, at, previous) {
    this.expect = "C";
    if (!this.inObject()) return;
    const depth = this.stack.length;
    const member = { depth: depth, name: JSON.parse(token), gap: previous, key: at, colon: at + token.length };
    this.current[depth] = member;
    this.members.push(member);
  }

  value(char, at, end) {
    if (this.inObject()) this.current[this.stack.length].value = at;
    if (char === "{" || char === "[") {
      this.stack += char;
      this.expect = char === "{" ? "K" : "A";
    } else this.ended(end);
  }

  ended(end) {
    this.expect = this.stack ? "N" : "E";
    if (this.inObject()) this.current[this.stack.length].end = end;
  }
}

// The members of the root object and of the objects in it; `error` is where the text is not JSON, or -1.
function scan(text) {
  const reader = new Reader();
  let previous = 0;
  let start = -1;
  let match;
  TOKEN.lastIndex = 0;
  while ((match = TOKEN.exec(text)) !== null) {
    if (start < 0) start = match.index;
    if (!reader.accept(match[0], match.index, previous)) return { error: match.index, members: [], start: start };
    previous = match.index + match[0].length;
  }
  const error = reader.expect === "E" ? -1 : text.length;
  return { error: error, members: reader.members, start: start, close: previous - 1 };
}

function inside(found, owner) {
  if (!owner) return found.members.filter((m) => m.depth === 1);
  return found.members.filter((m) => m.depth === 2 && owner.value < m.key && m.key < owner.end);
}

function last(members, name) {
  return members.filter((m) => m.name === name).pop() || null;
}

function piece(letter, member) {
  return member ? [letter + " " + member.value + " " + member.end] : [];
}

function value(text, member) {
  return member ? text.slice(member.value, member.end) : "";
}

function unique(list) {
  return list.filter((item, index) => list.indexOf(item) === index);
}

function flatten(lists) {
  return [].concat.apply([], lists);
}

// How new text is laid out: over lines or in one, the unit of indent, the line break, what follows a name.
function styleOf(text, found) {
  const feed = text.includes("\f\n") ? "C" : "L";
  const members = inside(found, null);
  if (!members.length) return { lines: true, unit: "  ", feed: feed, colon: ": " };
  const gap = text.slice(members[0].gap, members[0].key);
  if (gap.includes("\n")) {
    const unit = gap.slice(gap.lastIndexOf("\n") + 1).replace(/\f/g, "");
    return { lines: true, unit: unit, feed: feed, colon: ": " };
  }
  const colon = text[members[members.length - 1].value - 1] === ":" ? ":" : ": ";
  return { lines: false, unit: "", feed: feed, colon: colon };
}

// What stands between the braces of an object that had no member.
function block(items, style, depth) {
  const comma = !style.lines && style.colon === ": " ? "T , " : "T ,";
  const pieces = flatten(
    items.map((item, number) =>
      (number ? [comma] : []).concat(style.lines ? [style.feed, "T " + style.unit.repeat(depth + 1)] : [], item)
    )
  );
  return style.lines ? pieces.concat([style.feed, "T " + style.unit.repeat(depth)]) : pieces;
}

// What the last member has before its name and between name and value, to be repeated for a new one.
function joints(text, members, style) {
  if (!members.length) return { before: [], colon: ["T " + style.colon] };
  const at = members[members.length - 1];
  const gap = text.slice(at.gap, at.key);
  const between = text.slice(at.colon, at.value);
  const colon = between.includes("\n") ? ["T : "] : ["D " + at.colon + " " + at.value];
  if (gap.includes("\n")) {
    let feed = gap.lastIndexOf("\n");
    if (gap.slice(0, feed).endsWith("\f")) feed -= 1;
    return { before: ["D " + (at.gap + feed) + " " + at.key], colon: colon };
  }
  if (members.length === 1) return { before: between.endsWith(":") ? [] : ["T  "], colon: colon };
  return { before: gap ? ["D " + at.gap + " " + at.key] : [], colon: colon };
}

// The splices that carry out the changes in one object: replaced values, members cut out, new ones after the last kept.
function edit(text, body, changes, style) {
  const members = body.members;
  const dropped = changes.filter((c) => !c.new.length).map((c) => c.name);
  const kept = members.map((m, index) => index).filter((index) => !dropped.includes(members[index].name));
  const end = kept[kept.length - 1];
  const splices = changes
    .filter((c) => c.new.length && c.old)
    .map((c) => ({ start: c.old.value, end: c.old.end, pieces: c.new }));
  members.forEach((m, index) => {
    if (kept.length && index < end && dropped.includes(m.name)) {
      splices.push({ start: m.key, end: members[index + 1].key, pieces: [] });
    }
  });
  const joint = joints(text, members, style);
  const items = changes
    .filter((c) => c.new.length && !c.old)
    .map((c) => ['T "' + c.name + '"'].concat(joint.colon, c.new));
  if (!members.length || !(kept.length || items.length)) {
    const pieces = items.length ? block(items, style, body.depth) : [];
    if (items.length || members.length) splices.push({ start: body.start + 1, end: body.close, pieces: pieces });
    return splices;
  }
  const tail = flatten(items.map((item) => ["T ,"].concat(joint.before, item)));
  const stop = members[members.length - 1].end;
  if (!kept.length) splices.push({ start: members[0].key, end: stop, pieces: tail.slice(1 + joint.before.length) });
  else splices.push({ start: members[end].end, end: stop, pieces: tail });
  return splices;
}

function readRecord(text, created) {
  const found = scan(text);
  if (found.error >= 0 || text[found.start] !== "{") return { text: text, entries: new Map(), found: found, created: created };
  const members = inside(found, null);
  const entries = new Map(members.filter((m) => m.name.includes(" ")).map((m) => [m.name, m]));
  const known = value(text, last(members, "created")).replace(/^"+|"+$/g, "");
  return { text: text, entries: entries, found: found, created: known || created };
}

class Merge {
  constructor(request) {
    const parts = request.split("\x1e");
    const lines = parts[0].split("\n").filter((line) => line);
    this.text = parts[2];
    this.undo = lines[0] === "undo";
    this.orders = lines.slice(2);
    this.record = readRecord(parts[1], lines[1].split(" ")[1]);
    this.found = scan(this.text);
    this.root = inside(this.found, null);
  }

  answer() {
    if (this.found.error >= 0) return ["invalid " + this.found.error];
    if (this.text[this.found.start] !== "{") return ["shape " + this.found.start + " root"];
    const orders = this.undo ? this.undoChanges() : this.applyChanges();
    for (const section of unique(orders.map((c) => c.section))) {
      const owner = last(this.root, section);
      if (section !== "." && owner && this.text[owner.value] !== "{") return ["shape " + owner.value + " " + section];
    }
    const changes = orders.filter((c) => c.action !== "same" && c.action !== "found");
    let lines = ["created " + this.record.created];
    orders.filter((c) => c.action === "found").forEach((c) => {
      lines.push("found " + c.section + " " + c.name + " " + piece("D", c.old)[0]);
    });
    changes.forEach((c) => {
      const old = piece("D", c.old)[0] || "-";
      lines.push(["change", c.action, c.section, c.name, old, c.new[0] || "-"].join(" "));
    });
    const result = this.splices(changes.filter((c) => c.action !== "left"));
    if (result.bare) lines.push("bare");
    if (!result.splices.length) return lines.concat(["same"]);
    lines = lines.concat(["document"], this.document(result.splices));
    return this.undo ? lines : lines.concat(["record"], this.newRecord(changes));
  }

  current(section, name) {
    if (section === ".") return last(this.root, name);
    const owner = last(this.root, section);
    return owner ? last(inside(this.found, owner), name) : null;
  }

  part(key, name) {
    return last(inside(this.record.found, this.record.entries.get(key)), name);
  }

  applyChanges() {
    return this.orders.map((line) => {
      const order = /^([a-z]+) ([^ ]+) ([^ ]+)(?: (.*))?$/.exec(line);
      const wanted = order[4] || "";
      const old = this.current(order[2], order[3]);
      let action = { look: "found", drop: "remove" }[order[1]] || "replace";
      if (!old) action = order[1] === "set" ? "add" : "same";
      else if (wanted && value(this.text, old) === wanted) action = "same";
      const pieces = wanted ? ["T " + wanted] : [];
      return { action: action, section: order[2], name: order[3], old: old, new: pieces, text: wanted };
    });
  }

  undoChanges() {
    const keys = Array.from(this.record.entries.keys()).filter((key) => !key.startsWith("made "));
    return keys.map((key) => {
      const section = key.slice(0, key.indexOf(" "));
      const name = key.slice(key.indexOf(" ") + 1);
      const old = this.current(section, name);
      const before = this.part(key, "before");
      let action = old ? (before ? "replace" : "remove") : before ? "add" : "same";
      if (value(this.text, old) !== value(this.record.text, this.part(key, "written"))) action = "left";
      return { action: action, section: section, name: name, old: old, new: piece("R", before), text: "" };
    });
  }

  // The splices of the whole document, and whether an undo leaves nothing in it.
  splices(changes) {
    const style = styleOf(this.text, this.found);
    let splices = [];
    const top = [];
    for (const change of changes) {
      const section = change.section;
      const inner = changes.filter((c) => c.section === section);
      const owner = last(this.root, section);
      if (section === ".") top.push(change);
      else if (change !== inner[0]) continue;
      else if (!owner) {
        const items = inner.map((c) => ['T "' + c.name + '"', "T " + style.colon].concat(c.new));
        const pieces = ["T {"].concat(block(items, style, 1), ["T }"]);
        top.push({ name: section, old: null, new: pieces });
      } else if (this.leavesNothing(section, owner, inner)) top.push({ name: section, old: owner, new: [] });
      else {
        const body = { members: inside(this.found, owner), start: owner.value, close: owner.end - 1, depth: 1 };
        splices = splices.concat(edit(this.text, body, inner, style));
      }
    }
    if (top.length) {
      const body = { members: this.root, start: this.found.start, close: this.found.close, depth: 0 };
      splices = splices.concat(edit(this.text, body, top, style));
    }
    const dropped = top.filter((c) => !c.new.length).map((c) => c.name);
    const kept = top.some((c) => c.new.length) || this.root.some((m) => !dropped.includes(m.name));
    return { splices: splices, bare: this.undo && !kept };
  }

  // Whether the section exists only because of us, and the undo takes its last member.
  leavesNothing(section, owner, changes) {
    const dropped = changes.filter((c) => !c.new.length).map((c) => c.name);
    return (
      this.undo &&
      this.record.entries.has("made " + section) &&
      changes.every((c) => c.old) &&
      inside(this.found, owner).every((m) => dropped.includes(m.name))
    );
  }

  document(splices) {
    const order = splices.slice().sort((a, b) => a.start - b.start || a.end - b.end);
    let pieces = [];
    let at = 0;
    for (const splice of order) {
      if (splice.start > at) pieces.push("D " + at + " " + splice.start);
      pieces = pieces.concat(splice.pieces);
      at = splice.end;
    }
    return at < this.text.length ? pieces.concat(["D " + at + " " + this.text.length]) : pieces;
  }

  // The record after this run: a touched value keeps the oldest value before it, unless somebody changed it.
  newRecord(changes) {
    const entries = this.record.entries;
    let pieces = ["T {", "L", 'T   "created": "' + this.record.created + '",', "L"];
    const touched = new Map(changes.map((c) => [c.section + " " + c.name, c]));
    entries.forEach((member, key) => {
      if (!touched.has(key)) pieces = pieces.concat(['T   "' + key + '": '], piece("R", member), ["T ,", "L"]);
    });
    touched.forEach((c, key) => {
      let before = piece("D", c.old);
      if (entries.has(key) && value(this.record.text, this.part(key, "written")) === value(this.text, c.old)) {
        before = piece("R", this.part(key, "before"));
      }
      pieces.push('T   "' + key + '": {');
      if (c.new.length) pieces.push('T "written": ' + c.text);
      if (c.new.length && before.length) pieces.push("T , ");
      if (before.length) pieces = pieces.concat(['T "before": '], before);
      pieces.push("T },", "L");
    });
    for (const section of unique(changes.map((c) => c.section))) {
      if (section !== "." && !last(this.root, section) && !entries.has("made " + section)) {
        pieces.push('T   "made ' + section + '": true,', "L");
      }
    }
    return pieces.concat(['T   "portal-undo": 1', "L", "T }", "L"]);
  }
}

function merge(request) {
  return ["portal-merge 1"].concat(new Merge(request).answer(), ["end"]).join("\n");
}

// osascript calls run() and prints what it returns, and a line break.
// eslint-disable-next-line no-unused-vars
function run() {
  ObjC.import("Foundation");
  const data = $.NSFileHandle.fileHandleWithStandardInput.readDataToEndOfFile;
  return merge($.NSString.alloc.initWithDataEncoding(data, $.NSISOLatin1StringEncoding).js);
}

if (typeof require === "function" && typeof ObjC === "undefined") {
  process.stdout.write(merge(require("fs").readFileSync(0, "latin1")) + "\n");
}
