/* Text as nodes: sentences with their fields, JSON with its colours, secrets masked as the key is. */
(() => {
  'use strict';

  const { say } = window.portalPage;
  const { MARK } = window.portalMerge;
  const PLAIN = 60_000; // characters from which colours are left out
  const TOKEN = /("(?:[^"\\]|\\.)*"?)(\s*:)?|\b(?:true|false|null)\b|-?\b\d[\d.eE+-]*|\/\/.*|\/\*.*?\*\//g;
  const SECRET = /(?:KEY|TOKEN|SECRET|PASSWORD|AUTHORIZATION)"?$/i;

  function node(tag, name = '', ...children) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...children);
    return made;
  }

  /* The sentence `name`; its fields become code, except numbers and what is called `what`. */
  function sentence(name, fields = {}) {
    const made = document.createDocumentFragment();
    say(name).split(/\{(\w+)\}/).forEach((part, index) => {
      const value = fields[part];
      if (index % 2 === 0) made.append(part);
      else made.append(typeof value === 'number' || part === 'what' ? String(value) : node('code', '', String(value)));
    });
    return made;
  }

  function keyPlace() {
    const place = document.createElement('span');
    place.dataset.key = '';
    return place;
  }

  /* `text` with a place for the key wherever MARK stands. */
  function withKey(text) {
    return text.split(MARK).flatMap((part, index) => (index ? [keyPlace(), part] : [part])).filter((part) => part !== '');
  }

  function masked(text) {
    const made = node('span', '', text);
    made.dataset.mask = `••••${text.length >= 12 ? text.slice(-4) : ''}`;
    return made;
  }

  /* A text of the file: whole, or without its quotation marks masked. */
  function value(token, secret) {
    const inner = token.slice(1, -1);
    if (!secret || inner.length < 4 || token.includes(MARK)) return withKey(token);
    return ['"', masked(inner), '"'];
  }

  /* JSON as nodes, whose text is exactly `text` (with the key where MARK is). */
  function json(text) {
    const made = document.createDocumentFragment();
    const coloured = text.length < PLAIN;
    let at = 0;
    let secret = false;
    let run = '';
    const flush = () => {
      if (run) made.append(run);
      run = '';
    };
    for (const found of text.matchAll(TOKEN)) {
      const [whole, quoted, colon] = found;
      run += text.slice(at, found.index);
      at = found.index + whole.length;
      const hidden = Boolean(quoted) && !colon && secret;
      if (colon) secret = SECRET.test(quoted);
      else if (quoted) secret = false;
      if (!coloured && !hidden && !whole.includes(MARK)) {
        run += whole;
        continue;
      }
      flush();
      const kind = whole.startsWith('/') ? 'c' : colon ? 'n' : quoted || /\d/.test(whole) ? 's' : 'b';
      made.append(node('span', kind, ...(quoted ? value(quoted, hidden) : [whole])), colon ?? '');
    }
    run += text.slice(at);
    flush();
    return made;
  }

  /* The rows of a comparison: a sign before each line, the sign and the element say what the colour says. */
  function comparison(rows) {
    const made = document.createDocumentFragment();
    for (const { sign, text, gap } of rows) {
      if (gap) made.append(node('span', 'gap', say('mergeGap', { count: gap }), '\n'));
      else made.append(node(sign === '+' ? 'ins' : sign === '-' ? 'del' : 'span', 'row', `${sign} `, json(text), '\n'));
    }
    return made;
  }

  Object.assign(window.portalMerge, { node, sentence, json, comparison });
})();
