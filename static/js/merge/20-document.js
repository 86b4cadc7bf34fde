/* A settings file as a text with places: single settings are set, renamed or dropped, everything else keeps its bytes.
   New text is laid out as its neighbours are, by the rules of portal/scripts/engines/merge.py. Pure. */
(() => {
  'use strict';

  const { parseTree } = window.jsoncParser;
  const { splice } = window.portalMerge;
  const STRICT = { disallowComments: true };

  const repeat = (list) => new Set(list).size !== list.length;

  function membersOf(text, node) {
    return (node.children ?? []).map((member, index, all) => {
      const [key, value] = member.children;
      const before = index ? all[index - 1].offset + all[index - 1].length : node.offset;
      return {
        name: key.value,
        gap: text.indexOf(index ? ',' : '{', before) + 1, // behind the comma or the brace
        key: key.offset,
        keyEnd: key.offset + key.length,
        value: value.offset,
        end: value.offset + value.length,
        node: value,
      };
    });
  }

  /* How new text is laid out: over lines or in one, the unit of indent, the line break, what follows a name. */
  function styleOf(text, members) {
    const feed = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
    if (!members.length) return { lines: true, unit: '  ', feed, colon: ': ' };
    const gap = text.slice(members[0].gap, members[0].key);
    if (/[\r\n]/.test(gap)) return { lines: true, unit: /[^\r\n]*$/.exec(gap)[0], feed, colon: ': ' };
    return { lines: false, unit: '', feed, colon: text[members.at(-1).value - 1] === ':' ? ':' : ': ' };
  }

  class SettingsText {
    constructor(text) {
      this.text = text;
      this.root = parseTree(text, [], STRICT);
      this.top = this.root.type === 'object' ? membersOf(text, this.root) : [];
      this.style = styleOf(text, this.top);
    }

    /* The setting that counts: of several with one name, the last. A `section` of '' is the top level. */
    find(section, name) {
      return this.inside(section).findLast((member) => member.name === name);
    }

    inside(section) {
      if (!section) return this.top;
      const owner = this.find('', section);
      return owner?.node.type === 'object' ? membersOf(this.text, owner.node) : [];
    }

    source(member) {
      return this.text.slice(member.value, member.end);
    }

    /* The names that stand more than once at the top level or under `env`, where an earlier one is lost. */
    twice() {
      const lists = [this.top, this.inside('env')].map((members) => members.map((member) => member.name));
      return lists.filter(repeat).flatMap((list) => [...new Set(list.filter((name, index) => list.indexOf(name) !== index))]);
    }

    /* The text after `orders`: { section, name, value } with JSON text sets, without `value` drops, `to` renames. */
    after(orders) {
      const edits = [];
      const top = [];
      for (const section of new Set(orders.map((order) => order.section))) {
        const inner = orders.filter((order) => order.section === section);
        const sets = inner.filter((order) => order.value);
        const owner = this.find('', section);
        if (!section) top.push(...inner);
        else if (owner) edits.push(...this.body(owner.node, inner, 1));
        else if (sets.length) top.push({ name: section, value: `{${this.block(sets, 1)}}` });
      }
      if (top.length) edits.push(...this.body(this.root, top, 0));
      return splice(this.text, edits.sort((a, b) => a.start - b.start || a.end - b.end));
    }

    /* What stands between the braces of an object that had no member. */
    block(orders, depth) {
      const { lines, unit, feed, colon } = this.style;
      const items = orders.map(({ name, value }) => JSON.stringify(name) + colon + value);
      if (!lines) return items.join(colon === ': ' ? ', ' : ',');
      return items.map((item) => feed + unit.repeat(depth + 1) + item).join(',') + feed + unit.repeat(depth);
    }

    body(node, orders, depth) {
      const members = membersOf(this.text, node);
      const last = (name) => members.findLast((member) => member.name === name);
      const dropped = new Set(orders.filter((order) => !order.value && !order.to).map((order) => order.name));
      const sets = orders.filter((order) => order.value);
      const fresh = sets.filter((order) => !last(order.name));
      const edits = sets.filter((order) => last(order.name)).map((order) => ({ start: last(order.name).value, end: last(order.name).end, content: order.value }));
      for (const { name, to } of orders.filter((order) => order.to)) {
        for (const member of members.filter((one) => one.name === name)) edits.push({ start: member.key, end: member.keyEnd, content: JSON.stringify(to) });
      }
      const stays = members.findLastIndex((member) => !dropped.has(member.name));
      for (let index = 0; index < stays; index += 1) {
        if (dropped.has(members[index].name)) edits.push({ start: members[index].key, end: members[index + 1].key, content: '' });
      }
      if (!members.length || (stays < 0 && !fresh.length)) {
        const content = fresh.length ? this.block(fresh, depth) : '';
        if (members.length || content) edits.push({ start: node.offset + 1, end: node.offset + node.length - 1, content });
        return edits;
      }
      const { gap, colon } = this.joints(members);
      const items = fresh.map(({ name, value }) => gap + JSON.stringify(name) + colon + value);
      const end = members.at(-1).end;
      if (stays < 0) edits.push({ start: members[0].key, end, content: items.join(',').slice(gap.length) });
      else edits.push({ start: members[stays].end, end, content: items.map((item) => `,${item}`).join('') });
      return edits;
    }

    /* What the last member has before its name and between name and value, to be repeated for a new one. */
    joints(members) {
      const at = members.at(-1);
      const before = this.text.slice(at.gap, at.key);
      const between = this.text.slice(at.keyEnd, at.value);
      const colon = /[\r\n]/.test(between) ? ':' : between;
      const line = /(?:\r\n|\n|\r)[^\r\n]*$/.exec(before);
      if (line) return { gap: line[0], colon };
      if (members.length === 1) return { gap: between.endsWith(':') ? '' : ' ', colon };
      return { gap: before, colon };
    }
  }

  Object.assign(window.portalMerge, { SettingsText });
})();
