/* The key check while it runs: each step as it is found, read from a stream of events; what came out is said once.
   Nothing starts by itself and nothing starts again: a check costs tokens. Without this script the form's button
   asks for one page at the end. */
(() => {
  'use strict';

  const { say, announce } = window.portalPage;
  const PATIENCE = 4000; // milliseconds until the wait is explained
  const CALM = 1500; // milliseconds between two announcements of progress
  const form = () => document.getElementById('key-check-form');
  const region = () => document.getElementById('key-check');
  const button = () => document.querySelector('[data-check-key]');
  const waiting = document.getElementById('checking');
  if (!form()?.dataset.live || !waiting) return;

  class Lost extends Error {} // the connection to the portal, in the middle of a check

  let running = null; // the AbortController of the check that runs
  let patience = 0;
  let impatient = false;

  function clear() {
    delete region().dataset.verdict;
    delete region().dataset.usable;
    region().className = 'key-check';
    region().removeAttribute('aria-busy');
    region().replaceChildren();
  }

  function tell(name, tone) {
    clear();
    const line = document.createElement('p');
    line.className = 'verdict-sentence';
    line.textContent = say(name);
    region().classList.add('verdict', `verdict-${tone}`);
    region().append(line);
    announce(say(name));
  }

  /* The check ended early: what was found until then stays, what was under way was not checked. */
  function leave(name) {
    const steps = region().querySelector('.check-steps');
    if (!steps) return tell(name, 'warning');
    delete region().dataset.verdict;
    delete region().dataset.usable;
    region().className = 'key-check verdict verdict-warning';
    region().querySelector('.verdict-sentence').textContent = say(name);
    for (const gone of region().querySelectorAll('[data-check-cancel], [data-wait]')) gone.remove();
    for (const step of steps.querySelectorAll('[data-state=waiting], [data-state=running]')) {
      step.dataset.state = 'not-checked';
      const word = step.querySelector('.step-state, .visually-hidden');
      if (word) word.textContent = `${word.matches('.step-state') ? '' : ' '}${say('notChecked')}`;
      for (const said of step.querySelectorAll('.step-beside, .took')) said.remove();
    }
    announce(say(name));
  }

  /* Show a region that arrived: the elements that stay keep the focus and their place. */
  async function paint(text) {
    const come = new DOMParser().parseFromString(text, 'text/html').getElementById('key-check');
    if (!come) throw new Error('no region');
    for (const name of ['class', 'data-verdict', 'data-usable', 'aria-busy']) {
      if (come.hasAttribute(name)) region().setAttribute(name, come.getAttribute(name));
      else region().removeAttribute(name);
    }
    window.portalKey.fill(come);
    const wait = come.querySelector('[data-wait]');
    if (wait && impatient) wait.hidden = false;
    const rehearse = come.querySelector('[data-rehearse]');
    if (rehearse) rehearse.hidden = false; // without this script the form of the page has a button for it
    await window.htmx.swap({ sourceElement: region(), target: region(), text: come.innerHTML, swap: 'innerMorph' });
  }

  const settled = (root) =>
    [...root.querySelectorAll('[data-step]')].filter((step) => !['waiting', 'running', 'not-checked'].includes(step.dataset.state));

  /* Says which steps are through, several at once rather than one after the other. */
  function reporter() {
    const said = new Set();
    let timer = 0;
    const report = () => {
      timer = 0;
      const news = settled(region()).filter((step) => !said.has(step.dataset.step));
      for (const step of news) said.add(step.dataset.step);
      if (news.length) announce(news.map((step) => `${step.querySelector('.step-name').textContent.trim()}: ${say(step.dataset.state)}`).join(', '));
    };
    return {
      look: () => { timer ||= setTimeout(report, CALM); },
      stop: () => clearTimeout(timer),
    };
  }

  function conclude() {
    const words = [...region().querySelectorAll('.verdict-sentence, .next')].map((line) => line.textContent.trim());
    announce(words.join(' '));
    document.dispatchEvent(new CustomEvent('portal:verdict', {
      detail: {
        tone: region().classList.contains('verdict-failed') ? 'failed' : '',
        credential: region().querySelector('[data-step=credential]')?.dataset.state,
        usable: (region().dataset.usable ?? '').split(' ').filter(Boolean),
      },
    }));
  }

  /* The events of a stream: [name, data] pairs. */
  async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = await reader.read().catch(() => { throw new Lost(); });
      if (done) return;
      const parts = (rest + value).split('\n\n');
      rest = parts.pop();
      for (const part of parts) {
        const lines = part.split('\n');
        const name = lines.find((line) => line.startsWith('event: '))?.slice(7);
        if (name) yield [name, lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)).join('\n')];
      }
    }
  }

  async function listen(response, report) {
    for await (const [name, data] of events(response)) {
      if (name === 'region') {
        await paint(data);
        report.look();
      } else if (name === 'end') {
        return region().dataset.verdict !== undefined;
      } else if (name === 'broken') {
        return false;
      }
    }
    return false;
  }

  async function check(body) {
    const abort = new AbortController();
    const report = reporter();
    let response = null;
    running = abort;
    begin();
    try {
      response = await fetch(form().dataset.live, { method: 'POST', body, signal: abort.signal });
      const streamed = response.headers.get('content-type')?.startsWith('text/event-stream');
      const ended = streamed && (await listen(response, report));
      report.stop();
      if (ended) conclude();
      else if (streamed) leave('checkBroken');
      else tell('checkBroken', 'warning'); // an error page has no place inside this one
    } catch (error) {
      report.stop();
      if (running !== abort) return;
      if (abort.signal.aborted) leave('checkCancelled');
      else if (!response) tell('checkNetwork', 'warning');
      else leave(error instanceof Lost ? 'checkLost' : 'checkBroken');
    } finally {
      abort.abort(); // whatever happened, nothing is left under way
      if (running === abort) finish();
    }
  }

  function begin() {
    clear();
    region().classList.add('verdict', 'verdict-running');
    region().append(waiting.content.cloneNode(true));
    region().setAttribute('aria-busy', 'true');
    button().setAttribute('aria-disabled', 'true');
    announce(say('checking'));
    impatient = false;
    clearTimeout(patience);
    patience = setTimeout(() => {
      impatient = true;
      const wait = region().querySelector('[data-wait]');
      if (!wait) return;
      wait.hidden = false;
      announce(wait.textContent.trim());
    }, PATIENCE);
  }

  function finish() {
    running = null;
    clearTimeout(patience);
    region().removeAttribute('aria-busy');
    button().removeAttribute('aria-disabled');
  }

  document.addEventListener('submit', (event) => {
    if (event.target !== form()) return;
    event.preventDefault();
    if (running) return;
    check(new URLSearchParams(new FormData(form(), event.submitter)));
  });

  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-rehearse]') || running) return;
    const fields = new URLSearchParams(new FormData(form()));
    fields.set('rehearsal', '1');
    check(fields);
  });

  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-check-cancel]') || !running) return;
    running.abort();
    button().focus();
  });

  /* A press that puts something into the choices: the guide shows it, the key stays, the verdict is about before. */
  document.addEventListener('click', (event) => {
    const link = event.target.closest('#key-check [data-use]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const address = link.getAttribute('href').split('#')[0];
    window.portalChoices.show(address).then(() => {
      tell('checkChanged', 'running');
      button().focus();
    });
  });

  /* A verdict is about one key: another one in the field has none yet. */
  document.addEventListener('portal:key', () => {
    const before = running;
    if (before) finish();
    before?.abort();
    clear();
  });
})();
