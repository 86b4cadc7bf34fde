/* Two texts, line by line (E. W. Myers, An O(ND) difference algorithm, 1986). Pure. */
(() => {
  'use strict';

  const MOST = 1500; // lines of difference; beyond, everything counts as changed
  const CONTEXT = 2;
  const LONG = 1000; // characters of a line that nobody can read
  const MEMBERS = 3; // in one line: of an `env` without line breaks, it would not show which of them changes

  const linesOf = (text) => text.replace(/^\ufeff/, '').replace(/(?:\r\n|\n|\r)$/, '').split(/\r\n|\n|\r/);
  const isLong = (text) => linesOf(text).some((line) => line.length > LONG);
  const isDense = ({ sign, text }) => sign !== ' ' && (text?.match(/"\s*:/g) ?? []).length >= MEMBERS;

  /* JSON spread over lines, for the eye only. */
  function spread(text) {
    const parts = [];
    let depth = 0;
    let empty = false; // the last token opened an object or a list
    const feed = () => `\n${'  '.repeat(depth)}`;
    for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs)) {
      const opens = token === '{' || token === '[';
      const closes = token === '}' || token === ']';
      if (opens) depth += 1;
      if (closes) {
        depth -= 1;
        if (empty) parts.pop();
        else parts.push(feed());
      }
      parts.push(token === ':' ? ': ' : token);
      if (opens || token === ',') parts.push(feed());
      empty = opens;
    }
    return parts.join('');
  }

  /* Which lines of `a` and `b` (numbers) are common: pairs of places, in order. */
  function common(a, b) {
    const most = Math.min(a.length + b.length, MOST);
    const reach = new Int32Array(2 * most + 3).fill(-1);
    const at = (k) => k + most + 1;
    const trace = [];
    reach[at(1)] = 0;
    for (let d = 0; d <= most; d += 1) {
      trace.push(reach.slice(at(-d - 1), at(d + 1) + 1));
      for (let k = -d; k <= d; k += 2) {
        const down = k === -d || (k !== d && reach[at(k - 1)] < reach[at(k + 1)]);
        let x = down ? reach[at(k + 1)] : reach[at(k - 1)] + 1;
        while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
        reach[at(k)] = x;
        if (x >= a.length && x - k >= b.length) return walkBack(a.length, trace, k);
      }
    }
    return [];
  }

  function walkBack(end, trace, diagonal) {
    const pairs = [];
    let [x, k] = [end, diagonal];
    for (let d = trace.length - 1; d >= 0; d -= 1) {
      const reach = (diag) => trace[d][diag + d + 1];
      const down = k === -d || (k !== d && reach(k - 1) < reach(k + 1));
      const start = down ? reach(k + 1) : reach(k - 1) + 1;
      while (x > start) {
        x -= 1;
        pairs.push([x, x - k]);
      }
      x = down ? start : start - 1;
      k += down ? 1 : -1;
    }
    return pairs.reverse();
  }

  /* Rows { sign: ' ' | '-' | '+', text } of all lines; lines of `after` count as the same by what `shown` makes of them. */
  function compare(before, after, shown) {
    const numbers = new Map();
    const number = (line) => numbers.get(line) ?? (numbers.set(line, numbers.size), numbers.size - 1);
    const [old, now] = [linesOf(before), linesOf(after)];
    const [a, b] = [old.map(number), now.map((line) => number(shown(line)))];
    let head = 0;
    while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
    let tail = 0;
    while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
    const middle = common(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
    const rows = now.slice(0, head).map((text) => ({ sign: ' ', text }));
    let [i, j] = [head, head];
    for (const [x, y] of [...middle.map((pair) => pair.map((at) => at + head)), [a.length - tail, b.length - tail]]) {
      while (i < x) rows.push({ sign: '-', text: old[i++] });
      while (j < y) rows.push({ sign: '+', text: now[j++] });
      if (j < b.length - tail) rows.push({ sign: ' ', text: now[j++] });
      i += 1;
    }
    return [...rows, ...now.slice(b.length - tail).map((text) => ({ sign: ' ', text }))];
  }

  /* The rows to show: changes with a little of what is around them, { gap: N } for N lines left out. `sound` is what
     `before` says as JSON: it stands for it when the lines say too much to be read. */
  function differences(before, sound, after, shown) {
    const written = isLong(before) || isLong(after) ? [] : compare(before, after, shown);
    const spreads = !written.length || written.some(isDense);
    const rows = spreads ? compare(spread(sound), spread(after), shown) : written;
    const near = new Set();
    rows.forEach((row, at) => {
      if (row.sign !== ' ') for (let k = at - CONTEXT; k <= at + CONTEXT; k += 1) near.add(k);
    });
    const shownRows = [];
    for (const [at, row] of rows.entries()) {
      const lonely = near.has(at - 1) && near.has(at + 1); // a gap of one line is shown
      if (near.has(at) || lonely) shownRows.push(row);
      else if (shownRows.at(-1)?.gap) shownRows.at(-1).gap += 1;
      else shownRows.push({ gap: 1 });
    }
    return { rows: shownRows, spread: spreads, same: !near.size };
  }

  Object.assign(window.portalMerge, { differences });
})();
