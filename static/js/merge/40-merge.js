/* From a text and the guide's plan to the merged text. The plan is read off the file blocks of the page, so that there
   is one source of what belongs into a file. The key is never part of anything here: MARK stands for it, a character
   that no JSON text can hold. */
(() => {
  'use strict';

  const { PLACEHOLDER } = window.portalKey;
  const { read, SettingsText, findMisplaced, findWrong } = window.portalMerge;
  const MARK = '\u0001';
  const SCHEMA = '$schema';
  const ALIASES = ['opus', 'sonnet', 'haiku', 'best', 'default', 'opusplan'];
  const STATE = ['numStartups', 'oauthAccount', 'hasCompletedOnboarding']; // what ~/.claude.json holds

  const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
  const isManaged = (path) => path.includes('managed-settings');

  /* The files of this set-up, from the blocks that show them: { path, name, text, orders, secrets }. */
  function plansOf(blocks) {
    return [...blocks].map((block) => {
      const copy = block.cloneNode(true);
      for (const place of copy.querySelectorAll('[data-key]')) place.textContent = PLACEHOLDER;
      const { path } = block.dataset;
      const text = copy.textContent.replaceAll(PLACEHOLDER, MARK);
      return { path, name: path.split(/[\\/]/).at(-1), text: `${text}\n`, orders: ordersOf(JSON.parse(copy.textContent)) };
    });
  }

  function ordersOf(document) {
    const order = (section, name, value) => {
      const text = JSON.stringify(value).replaceAll(PLACEHOLDER, MARK);
      return { section, name, value: text, secret: text === `"${MARK}"`, holdsKey: text.includes(MARK) };
    };
    return Object.entries(document).flatMap(([name, value]) => {
      if (isObject(value)) return Object.entries(value).map(([inner, setting]) => order(name, inner, setting));
      return name === SCHEMA ? [] : [order('', name, value)];
    });
  }

  /* The plan of one file among `plans`, as the findings need it. */
  function planFor(plans, chosen, hasKey) {
    const variables = plans.flatMap((plan) => plan.orders.filter((order) => order.section === 'env').map((order) => ({ ...order, path: plan.path })));
    const wanted = new Map(variables.map((order) => [order.name, JSON.parse(order.value.replaceAll(MARK, PLACEHOLDER))]));
    const models = [...wanted].filter(([name]) => /_MODEL$/.test(name)).map(([, model]) => model.replace(/\[1m\]$/i, ''));
    const weaker = isManaged(plans[0].path) && chosen !== plans[0]; // what the machine's file says wins over it anyway
    const others = variables.filter((order) => order.path !== chosen.path && !weaker);
    const elsewhere = new Map(others.map((order) => [order.name, { path: order.path, secret: order.holdsKey }]));
    return { ...chosen, wanted, elsewhere, served: new Set([...ALIASES, ...models]), hasKey, keep: false };
  }

  /* Merge `source`; `accepted` are the ids of findings to mend, `key` is what MARK stands for. Returns
     { stop } when the text cannot be read, else { text, findings, notes, counts }; always { repairs, source }. */
  function merge(source, plan, accepted, key) {
    const { text: sound, repairs, stop, at } = read(source);
    if (stop) return { source, repairs, stop };
    const opened = sound && new SettingsText(sound);
    const shape = opened && shapeOf(opened, plan);
    if (shape) return { source, repairs, stop: { ...shape, ...at(shape.start) } };
    if (!opened || !opened.top.length) {
      const feed = opened ? opened.style.feed : '\n';
      const text = plan.text.replaceAll('\n', feed);
      return { source, sound: sound || '{}', text, repairs, stop: null, findings: [], notes: [], counts: count('{}', text, key) };
    }
    const keep = [...accepted].some((id) => id.startsWith('keep ')) && !plan.hasKey;
    const rules = { ...plan, keep };
    const misplaced = findMisplaced(opened, rules);
    const placed = mend(opened, misplaced, accepted);
    const wrong = findWrong(placed, rules);
    const mended = mend(placed, wrong, accepted);
    const text = mended.after(news(mended, rules, key));
    const findings = [...wrong.filter(({ kind }) => kind === 'keep'), ...misplaced, ...wrong.filter(({ kind }) => kind !== 'keep')];
    return { source, sound, text, repairs, stop: null, findings, notes: notesOf(opened), counts: count(sound, text, key) };
  }

  /* A file whose root, `env`, or another section of the plan is no object cannot be merged into. */
  function shapeOf(opened, plan) {
    if (opened.root.type !== 'object') return { name: 'root', start: opened.root.offset, length: opened.root.length, what: opened.text.trim().split(/[\r\n]/)[0].slice(0, 24) };
    for (const section of new Set(['env', ...plan.orders.map((order) => order.section)].filter(Boolean))) {
      const owner = opened.find('', section);
      if (owner && owner.node.type !== 'object') return { name: 'section', section, start: owner.value, length: owner.end - owner.value, what: opened.source(owner).split(/[\r\n]/)[0].slice(0, 24) };
    }
    return null;
  }

  /* Each finding that was accepted, one after the other: the places of one move with the one before. */
  function mend(opened, findings, accepted) {
    return findings
      .filter((finding) => accepted.has(finding.id) && !finding.settled && finding.orders.length)
      .reduce((file, finding) => new SettingsText(file.after(finding.orders)), opened);
  }

  /* The orders of the plan that change something. */
  function news(file, plan, key) {
    return plan.orders.filter((order) => {
      if (plan.keep && order.secret) return false;
      const present = file.find(order.section, order.name);
      return !present || JSON.stringify(present.node.value) !== order.value.replaceAll(MARK, key);
    });
  }

  function notesOf(opened) {
    const notes = opened.twice().map((name) => ({ kind: 'twice', fields: { name } }));
    if (STATE.some((name) => opened.find('', name))) notes.push({ kind: 'state', fields: { state: '~/.claude.json' } });
    return notes;
  }

  function settingsIn(text) {
    const found = new Map();
    for (const [name, value] of Object.entries(JSON.parse(text))) {
      if (!isObject(value)) found.set(name, JSON.stringify(value));
      else for (const [inner, setting] of Object.entries(value)) found.set(`${name}\n${inner}`, JSON.stringify(setting));
    }
    return found;
  }

  /* How many settings (of the top level and of the objects in it) are new, other and gone. */
  function count(before, after, key) {
    const [old, now] = [settingsIn(before), settingsIn(after.replaceAll(MARK, key))];
    return {
      added: [...now.keys()].filter((name) => !old.has(name)).length,
      changed: [...now].filter(([name, value]) => old.has(name) && old.get(name) !== value).length,
      removed: [...old.keys()].filter((name) => !now.has(name)).length,
    };
  }

  Object.assign(window.portalMerge, { MARK, plansOf, planFor, merge });
})();
