/* What happened on the guide, told to the portal in a few fixed words (portal/journeys/vocabulary.py): never a key, a
   text or an address. Nothing is sent before the visitor does something, nor when the browser asks for privacy. */
(() => {
  'use strict';

  const control = (name) => document.getElementById(name)?.value;
  if (navigator.doNotTrack === '1' || navigator.globalPrivacyControl || !control('os')) return;
  const PAUSE = 1500; // milliseconds in which events are gathered
  const TRIES = 5;
  const WHAT = ['apply', 'doctor', 'install', 'path', 'configure', 'file', 'merged', 'verify', 'undo', 'step', 'bundle'];
  const MOVES = ['pointerdown', 'keydown', 'wheel', 'touchstart'];
  const begun = Date.now();
  let waiting = [];
  let under = null; // the batch that is under way, or waits for its next try
  let timer = 0;

  function note(kind, more = {}, at = Date.now()) {
    const id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const machine = Object.fromEntries(['shell', 'scope', 'install'].map((name) => [name, control(name)]));
    waiting.push({ at, event: { id, kind, platform: control('os'), ...machine, ...more } });
    if (!timer && !under) timer = setTimeout(() => send(), PAUSE);
  }

  /* The same events go again under the same ids, so that an answer that got lost counts nothing twice. */
  async function send(tries = TRIES) {
    clearTimeout(timer);
    timer = 0;
    under ??= waiting.splice(0, 50);
    if (!under.length) { under = null; return; }
    const events = under.map(({ at, event }) => ({ ...event, ago_ms: Math.min(Math.max(0, Date.now() - at), 864e5) }));
    let answer = null;
    try {
      answer = await fetch('/journey', {
        method: 'POST',
        keepalive: true,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ events }),
      });
    } catch {
      // offline, or the page is going away
    }
    const again = !answer || answer.status === 429 || answer.status >= 500;
    if (again && tries > 1) {
      timer = setTimeout(() => send(tries - 1), PAUSE * 2 ** (TRIES - tries + 1));
      return;
    }
    under = null;
    if (waiting.length) timer = setTimeout(() => send(), PAUSE);
  }

  /* Looking at the page is nobody's business; the first thing done on it is the beginning of a visit. */
  function begin() {
    for (const move of MOVES) removeEventListener(move, begin, true);
    note('opened', {}, begun);
    send(); // at once: what follows belongs to the visit that the answer names
  }
  for (const move of MOVES) addEventListener(move, begin, { capture: true, passive: true });

  document.addEventListener('portal:done', ({ detail: { kind, how } }) => {
    if (WHAT.includes(kind)) note(how, { target: kind });
  });
  let chosen = false;
  document.addEventListener('change', ({ target }) => {
    chosen ||= target.form?.id === 'choices' && ['os', 'shell', 'scope', 'install'].includes(target.name);
  });
  document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
    if (ctx.target?.id !== 'guide' || !chosen) return;
    chosen = false;
    note('machine_chosen');
  });
  document.addEventListener('click', ({ target }) => {
    if (target.closest('a[data-help],a[href^="/troubleshoot"]')) note('help_opened');
  });
  /* What waits goes along with what is under way: the same first event leads to the same visit, cookie or not. */
  addEventListener('pagehide', () => {
    under = [...(under ?? []), ...waiting.splice(0)].slice(0, 50);
    send(1);
  });
})();
