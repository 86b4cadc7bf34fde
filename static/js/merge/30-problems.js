/* What stands in a settings file and does not do what its owner meant, and the orders that mend it. A finding is
   { id, kind, fields, press, orders, settled }; `settled`: the merge itself replaces what is wrong. Pure.

   `plan` is what the guide wants: { orders, wanted (Map of every variable of the set-up), elsewhere (Map of those that
   belong into the other file: name -> { path, secret }), served (model names), hasKey, keep }. */
(() => {
  'use strict';

  const { clean } = window.portalKey;
  const OURS = /^(?:ANTHROPIC|CLAUDE_CODE)_[A-Z0-9_]+$/;
  const MORE = /^(?:API_TIMEOUT_MS|MAX_THINKING_TOKENS|ENABLE_TOOL_SEARCH|DISABLE_[A-Z_]+|(?:HTTPS?|NO|ALL)_PROXY|NODE_EXTRA_CA_CERTS)$/;
  const PROXY = /^(?:https?|no|all)_proxy$/; // these names exist in both cases
  const AROUND = /^(?:\s|[\u00ad\u200b-\u200f\u2060\ufeff"'\u2018-\u201f])+|(?:\s|[\u00ad\u200b-\u200f\u2060\ufeff"'\u2018-\u201f])+$/g;
  const QUOTED = /^\s*["'`\u2018-\u201f]|["'`\u2018-\u201f]\s*$/;
  const QUOTES = /^[\s"'`\u2018-\u201f]+|[\s"'`\u2018-\u201f]+$/g;
  const CREDENTIALS = ['ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_API_KEY'];
  const PROVIDERS = /^CLAUDE_CODE_USE_(?:BEDROCK|VERTEX|FOUNDRY|ANTHROPIC_AWS|MANTLE)$/;
  const OFF = /^\s*(?:|0|false|no|off)\s*$/i;
  const ADDRESS_END = /\/v1(?:\/messages)?\/*$/;
  const SMALL = 'ANTHROPIC_SMALL_FAST_MODEL';
  const HEADERS = 'ANTHROPIC_CUSTOM_HEADERS';

  /* The variable that `name` means, or '' when it means none that concerns this set-up. */
  function variableOf(name) {
    const bare = name.replace(AROUND, '').replace(/^(?:export\s+|set\s+|\$env:)/i, '');
    if (PROXY.test(bare)) return bare;
    const upper = bare.toUpperCase();
    return OURS.test(upper) || MORE.test(upper) ? upper : '';
  }

  const scalar = (member) => !['object', 'array'].includes(member.node.type);
  const inEnv = (name, value) => ({ section: 'env', name, value });
  const asText = (file, member) => {
    if (member.node.type === 'null') return '""';
    return member.node.type === 'string' ? file.source(member) : JSON.stringify(file.source(member));
  };
  const drop = (section, name) => ({ section, name });

  /* Names that stand in the wrong place or are spelt wrongly. */
  function findMisplaced(file, plan) {
    const found = [];
    const taken = (name) => plan.orders.some((order) => order.section === 'env' && order.name === name) || Boolean(file.find('env', name));
    for (const member of unique(file.top)) {
      const name = variableOf(member.name);
      if (!name || !scalar(member)) continue;
      const orders = [drop('', member.name)];
      if (!taken(name)) orders.push(inEnv(name, asText(file, member)));
      const press = orders.length > 1 ? 'move' : 'remove';
      found.push({ id: `outside ${member.name}`, kind: 'outside', fields: { name: member.name, env: 'env' }, press, orders });
    }
    for (const member of unique(file.inside('env'))) {
      const right = variableOf(member.name);
      if (!right || right === member.name) continue;
      const orders = [taken(right) ? drop('env', member.name) : { section: 'env', name: member.name, to: right }];
      const press = orders[0].to ? 'rename' : 'remove';
      found.push({ id: `name ${member.name}`, kind: 'name', fields: { name: JSON.stringify(member.name), right }, press, orders });
    }
    return found;
  }

  /* Values that defeat the set-up or do not say what they seem to say. */
  function findWrong(file, plan) {
    const found = [];
    const wins = new Map(plan.orders.filter((order) => order.section === 'env').map((order) => [order.name, order]));
    for (const member of unique(file.inside('env'))) {
      const { name } = member;
      const elsewhere = plan.elsewhere.get(name);
      const unwanted = wins.has(name) ? '' : unwantedOf(name, member, plan);
      const add = (kind, press, orders, fields = {}) =>
        found.push({ id: `${kind} ${name}`, kind, press, orders, fields: { name, ...fields }, settled: wins.has(name) && !(plan.keep && wins.get(name).secret) });
      if (elsewhere) add(elsewhere.secret ? 'shared' : 'elsewhere', 'remove', [drop('env', name)], { path: elsewhere.path });
      else if (unwanted) add(unwanted, 'remove', [drop('env', name)], { env: 'env' });
      else if (member.node.type !== 'string') addType(add, file, member);
      else addText(add, name, member.node.value, plan);
      offerToKeep(found, wins.get(name), member, plan);
    }
    return [...found, ...findAtTop(file, plan)];
  }

  function unwantedOf(name, member, plan) {
    const value = String(member.node.value ?? '');
    if (PROVIDERS.test(name) && !OFF.test(value)) return 'provider';
    if (name === SMALL && value && !plan.wanted.has(SMALL)) return 'small';
    return name === HEADERS && value && !plan.wanted.has(HEADERS) ? 'headers' : '';
  }

  function addType(add, file, member) {
    const [kind, press] = member.node.type === 'null' ? ['null', 'empty'] : ['text', 'text'];
    add(kind, press, [inEnv(member.name, asText(file, member))], { value: file.source(member).slice(0, 40), env: 'env' });
  }

  function addText(add, name, value, plan) {
    const put = (text) => [inEnv(name, JSON.stringify(text))];
    if (CREDENTIALS.includes(name)) {
      const cleaned = clean(value);
      if (cleaned.key && cleaned.removed.length) add('key', 'clean', put(cleaned.key), { removed: cleaned.removed });
      return;
    }
    if (!OURS.test(name) && !MORE.test(name)) return;
    const bare = value.replace(QUOTES, '');
    if (QUOTED.test(value)) add('quotes', 'clean', put(bare));
    const end = ADDRESS_END.exec(bare)?.[0];
    if (name === 'ANTHROPIC_BASE_URL' && end && !ADDRESS_END.test(plan.wanted.get(name) ?? '')) {
      add('address', 'clean', put(bare.replace(ADDRESS_END, '')), { end });
    }
  }

  /* Without a key on the page, the placeholder would take the place of the key that the file holds. */
  function offerToKeep(found, order, member, plan) {
    if (!order?.secret || plan.hasKey || member.node.type !== 'string' || !clean(member.node.value).key) return;
    found.unshift({ id: `keep ${member.name}`, kind: 'keep', press: 'keep', orders: [], fields: { name: member.name, placeholder: window.portalKey.PLACEHOLDER } });
  }

  function findAtTop(file, plan) {
    const found = [];
    const model = file.find('', 'model');
    const served = model?.node.type === 'string' && plan.served.has(model.node.value.replace(/\[1m\]$/i, ''));
    if (model && !served) {
      found.push({ id: 'model', kind: 'model', press: 'remove', orders: [drop('', 'model')], fields: { name: 'model', value: file.source(model).slice(0, 60) } });
    }
    const helper = file.find('', 'apiKeyHelper');
    if (helper?.node.value) {
      found.push({ id: 'helper', kind: 'helper', press: 'remove', orders: [drop('', 'apiKeyHelper')], fields: { name: 'apiKeyHelper' } });
    }
    return found;
  }

  /* Of several members with one name, the last: it is the one that counts. */
  function unique(members) {
    return [...new Map(members.map((member) => [member.name, member])).values()];
  }

  Object.assign(window.portalMerge, { findMisplaced, findWrong });
})();
