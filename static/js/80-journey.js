/* What happened on the guide, told to the portal in a few fixed words (portal/journeys/vocabulary.py): never a key, a
   text or an address. Nothing is sent before the visitor does something, nor when the browser asks for privacy. */
(() => {
  'use strict';

  const control = (name) => document.getElementById(name)?.value;
  if (navigator.doNotTrack === '1' || navigator.globalPrivacyControl || !control('os')) return;
  const PAUSE = 1500; // milliseconds in which events are gathered
  const TRIES = 5;
  const MOST = 50; // events that one post may have
  const WHAT = ['apply', 'doctor', 'install', 'path', 'configure', 'file', 'merged', 'verify', 'undo', 'step', 'bundle'];
  const MOVES = ['pointerdown', 'keydown', 'wheel', 'touchstart', 'click']; // a voice or a screen reader clicks only
  const onGuide = () => document.getElementById('guide'); // the help pages have a machine to choose, too
  let waiting = [];
  let under = null; // the batch that is under way, or waits for its next try
  let timer = 0;
  let first = ''; // names the visit until an answer has brought the cookie

  function note(kind, more = {}) {
    const id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const machine = Object.fromEntries(['shell', 'scope', 'install'].map((name) => [name, control(name)]));
    first ||= id;
    waiting.push({ at: Date.now(), event: { id, kind, platform: control('os'), ...machine, ...more } });
    if (!timer && !under) timer = setTimeout(() => send(), PAUSE);
  }

  async function post(batch) {
    const events = batch.map(({ at, event }) => ({ ...event, ago_ms: Math.min(Math.max(0, Date.now() - at), 864e5) }));
    try {
      return await fetch('/journey', {
        method: 'POST',
        keepalive: true,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ events }),
      });
    } catch {
      return null; // offline, or the page is going away
    }
  }

  /* The same events go again under the same ids, so that an answer that got lost counts nothing twice. */
  async function send(tries = TRIES) {
    clearTimeout(timer);
    timer = 0;
    under ??= waiting.splice(0, MOST);
    if (!under.length) { under = null; return; }
    const answer = await post(under);
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
    if (!onGuide()) return;
    note('opened');
    send(); // at once: what follows belongs to the visit that the answer names
  }
  for (const move of MOVES) addEventListener(move, begin, { capture: true, passive: true });

  /* On a help page everything but the report is a command of a step, whatever the guide would call it. */
  document.addEventListener('portal:done', ({ detail: { kind, how } }) => {
    if (WHAT.includes(kind)) note(how, { target: onGuide() || kind === 'bundle' ? kind : 'step' });
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
  document.addEventListener('formdata', ({ target, formData }) => {
    if (first && target.method === 'post') formData.set('visit', first);
  });
  /* What is under way goes along once more, in front: its first event names the visit while no answer has done so. */
  addEventListener('pagehide', () => {
    const left = [...(under ?? []), ...waiting].slice(0, MOST);
    if (left.length) post(left);
  });
})();
