/* What a paste adds around a key, and whether the rest can be one: the rules of portal/keys.py (`parse_key`), with the
   same outcomes (tests/browser/test_key_rules_agree.py). Pure: it knows no page. */
(() => {
  'use strict';

  const PLACEHOLDER = 'YOUR-API-KEY';
  const MAX_LENGTH = 4096;
  // What Python calls white space; JavaScript's own class differs in U+001C to U+001F, U+0085 and U+FEFF.
  const WS = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
  const S = `[${WS}]`;
  const MAX_PASTE = 3 * MAX_LENGTH;
  const SPACE = new RegExp(S);
  const BLANK = new RegExp(`[${WS.replace('\\t-\\r', '\\t\\x0b\\x0c')}]`);
  const PASTE_MARK = /\x1b\[20[01]~/g;
  const INVISIBLE = /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;
  const ASSIGNMENT = new RegExp(
    `^(?:export${S}+|set${S}+-[a-zA-Z]+${S}+|setx${S}+|set${S}+"?|\\$env:)?["']?` +
    `(?:ANTHROPIC_AUTH_TOKEN|ANTHROPIC_API_KEY|[A-Z][A-Z0-9_]*_(?:KEY|TOKEN))["']?${S}*(?:[=:]${S}*|${S})(?=[^${WS}])`,
  );
  const QUOTE = '["\'`\\u2018\\u2019\\u201a\\u201c\\u201d\\u201e\\u00ab\\u00bb]';
  const QUOTES = new RegExp(QUOTE);
  const BEARER_WORD = new RegExp(`^(?:author[i\\u0130\\u0131]zat[i\\u0130\\u0131]on:${S}*)?bearer${S}+`, 'i');
  const BEARER = /^[A-Za-z0-9\-._~+/=]+$/;
  const EXAMPLE = /^(?:<[^\n]*>|sk-[xX]{3,}|sk-\.{3,})$/;

  // Loops instead of `^…+|…+$`, which takes quadratic time on long runs in the middle.
  const trim = (text, character) => {
    let start = 0;
    let end = text.length;
    while (start < end && character.test(text[start])) start += 1;
    while (end > start && character.test(text[end - 1])) end -= 1;
    return text.slice(start, end);
  };
  const strip = (text) => trim(text, SPACE);
  const joined = (text) => text.split(/[\r\n]+/).map(strip).join('');

  function clean(pasted) {
    const removed = [];
    const typed = [...pasted].length;
    if (typed > MAX_PASTE) return { key: '', removed, reason: 'long', fields: { length: typed } };
    let text = pasted;
    const take = (what, rest) => {
      if (rest !== text) removed.push(what);
      text = rest;
    };
    take('invisible', text.replace(PASTE_MARK, '').replace(INVISIBLE, ''));
    const inner = strip(text);
    if (/[\r\n]/.test(inner) && !BLANK.test(joined(inner))) take('lines', joined(text));
    take('blanks', strip(text));
    const name = ASSIGNMENT.exec(text);
    if (name) take('name', strip(text.slice(name[0].length)).replace(/[;,]+$/, ''));
    const unquoted = trim(text, QUOTES);
    if (unquoted !== text) take('quotes', strip(unquoted));
    const word = BEARER_WORD.exec(text);
    if (word) take('bearer', text.slice(word[0].length));
    return judge(text, removed);
  }

  function judge(text, removed) {
    const refuse = (reason, fields = {}) => ({ key: '', removed, reason, fields });
    if (!text) return refuse('empty');
    if (text === PLACEHOLDER || EXAMPLE.test(text)) return refuse('placeholder');
    const characters = [...text];
    if (characters.length > MAX_LENGTH) return refuse('long', { length: characters.length });
    const at = characters.findIndex((character) => !BEARER.test(character));
    if (at >= 0) return refuse('character', { position: at + 1 });
    return { key: text, removed, reason: '', fields: {} };
  }

  window.portalKey = { clean, PLACEHOLDER };
})();
