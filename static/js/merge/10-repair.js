/* Reads a settings file that a person wrote. What Claude Code refuses but whose meaning is plain is repaired; what is
   not is said with its place. Pure: text in, text out; it knows no page. */
(() => {
  'use strict';

  const { parseTree, ParseErrorCode } = window.jsoncParser;
  const CURLY = /[\u00ab\u00bb\u2018-\u201f\uff02]/;
  const WIDE_BLANK = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/;
  const NO_BLANK = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/;
  const ENDS = /[ \t\u00a0]*(?:[:,}\]\r\n]|\/[/*]|$)/y;
  const LINE = /\r\n|\r|\n/;

  const PROBLEMS = {
    InvalidSymbol: 'symbol',
    InvalidNumberFormat: 'number',
    PropertyNameExpected: 'name',
    ValueExpected: 'value',
    ColonExpected: 'colon',
    CommaExpected: 'comma',
    CloseBraceExpected: 'comma',
    CloseBracketExpected: 'comma',
    EndOfFileExpected: 'more',
    InvalidCommentToken: 'comment',
    UnexpectedEndOfComment: 'comment',
    UnexpectedEndOfString: 'quote',
    UnexpectedEndOfNumber: 'number',
    InvalidUnicode: 'escape',
    InvalidEscapeCharacter: 'escape',
    InvalidCharacter: 'character',
  };

  /* `text` with the parts of `edits` ({ start, end, content }, sorted, apart) replaced. */
  function splice(text, edits) {
    const parts = [];
    let at = 0;
    for (const edit of edits) {
      parts.push(text.slice(at, edit.start), edit.content);
      at = edit.end;
    }
    return parts.join('') + text.slice(at);
  }

  /* Walks over the text once and notes the edits that make strict JSON of it, and how often each kind was needed. */
  class Walk {
    constructor(text) {
      this.text = text;
      this.edits = [];
      this.found = new Map();
      this.comma = -1; // the comma that nothing but blanks and comments followed yet
      this.before = '['; // the last character that means something
      for (let at = 0; at < text.length; ) at = this.step(at);
      this.edits.sort((a, b) => a.start - b.start);
    }

    replace(start, end, content, kind) {
      this.edits.push({ start, end, content });
      if (kind) this.found.set(kind, (this.found.get(kind) ?? 0) + 1);
    }

    step(at) {
      const here = this.text[at];
      if (here === '"') return this.meaning('"', this.straight(at));
      if (here === "'" || CURLY.test(here)) return this.meaning('"', this.odd(at));
      if (here === '/' && '/*'.includes(this.text[at + 1] || ' ')) return this.comment(at);
      if (WIDE_BLANK.test(here)) this.replace(at, at + 1, ' ', 'blanks');
      else if (NO_BLANK.test(here)) this.replace(at, at + 1, '', 'blanks');
      else if (here === ',') this.comma = '[{,:'.includes(this.before) ? -1 : at;
      else if ('}]'.includes(here) && this.comma >= 0) this.replace(this.comma, this.comma + 1, '', 'commas');
      if (here === ',') this.before = here;
      else if (!/\s/.test(here) && !NO_BLANK.test(here)) this.meaning(here, at);
      return at + 1;
    }

    meaning(character, end) {
      this.before = character;
      this.comma = -1;
      return end;
    }

    ends(at) {
      ENDS.lastIndex = at;
      return ENDS.test(this.text);
    }

    /* A text in straight quotation marks; its closing one may be a curly one. */
    straight(start) {
      const { text } = this;
      let end = start + 1;
      while (end < text.length && !'"\r\n'.includes(text[end])) end += text[end] === '\\' ? 2 : 1;
      const closed = text[end] === '"';
      if (closed && this.ends(end + 1)) return end + 1;
      for (let at = start + 1; at < end; at += 1) {
        if (CURLY.test(text[at]) && this.ends(at + 1)) {
          this.replace(at, at + 1, '"', 'curly');
          return at + 1;
        }
      }
      return closed ? end + 1 : end;
    }

    /* A text in curly or single quotation marks; left as it is when its end is not certain. */
    odd(start) {
      const { text } = this;
      const single = text[start] === "'";
      let end = start + 1;
      for (; end < text.length && !'\r\n'.includes(text[end]); end += 1) {
        if (text[end] === '\\') end += 1;
        else if (single ? text[end] === "'" : (CURLY.test(text[end]) || text[end] === '"') && this.ends(end + 1)) break;
      }
      if (!text[end] || '\r\n'.includes(text[end]) || !this.ends(end + 1)) return start + 1;
      this.replace(start, start + 1, '"', single ? 'single' : 'curly');
      for (let at = start + 1; at < end; at += 1) {
        if (text[at] === '"') this.replace(at, at, '\\');
        else if (text[at] === '\\' && text[at + 1] === "'") this.replace(at, at + 1, '');
        if (text[at] === '\\') at += 1;
      }
      this.replace(end, end + 1, '"');
      return end + 1;
    }

    /* A comment goes, with its line when it has one of its own, else with the blanks before it. */
    comment(start) {
      const { text } = this;
      const block = text[start + 1] === '*';
      const close = block ? text.indexOf('*/', start + 2) : start + text.slice(start).search(/[\r\n]|$/);
      if (close < 0) return text.length; // the parser will say so
      const end = block ? close + 2 : close;
      const blanks = /[ \t]*$/.exec(text.slice(Math.max(0, start - 400), start))[0].length;
      const last = /^[ \t]*(\r\n|\r|\n|$)/.exec(text.slice(end, end + 400));
      const first = start === blanks || '\r\n'.includes(text[start - blanks - 1]);
      if (last && first) this.replace(start - blanks, end + last[0].length, '', 'comments');
      else this.replace(last ? start - blanks : start, end, '', 'comments');
      return last && first ? end + last[0].length : end;
    }
  }

  function whereIs(text, offset) {
    const lines = text.slice(0, offset).split(LINE);
    return { line: lines.length, column: [...lines.at(-1).replace(/^\ufeff/, '')].length + 1 };
  }

  /* Why `text` is no JSON: what is wrong and from where to where; null for a sound one. */
  function faultOf(text) {
    let message = '';
    try {
      JSON.parse(text);
      return null;
    } catch (error) {
      message = String(error.message);
    }
    const errors = [];
    try {
      parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
    } catch {
      errors.length = 0; // nested too deeply for the parser
    }
    const [first] = errors.sort((a, b) => a.offset - b.offset);
    if (!first) return { name: 'unknown', start: Number(/position (\d+)/.exec(message)?.[1] ?? 0), length: 1 };
    const cut = first.offset >= text.trimEnd().length;
    return { name: cut ? 'cut' : PROBLEMS[ParseErrorCode[first.error]], start: first.offset, length: first.length };
  }

  /* What `source` says as strict JSON: { text, repairs, stop, at }. `repairs` are [kind, how often]; `stop` is null or
     what could not be repaired: { name, line, column, start, length, what }; `at` leads from the text to the source. */
  function read(source) {
    const edits = source.startsWith('\ufeff') ? [{ start: 0, end: 1, content: '' }] : [];
    const repairs = edits.map(() => ['bom', 1]);
    const bare = splice(source, edits);
    if (bare.trim() && faultOf(bare)) {
      const walk = new Walk(bare);
      repairs.push(...walk.found);
      const shift = edits.length;
      edits.push(...walk.edits.map((edit) => ({ ...edit, start: edit.start + shift, end: edit.end + shift })));
    }
    const text = splice(source, edits);
    const at = (offset) => placeIn(source, edits, offset);
    const fault = text.trim() ? faultOf(text) : null;
    return { text: text.trim() ? text : '', repairs, stop: fault && { ...fault, ...at(fault.start), what: what(source, at(fault.start).start, fault.length) }, at };
  }

  const what = (source, start, length) => source.slice(start, start + Math.max(1, length)).split(LINE)[0].slice(0, 24);

  function placeIn(source, edits, offset) {
    let start = offset;
    for (const edit of edits) {
      if (edit.start > start) break;
      start += edit.end - edit.start - edit.content.length;
    }
    start = Math.min(start, source.length);
    return { ...whereIs(source, start), start };
  }

  /* The text of a file, with its byte order mark, and 'utf16' or 'legacy' when it was not UTF-8. */
  function decode(bytes) {
    const as = (encoding, fatal = false) => new TextDecoder(encoding, { fatal, ignoreBOM: true }).decode(bytes);
    const [first, second] = bytes;
    if ((first === 0xff && second === 0xfe) || (first && second === 0)) return { text: as('utf-16le'), encoding: 'utf16' };
    if ((first === 0xfe && second === 0xff) || (first === 0 && second)) return { text: as('utf-16be'), encoding: 'utf16' };
    try {
      return { text: as('utf-8', true), encoding: '' };
    } catch {
      return { text: as('windows-1252'), encoding: 'legacy' };
    }
  }

  window.portalMerge = { read, decode, splice };
})();
