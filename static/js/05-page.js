/* What the other scripts share: sentences of the page, the live region, and the sign that scripts run. */
(() => {
  'use strict';

  document.documentElement.classList.remove('no-js');
  const words = document.getElementById('words')?.dataset ?? {};

  /* The sentence `data-NAME` of templates/_words.html with its {fields} filled in. */
  function say(name, fields = {}) {
    return (words[name] ?? '').replace(/\{(\w+)\}/g, (field, key) => fields[key] ?? field);
  }

  function announce(sentence) {
    const region = document.getElementById('announcer');
    region.textContent = '';
    requestAnimationFrame(() => { region.textContent = sentence; });
  }

  /* A sentence in the page below `place`; the next one takes its place. */
  function notice(place, sentence, tone = '') {
    place.parentElement.querySelector(':scope > .now')?.remove();
    const line = document.createElement('p');
    line.className = `field-notice now ${tone}`;
    line.textContent = sentence;
    place.after(line);
    announce(sentence);
  }

  /* The machine in front of the visitor as [platform, shell], or null where there is no such thing to set up. */
  function detect() {
    const agent = navigator.userAgent;
    const platform = navigator.userAgentData?.platform || agent;
    const pocket = navigator.userAgentData?.mobile || /Android|iPhone|iPad|iPod|Mobile/i.test(agent);
    if (pocket || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return null;
    if (/mac/i.test(platform)) return ['macos', 'zsh'];
    if (/windows/i.test(platform)) return ['windows', 'powershell'];
    return /linux/i.test(platform) ? ['linux', 'bash'] : null;
  }

  window.portalPage = { say, announce, notice, detect };
})();
