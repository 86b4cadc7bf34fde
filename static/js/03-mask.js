/* Makes keys in pasted text unreadable before it leaves the browser: the rules of portal/diagnosis/masking.py
   (`mask_keys`), with the same outcomes (tests/browser/test_masking_agrees.py). Pure: it knows no page. */
(() => {
  'use strict';

  // What Python calls white space; JavaScript's own class differs in U+001C to U+001F, U+0085 and U+FEFF.
  const WS = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
  const S = `[${WS}]`;
  const VALUE = `[^${WS}"'\`,;<>(){}|“”‘’\\\\]+`;
  const NAME = '[KkTtSsPp](?:[Ee][Yy]|[Oo][Kk][Ee][Nn]|[Ee][Cc][Rr][Ee][Tt]|[Aa][Ss][Ss][Ww][Oo][Rr][Dd])';
  const QUOTE = '["\'“”‘’]';

  const JWT = /eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g;
  const USER = new RegExp(`(://)[^${WS}/@:"'\`<>]{1,200}(?::[^${WS}/@]{0,200})?(@)`, 'gu');
  const HEADER_VALUE = /(invalid value: '(?:Bearer +)?)([^']{1,500})(?=')/gu;
  // Every header that the client sends along: quoted, up to the quote; else to the end of the line, and what `env`
  // prints below it.
  const HEADERS = new RegExp(
    `(ANTHROPIC_CUSTOM_HEADERS${QUOTE}?[ \\t]*[=:│┃║|,]?[ \\t]*)` +
      `((?:"[^"]{0,4000})|(?:'[^']{0,4000})|(?:[^\\r\\n"']{1,4000}(?:\\r?\\n[A-Za-z0-9]+-[A-Za-z0-9-]+:[^\\r\\n]{0,4000}){0,20}))`,
    'gu',
  );
  const ONE_HEADER = new RegExp(`(:[ \\t]*)((?:(?!\\\\[nr])[^${WS}])(?:(?!\\\\[nr])[^\\r\\n])*)`, 'gu');
  const ASSIGNED = new RegExp(`(${NAME}${QUOTE}?[ \\t]?=[ \\t]?${QUOTE}*)([^${WS}"'\`|“”‘’\\\\]+)`, 'gu');
  const IN_DOCUMENT = new RegExp(`(${NAME}[ \\t]?${QUOTE}[ \\t]?:${S}?)(?:((?:\\\\?${QUOTE})+)(${VALUE})|(${VALUE}))`, 'gu');
  const HEADER = new RegExp(
    `([Xx]-[Aa][Pp][Ii]-[Kk]ey|[Aa]uthorization)(${QUOTE}?${S}?[:=]${S}?${QUOTE}?)(${VALUE})`,
    'gu',
  );
  // A terminal's colour ends in a letter, which is no part of the word behind it.
  const COLOUR = '\\x1b\\[[0-9;]{0,20}m';
  const PREFIXED = new RegExp(`(${COLOUR}|^|[^A-Za-z0-9])([Ss][Kk][-_]${VALUE})`, 'gu');
  const BESIDE = new RegExp(
    `([KkTtSsPpBb](?:[Ee][Yy]|[Oo][Kk][Ee][Nn]|[Ee][Aa][Rr][Ee][Rr]|[Aa][Ss][Ii][Cc])${S}?:?${S}+)(${VALUE})`,
    'gu',
  );
  const SURELY = new RegExp(
    `((?:Bearer|Basic|ANTHROPIC_(?:AUTH_TOKEN|API_KEY)${QUOTE}?[ \\t]?:?)[ \\t]+${QUOTE}*)(${VALUE})`,
    'gu',
  );
  // Behind one of the client's own variables stands a key, unless it is a word that explains it, or the sentence goes on.
  const OWN = `ANTHROPIC_(?:AUTH_TOKEN|API_KEY)${QUOTE}?`;
  const COMMANDED = new RegExp(
    `([Ss][Ee][Tt](?:[Xx](?:[ \\t]+/[A-Za-z])?|(?:[ \\t]+-{1,2}[A-Za-z-]{1,12}){1,4})[ \\t]+${QUOTE}?${OWN}[ \\t]+${QUOTE}*)(${VALUE})`,
    'gu',
  );
  const NAMED = new RegExp(
    `(${OWN}(?:[ \\t]*[:│┃║|][ \\t]*|[ \\t]*,[ \\t]*(?=${QUOTE})|[ \\t]+)${QUOTE}*)(${VALUE})(?=([ \\t]+[A-Za-z])?)`,
    'gu',
  );
  const EXPLAINS =
    /^(?:[-~/.].*|[^A-Za-z0-9]*|absent|defined|empty|environment|exported|found|present|configured|used|variable|wins)$/s;
  const WORD = /^[A-Za-z][a-z'’]{0,13}$/;
  const BEARER = new RegExp(
    `([Aa]uthorization${QUOTE}?${S}?[:=]${S}?${QUOTE}?(?:[Bb]earer|[Bb]asic)[ \\t]+)(${VALUE})`,
    'gu',
  );
  // A terminal breaks a long key at its edge, perhaps inside a box: the rest stands at the beginning of the next line.
  const BREAK = '[ \\t]*[│┃║|]?[ \\t]*\\r?\\n[ \\t]*[│┃║|>]?[ \\t]*';
  const REST = `[A-Za-z0-9_-]{1,200}(?=[${WS}"'\`,;)│┃║|]|$)`;
  const BROKEN = new RegExp(
    `((?:[Ss][Kk][-_]|eyJ|${NAME}${QUOTE}?[ \\t]?[=:][ \\t]?${QUOTE}*|[Bb]earer[ \\t]+)[A-Za-z0-9_.-]{6,})((?:${BREAK}${REST})+)`,
    'gu',
  );
  const RESTS = new RegExp(`(${BREAK})(${REST})`, 'gu');
  const MIXED = /[0-9].*[A-Za-z]|[A-Za-z].*[0-9]|[a-z][A-Z]/;
  const SHORT = /[0-9].*[A-Za-z]|[A-Za-z].*[0-9]/;
  // No look-behind: a browser that does not know it would refuse the whole script.
  const UUID = new RegExp(
    `(${COLOUR}|^|[^\\p{L}\\p{N}_])([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})(?![\\p{L}\\p{N}_])`,
    'gu',
  );
  const UNDERSCORED = /(^|[^A-Za-z0-9_*])([A-Za-z0-9_]{20,})/gu;
  const ALTERNATES = /[0-9][A-Za-z].*[A-Za-z][0-9]|[A-Za-z][0-9].*[0-9][A-Za-z]/;
  const LONG = /(^|[^A-Za-z0-9*])([A-Za-z0-9]{20,})/gu;
  const PLAIN =
    /^(?:\*.*|<.*|[$%].*|x{3,}|\.{2,}.*|…|bearer|basic|null|none|true|false|undefined|your[-_ ]?.*|(?:sk[-_])?(?:x{2,}|\.{3}.*|…+.*|\*.*|your.*)|\(?string|not|unset|set|api-?key|anthropic_[a-z_]+|apikeyhelper|invalid|missing)$/s;
  const TWO_DIGITS = /[0-9][^0-9]*[0-9]/;
  const TWO_LETTERS = /[A-Za-z][^A-Za-z]*[A-Za-z]/;

  // Lower case for Latin letters only, so that no other letter is taken for one (as re.ASCII does).
  const lower = (value) => value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

  function masked(value) {
    const characters = [...value];
    const last = characters.slice(-4).join('');
    const keeps = characters.length >= 12 && /^[\x00-\x7f]*$/.test(last);
    const odd = characters.filter((character) => character > '\x7f').slice(0, 3).join('');
    return `***${odd}${keeps ? last : ''}`;
  }

  const isPlain = (value) => PLAIN.test(lower(value));
  const unlessPlain = (value) => (isPlain(value) ? value : masked(value));

  function ifRandom(value, shortest) {
    if ([...value].length < shortest || isPlain(value) || value.includes('://')) return value;
    return TWO_DIGITS.test(value) && TWO_LETTERS.test(value) ? masked(value) : value;
  }

  function ifShortKey(value) {
    if ([...value].length < 4 || value.includes('://') || isPlain(value)) return value;
    return SHORT.test(value) ? masked(value) : value;
  }

  function unlessExplained(value, goesOn) {
    const word = value.replace(/[.:;!?]+$/, '');
    if ([...value].length < 4 || value.includes('://') || isPlain(word) || EXPLAINS.test(lower(word))) return value;
    return goesOn && WORD.test(word) ? value : masked(value);
  }

  function mask(text) {
    return text
      .replace(HEADER_VALUE, (_, before, value) => before + unlessPlain(value))
      .replace(BROKEN, (_, head, rests) =>
        head + rests.replace(RESTS, (_all, gap, rest) => gap + (MIXED.test(rest) ? '***' : rest)),
      )
      .replace(JWT, (all) => masked(all))
      .replace(USER, '$1***$2')
      .replace(ASSIGNED, (_, before, value) => before + unlessPlain(value))
      .replace(IN_DOCUMENT, (_, before, quote, quoted, bare) =>
        bare === undefined ? before + quote + unlessPlain(quoted) : before + ifRandom(bare, 8),
      )
      .replace(HEADER, (_, name, between, value) => name + between + unlessPlain(value))
      .replace(BEARER, (_, before, value) => before + unlessPlain(value))
      .replace(HEADERS, (_, before, body) => before + body.replace(ONE_HEADER, (_all, colon, value) => colon + unlessPlain(value)))
      .replace(COMMANDED, (_, before, value) => before + unlessPlain(value))
      .replace(NAMED, (_, before, value, goesOn) => before + unlessExplained(value, Boolean(goesOn)))
      .replace(SURELY, (_, before, value) => before + ifShortKey(value))
      .replace(PREFIXED, (_, before, value) => before + unlessPlain(value))
      .replace(BESIDE, (_, before, value) => before + ifRandom(value, 8))
      .replace(UUID, (_, before, value) => before + masked(value))
      .replace(LONG, (_, before, value) => before + ifRandom(value, 20))
      .replace(UNDERSCORED, (_, before, value) => before + (ALTERNATES.test(value) ? ifRandom(value, 20) : value));
  }

  window.portalMask = { mask };
})();
