/* Charts are drawn from the table that says the same: `[data-chart]` names it, its columns with a tone are the lines. */
document.addEventListener('DOMContentLoaded', () => {
  'use strict';

  if (!window.uPlot) return; // a page without charts
  const drawn = new Map();
  const PAPER = 660; // pixels at 96 an inch: what A4 and Letter have between their margins, upright
  let paper = 0;
  const screen = matchMedia('(prefers-color-scheme: dark)');

  /* The colour of a custom property as the canvas needs it, resolved by the browser on an element of the page. */
  function colour(name) {
    const probe = document.createElement('span');
    probe.className = `tone-${name}`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }

  function read(table) {
    const heads = [...table.tHead.rows[0].cells];
    const columns = heads.map((head, index) => ({ index, tone: head.dataset.tone, label: head.textContent.trim() }));
    const lines = columns.filter((column) => column.tone);
    const rows = [...table.tBodies[0].rows];
    const values = (index) => rows.map((row) => (row.cells[index].dataset.value === '' ? null : Number(row.cells[index].dataset.value)));
    return { lines, times: rows.map((row) => Number(row.dataset.at)), values: lines.map((line) => values(line.index)) };
  }

  const dashes = { good: [], plain: [], warn: [2, 3], bad: [8, 4] };

  function draw(place) {
    const table = document.getElementById(place.dataset.chart);
    if (!table || !table.tBodies[0].rows.length) return;
    const { lines, times, values } = read(table);
    const ink = colour('soft');
    const grid = { stroke: colour('line'), width: 1 };
    const dates = new Intl.DateTimeFormat(document.documentElement.lang, { day: 'numeric', month: 'short', timeZone: 'UTC' });
    const options = {
      width: paper || place.clientWidth,
      height: 220,
      cursor: { drag: { x: false, y: false } },
      legend: { live: false },
      tzDate: (seconds) => window.uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      scales: { y: { range: (_, low, high) => [0, Math.max(high, 4)] } },
      axes: [
        { stroke: ink, grid: { show: false }, ticks: grid, values: (_, splits) => splits.map((split) => dates.format(split * 1000)), space: 72 },
        { stroke: ink, grid, ticks: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000], size: 48 },
      ],
      series: [
        {},
        ...lines.map((line) => ({
          label: line.label,
          stroke: colour(line.tone),
          width: 2,
          dash: dashes[line.tone],
          points: { show: times.length < 32, size: 5, fill: colour(line.tone) },
        })),
      ],
    };
    drawn.get(place)?.destroy();
    place.replaceChildren();
    drawn.set(place, new window.uPlot(options, [times, ...values], place));
    place.setAttribute('aria-hidden', 'true'); // the table below says the same
  }

  function drawAll() {
    for (const place of drawn.keys()) if (!place.isConnected) drawn.delete(place);
    document.querySelectorAll('[data-chart]').forEach(draw);
  }

  let waiting = 0;
  new ResizeObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 100);
  }).observe(document.getElementById('main'));
  screen.addEventListener('change', drawAll);
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ['data-theme'] });
  document.addEventListener('htmx:after:swap', drawAll);

  /* Paper is white, whatever the screen is, and as a rule narrower. */
  let theme;
  addEventListener('beforeprint', () => {
    if (!paper) theme = document.documentElement.dataset.theme;
    paper = PAPER;
    document.documentElement.dataset.theme = 'light';
    drawAll();
  });
  addEventListener('afterprint', () => {
    paper = 0;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  });
  drawAll();
});
