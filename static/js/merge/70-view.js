/* The fold “Merge it here”: what the visitor pasted, for each file by its path, and what came out. In memory only. */
(() => {
  'use strict';

  const { announce, say } = window.portalPage;
  const { PLACEHOLDER, fill, isFilled } = window.portalKey;
  const { MARK, decode, plansOf, planFor, merge, differences, node, sentence, json, comparison } = window.portalMerge;
  const MOST = 2_000_000; // bytes; a settings file is a thousandth of it
  const REST = 250; // milliseconds without a key press
  const PRESSES = { move: 'pressMove', remove: 'pressRemove', rename: 'pressRename', text: 'pressText', empty: 'pressEmpty', clean: 'pressClean', keep: 'pressKeep' };
  const memory = new Map();
  let timer = 0;
  let said = '';

  const part = (name) => document.querySelector(`#fold-merge [data-merge="${name}"]`);
  const title = (word) => word[0].toUpperCase() + word.slice(1);
  const plans = () => plansOf(document.querySelectorAll('[data-snippet="file"]'));

  /* What the visitor did with the file of this path; a file keeps it while the platform changes. */
  function memoryOf(path) {
    const name = path.includes('managed-settings') ? 'managed' : path.replaceAll('\\', '/').replace('%USERPROFILE%', '~');
    if (!memory.has(name)) memory.set(name, { source: '', feed: '\n', encoding: '', accepted: new Set() });
    return memory.get(name);
  }

  function chosen() {
    const all = plans();
    const at = Number(document.querySelector('#fold-merge [name="merge-file"]:checked')?.value ?? 1) - 1;
    return { all, plan: all[at] ?? all[0] };
  }

  /* Show the file that is chosen now; called when the fold opens, the guide changes, or another file is chosen. */
  function show() {
    const field = part('text');
    if (!field) return;
    const { plan } = chosen();
    const { source } = memoryOf(plan.path);
    if (field.value !== source.replace(/\r\n?/g, '\n')) field.value = source;
    part('path').textContent = plan.path;
    update();
  }

  function take(source, encoding = '') {
    const kept = memoryOf(chosen().plan.path);
    Object.assign(kept, { source, encoding, feed: /\r\n|\r|\n/.exec(source)?.[0] ?? '\n', accepted: new Set() });
    said = '';
    show();
  }

  function update() {
    clearTimeout(timer);
    const { all, plan } = chosen();
    const { source, encoding, accepted } = memoryOf(plan.path);
    part('restart').hidden = source === '';
    part('out').hidden = source === '';
    if (source === '') return;
    const key = isFilled() ? document.querySelector('[data-key]').textContent : PLACEHOLDER;
    const result = merge(source, planFor(all, plan, isFilled()), accepted, key);
    const notes = result.stop ? [] : result.repairs.map(([kind, count]) => ({ kind, fields: { count } }));
    if (encoding && !result.stop) notes.unshift({ kind: encoding, fields: {} });
    part('stop').hidden = !result.stop;
    part('result').hidden = Boolean(result.stop);
    if (result.stop) showStop(result.stop, source);
    else showResult(result, plan, key, accepted, notes);
    showNotes([...notes, ...(result.notes ?? [])]);
    fill(part('out'));
  }

  function tell(text) {
    if (text !== said) announce(text);
    said = text;
  }

  function showStop(stop, source) {
    const { line, column, start, length } = stop;
    const what = stop.name === 'section' || stop.name === 'root' ? stop.what : stop.what.trim();
    const where = sentence('mergeWhere', { line, column });
    const why = sentence(`mergeStop${title(stop.name)}`, { thing: what || '␠', section: stop.section ?? '' });
    part('why').replaceChildren(node('strong', '', where), ' ', why);
    part('goto').onclick = () => {
      const field = part('text');
      const at = source.slice(0, start).replace(/^\ufeff/, field.value.startsWith('\ufeff') ? '\ufeff' : '').replace(/\r\n?/g, '\n').length;
      field.focus();
      field.setSelectionRange(at, at + Math.min(Math.max(1, length), 80));
      field.scrollTop = Math.max(0, line - 3) * (field.scrollHeight / field.value.split('\n').length);
    };
    tell(part('why').textContent);
  }

  function showResult(result, plan, key, accepted, notes) {
    const { counts, text } = result;
    const shown = (line) => line.replaceAll(MARK, key);
    const seen = differences(result.source, result.sound, text, shown);
    if (seen.spread) notes.push({ kind: 'spread', fields: {} });
    const what = ['added', 'changed', 'removed'].filter((kind) => counts[kind]).map((kind) => say(`merge${title(kind)}`, { count: counts[kind] })).join(', ');
    const sum = what ? say('mergeSum', { what }) : say(seen.same ? 'mergeSame' : 'mergeRepaired');
    part('sum').textContent = sum;
    part('diff').closest('pre').hidden = seen.same;
    part('diff').replaceChildren(comparison(seen.rows));
    const code = document.getElementById('merged');
    code.replaceChildren(json(text));
    Object.assign(code.dataset, { snippet: 'merged', path: plan.path });
    part('download').dataset.name = plan.name;
    part('download-label').textContent = say('mergeDownload', { file: plan.name });
    part('after').replaceChildren(sentence('mergeAfter', { path: plan.path }));
    part('merged').querySelector('.now')?.remove();
    const open = showFindings(result.findings, accepted);
    tell(open ? `${sum} ${say('mergeLook', { count: open })}` : sum);
  }

  function showNotes(notes) {
    part('notes').replaceChildren(...notes.map(({ kind, fields }) => {
      const line = node('li', 'note', icon('info'), node('span', '', sentence(`merge${title(kind)}`, fields)));
      line.dataset.note = kind;
      return line;
    }));
  }

  function icon(name) {
    return document.querySelector(`#merge-icons [data-icon="${name}"]`).content.cloneNode(true);
  }

  /* The list of findings; returns how many are open. What has the focus keeps it. */
  function showFindings(findings, accepted) {
    const focus = document.activeElement?.dataset.press;
    const isOpen = (finding) => !finding.settled && !accepted.has(finding.id);
    const open = findings.filter(isOpen);
    part('problems').hidden = !findings.length;
    part('list').replaceChildren(...findings.map((finding) => findingLine(finding, isOpen(finding))));
    part('all').hidden = open.filter(({ kind }) => kind !== 'keep').length < 2;
    part('problems-title').textContent = open.length ? say('mergeLook', { count: open.length }) : say('mergeDone');
    if (focus) (part('list').querySelector(`[data-press="${CSS.escape(focus)}"]`) ?? part('problems-title')).focus();
    return open.length;
  }

  function findingLine(finding, open) {
    const { id, kind, press, settled } = finding;
    const fields = { ...finding.fields, what: finding.fields.removed?.map((word) => say(`removed${title(word)}`)).join(', ') };
    const line = node('li', 'finding', icon(open ? 'warning' : 'check'), node('span', '', sentence(`merge${title(kind)}`, fields)));
    Object.assign(line.dataset, { problem: kind, state: settled ? 'settled' : open ? 'open' : 'fixed' });
    if (settled) {
      line.lastChild.append(' ', node('span', 'hint', say('mergeSettled')));
      return line;
    }
    const button = node('button', '', say(open ? `merge${title(PRESSES[press])}` : 'mergeUndo'), node('span', 'visually-hidden', ` ${finding.fields.name}`));
    button.type = 'button';
    button.dataset.press = id;
    line.append(button);
    return line;
  }

  function press(id) {
    const { accepted } = memoryOf(chosen().plan.path);
    if (!accepted.delete(id)) accepted.add(id);
    update();
  }

  /* Until nothing is open: what was moved may show something new in its new place. */
  function pressAll() {
    const { accepted } = memoryOf(chosen().plan.path);
    for (let round = 0; round < 4; round += 1) {
      for (const line of part('list').querySelectorAll('[data-state="open"]:not([data-problem="keep"]) [data-press]')) accepted.add(line.dataset.press);
      update();
    }
    part('problems-title').focus();
  }

  async function open(file) {
    if (!file) return;
    if (file.size > MOST) {
      part('text').setAttribute('aria-invalid', 'true');
      window.portalPage.notice(part('actions'), say('mergeLarge'), 'failed');
      return;
    }
    const { text, encoding } = decode(new Uint8Array(await file.arrayBuffer()));
    take(text, encoding);
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('#fold-merge button');
    if (button?.dataset.press) press(button.dataset.press);
    else if (button === part('all') && button) pressAll();
    else if (button === part('choose') && button) part('file').click();
    else if (button === part('restart') && button) {
      take('');
      part('text').focus();
      announce(say('mergeEmptied'));
    }
  });

  document.addEventListener('change', (event) => {
    if (event.target.name === 'merge-file') show();
    if (event.target.matches('#fold-merge [type="file"]')) {
      open(event.target.files[0]);
      event.target.value = '';
    }
  });

  /* The field turns every line break into \n: what was pasted or chosen with \r\n gets it back. */
  let pasted = '';
  document.addEventListener('paste', (event) => {
    const field = part('text');
    const whole = event.target === field && field.selectionEnd - field.selectionStart === field.value.length;
    pasted = whole ? (event.clipboardData?.getData('text/plain') ?? '') : '';
  });

  document.addEventListener('input', (event) => {
    if (event.target !== part('text')) return;
    const kept = memoryOf(chosen().plan.path);
    if (pasted) {
      take(pasted);
      pasted = '';
      return;
    }
    kept.source = event.target.value.replaceAll('\n', kept.feed);
    kept.encoding = '';
    clearTimeout(timer);
    timer = setTimeout(update, REST);
  });

  for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    document.addEventListener(kind, (event) => {
      const place = event.target.closest?.('#fold-merge');
      if (!place || !event.dataTransfer?.types.some((type) => ['Files', 'text/plain'].includes(type))) return;
      event.preventDefault();
      place.toggleAttribute('data-over', kind === 'dragenter' || kind === 'dragover');
      if (kind !== 'drop') return;
      if (event.dataTransfer.files.length) open(event.dataTransfer.files[0]);
      else take(event.dataTransfer.getData('text/plain'));
    });
  }

  document.addEventListener('portal:key', show);
  document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
    if (ctx.target?.id === 'guide') show();
  });

  Object.assign(window.portalMerge, { show });
  const field = part('text');
  if (field?.value) take(field.value); // pasted while this was loading
  else show();
})();
