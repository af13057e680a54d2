/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page of a trace: shows the JSON object in #data (docs/json.md), filters it, and leads each
 * number to its lines. Text from logs reaches the page only through textContent.
 */
'use strict';
(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const trace = data.trace;
const PAGE = 200; /* rows drawn at once: a table of ten thousand rows opens as fast as one of ten */

const $ = (id) => document.getElementById(id);

/* ---- text that somebody else chose ---- */

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u2800\u3164\ufe00-\ufe0f\uffa0]|\\(?=x[0-9a-fA-F]{2}|u\{)/gu;

function hex(value, width) {
  return value.toString(16).padStart(width, '0');
}

/* The visible form of src/text/utf8.h; bytes that are not UTF-8 come as U+EF00 + byte. */
function visible(text) {
  return String(text).replace(HIDDEN, (c) => {
    const code = c.codePointAt(0);
    if (code >= 0xef00 && code <= 0xefff) {
      return '\\x' + hex(code & 0xff, 2);
    }
    return code < 0x80 ? '\\x' + hex(code, 2) : '\\u{' + hex(code, 2) + '}';
  });
}

/* Numbers are grouped the same way whatever the reader's locale. */
function number(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

function count(value, one, many) {
  return number(value) + ' ' + (value === 1 ? one : many || one + 's');
}

function time(text) {
  return text ? text.slice(0, 10) + ' ' + text.slice(11, 19) : 'no time';
}

function minute(text) {
  return text ? time(text).slice(0, 16) : '-';
}

function duration(first, last) {
  if (!first || !last) {
    return '-';
  }
  const seconds = Math.floor((Date.parse(last) - Date.parse(first)) / 1000);
  for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'min']]) {
    if (seconds >= 2 * size) {
      return number(Math.floor(seconds / size)) + ' ' + unit;
    }
  }
  return seconds + ' s';
}

const WORDS = {
  'login-after-guessing': 'success after guessing',
};

function kindWords(kind) {
  return WORDS[kind] || kind.replace(/-/g, ' ');
}

/* ---- elements ---- */

/* el('td', {class: 'number'}, 'text', node): children that are not nodes become text. */
function el(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === 'click') {
      made.addEventListener('click', value);
    } else if (value !== undefined && value !== null) {
      made.setAttribute(key, value);
    }
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) {
      made.append(child instanceof Node ? child : visible(child));
    }
  }
  return made;
}

function svg(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  return made;
}

/* A path may break after its slashes. */
function path(text) {
  return visible(text).split(/(?<=\/)/).flatMap((piece) => [document.createTextNode(piece), el('wbr')]);
}

/* The folder that all inputs are in: left out where a path only points. */
const folder = (() => {
  const paths = trace.inputs.map((input) => input.path);
  let shared = paths.length > 0 ? paths[0].slice(0, paths[0].lastIndexOf('/') + 1) : '';
  while (shared !== '' && !paths.every((p) => p.startsWith(shared))) {
    shared = shared.slice(0, shared.lastIndexOf('/', shared.length - 2) + 1);
  }
  return shared;
})();

function shortPath(ref) {
  return path(ref.startsWith(folder) ? ref.slice(folder.length) : ref);
}

function link(text, click, label) {
  return el('button', {type: 'button', click, 'aria-label': label}, text);
}

/* ---- what the tables say ---- */

const sourceOf = new Map(trace.sources.map((source) => [source.address, source]));
const rawLine = new Map(data.lines);

function networkName(asn, operator) {
  return asn ? 'AS' + asn + (operator ? ' ' + operator : '') : 'not in the tables';
}

function tableName(table) {
  return table ? table.name + ' ' + (table.date || 'undated') : '-';
}

/* "(2026-06)", and how far from the events when that is far. */
function dated(table) {
  if (!table) {
    return '';
  }
  const days = table.distance_days;
  const far = Math.abs(days) > 90
    ? ', ' + Math.abs(days) + ' days ' + (days > 0 ? 'younger' : 'older') + ' than the events' : '';
  return ' (' + (table.date || 'undated') + far + ')';
}

function firstSource(incident) {
  return sourceOf.get(incident.source_list[0]);
}

function incidentSources(incident) {
  const name = incident.source_list[0];
  if (name === undefined) {
    return 'no source address';
  }
  return incident.sources > 1 ? name + ' and ' + number(incident.sources - 1) + ' more' : name;
}

/* What the filters ask of an incident, worked out once. */
const facts = trace.incidents.map((incident) => {
  const sources = incident.source_list.map((name) => sourceOf.get(name)).filter(Boolean);
  return {
    incident,
    networks: new Set(sources.map((source) => String(source.asn || 0))),
    countries: new Set(sources.map((source) => source.country || '??')),
    first: incident.first ? Date.parse(incident.first) : null,
    last: incident.last ? Date.parse(incident.last) : null,
    text: null,
  };
});

function textOf(fact) {
  if (fact.text === null) {
    const i = fact.incident;
    const names = [...i.account_list, ...i.target_list, ...i.findings].map((t) => t.name);
    fact.text = [i.id, i.kind, kindWords(i.kind), i.technique, i.service, ...i.source_list, ...names,
      ...i.lines, ...i.why].map(visible).join(' ').toLowerCase();
  }
  return fact.text;
}

/* ---- state ---- */

const filter = {text: '', kind: '', network: '', country: '', from: null, to: null};
let order = null; /* {column, down}; null is the order of the file: what matters first */
let shown = [];

function matches(fact) {
  return (!filter.kind || fact.incident.kind === filter.kind) &&
    (!filter.network || fact.networks.has(filter.network)) &&
    (!filter.country || fact.countries.has(filter.country)) &&
    (filter.from === null || fact.last === null || fact.last >= filter.from) &&
    (filter.to === null || fact.first === null || fact.first < filter.to) &&
    (!filter.text || textOf(fact).includes(filter.text));
}

/* ---- tables ---- */

const collator = new Intl.Collator('en', {numeric: true});

function compare(a, b) {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
}

/*
 * columns: {heading, class, value(row) for the order, cell(row)}. rows: drawn in pages of PAGE; `more`
 * is the button that draws the next. after(row, tr) may add a row below.
 */
function drawTable(table, columns, rows, options = {}) {
  const body = el('tbody');
  const draw = () => {
    const from = Number(table.dataset.drawn);
    const part = rows.slice(from, from + PAGE);
    for (const row of part) {
      body.append(el('tr', {class: options.rowClass && options.rowClass(row)},
        columns.map((column) => el('td', {class: column.class}, column.cell(row)))));
    }
    table.dataset.drawn = String(from + part.length);
    if (options.more) {
      const left = rows.length - from - part.length;
      options.more.hidden = left === 0;
      options.more.textContent = 'Show ' + number(Math.min(PAGE, left)) + ' of ' + number(left) + ' more';
    }
  };
  const head = el('tr', null, columns.map((column) => {
    const sorted = order && options.sort && order.column === column;
    return el('th', {
      scope: 'col',
      class: column.class === 'number' ? 'number' : null,
      'aria-sort': sorted ? (order.down ? 'descending' : 'ascending') : null,
    }, options.sort && column.value
      ? el('button', {type: 'button', click: () => options.sort(column)}, column.heading)
      : column.heading);
  }));
  table.dataset.drawn = '0';
  table.replaceChildren(el('thead', null, head), body);
  draw();
  if (options.more) {
    options.more.onclick = draw;
  }
}

/* ---- one incident in full ---- */

function part(title, all, ...content) {
  return el('div', {class: all ? 'part all' : 'part'}, el('h3', null, title), ...content);
}

function tallies(list, total, atLeast, withSuccess) {
  const rest = total - list.length;
  return el('table', null,
    list.map((tally) => el('tr', null,
      el('td', {class: 'mono'}, tally.name === '' ? '(empty)' : tally.name),
      el('td', {class: 'number'}, number(tally.attempts === undefined ? tally.count : tally.attempts)),
      withSuccess ? el('td', {class: 'soft'}, tally.succeeded > 0 ? tally.succeeded + ' succeeded' : '') : null)),
    rest > 0 ? el('tr', null, el('td', {class: 'soft'}, 'and ' + number(rest) + (atLeast ? ' or more' : '') + ' more')) : null);
}

function whereabouts(source) {
  if (!source) {
    return '';
  }
  const said = [networkName(source.asn, source.operator) + dated(source.asn_table)];
  if (source.prefix) {
    said.push('prefix ' + source.prefix);
  }
  if (source.country) {
    said.push('registered in ' + source.country + dated(source.country_table));
  }
  for (const mark of source.shared) {
    said.push(mark.kind + ' by ' + mark.list + ' ' + mark.date);
  }
  if (source.claimed) {
    said.push('address taken from a header the remote side can write');
  }
  if (source.handshake === false) {
    said.push('no handshake seen: the address may be forged');
  }
  return ': ' + said.join(', ');
}

/* Paths that a shell reads as they stand are put into the command; others stay FILE... */
const files = trace.inputs.length <= 4 && trace.inputs.every((input) => /^[\w\/.+,@%-]+$/.test(input.path))
  ? trace.inputs.map((input) => input.path).join(' ') : 'FILE...';

function lineList(incident) {
  const rest = incident.line_count - incident.lines.length;
  return [
    el('ul', null, incident.lines.map((ref) => el('li', null, el('code', null, ref),
      rawLine.has(ref) ? el('code', {class: 'raw'}, rawLine.get(ref)) : null))),
    el('p', {class: 'note'},
      rest > 0 ? 'and ' + number(rest) + ' more of ' + count(incident.line_count, 'line') + '. ' : '',
      'All of them: ', el('code', {class: 'command'}, 'onus trace --lines ' + incident.id + ' ' + files)),
  ];
}

function detail(incident) {
  const listed = incident.source_list.slice(0, 20);
  const left = incident.sources - listed.length;
  return el('div', {class: 'parts'},
    part('Why this is an incident', true, el('ul', null, incident.why.map((why) => el('li', null, why)))),
    part(count(incident.sources, 'source'), true, el('ul', null,
      listed.map((name) => el('li', null, el('code', null, name), whereabouts(sourceOf.get(name)))),
      left > 0 ? el('li', {class: 'soft'}, 'and ' + number(left) + ' more') : null)),
    incident.account_list.length > 0
      ? part('Accounts tried: ' + number(incident.accounts) + (incident.accounts_at_least ? ' or more' : ''), false,
        tallies(incident.account_list, incident.accounts, incident.accounts_at_least, true)) : null,
    incident.target_list.length > 0
      ? part('Targets: ' + number(incident.targets), false, tallies(incident.target_list, incident.targets, false, false)) : null,
    incident.findings.length > 0
      ? part('Recognised on the lines', false, tallies(incident.findings, incident.findings.length, false, false)) : null,
    part('Lines', true, lineList(incident)));
}

function toggle(button, incident) {
  const row = button.closest('tr');
  const open = button.getAttribute('aria-expanded') === 'true';
  button.setAttribute('aria-expanded', String(!open));
  if (open) {
    row.nextElementSibling.remove();
    return;
  }
  row.after(el('tr', {class: 'detail'}, el('td', {colspan: row.children.length}, detail(incident))));
}

const incidentColumns = [
  {heading: 'kind', value: (i) => kindWords(i.kind), cell: (i) => {
    const button = el('button', {type: 'button', class: 'expand', 'aria-expanded': 'false',
      'aria-label': kindWords(i.kind) + ', ' + i.id + ', details'}, kindWords(i.kind));
    button.addEventListener('click', () => toggle(button, i));
    return [button, el('div', {class: 'soft small'}, i.service, ' ', el('code', null, i.id))];
  }},
  {heading: 'attempts', class: 'number', value: (i) => i.attempts, cell: (i) => number(i.attempts)},
  {heading: 'succeeded', class: 'number', value: (i) => i.succeeded, cell: (i) => number(i.succeeded)},
  {heading: 'source', class: 'text mono', value: (i) => i.sources > 1 ? i.sources : i.source_list[0] || '', cell: incidentSources},
  {heading: 'accounts', class: 'number', value: (i) => i.accounts,
    cell: (i) => i.accounts > 0 ? number(i.accounts) + (i.accounts_at_least ? '+' : '') : '-'},
  {heading: 'first seen (UTC)', class: 'time', value: (i) => i.first || '', cell: (i) => minute(i.first)},
  {heading: 'for', class: 'time', value: (i) => i.first && i.last ? Date.parse(i.last) - Date.parse(i.first) : -1,
    cell: (i) => duration(i.first, i.last)},
  {heading: 'network', class: 'text', value: (i) => networkName((firstSource(i) || {}).asn, (firstSource(i) || {}).operator),
    cell: (i) => {
      const source = firstSource(i);
      return source ? [source.shared.map((mark) => mark.kind + ', '), networkName(source.asn, source.operator)] : '-';
    }},
  {heading: 'registered in', value: (i) => (firstSource(i) || {}).country || '~', cell: (i) => (firstSource(i) || {}).country || '-'},
  {heading: 'first line', class: 'path mono', value: (i) => i.lines[0] || '', cell: (i) => shortPath(i.lines[0] || '-')},
];

function drawIncidents() {
  shown = facts.filter(matches).map((fact) => fact.incident);
  if (order) {
    const {column, down} = order;
    shown.sort((a, b) => (down ? -1 : 1) * compare(column.value(a), column.value(b)));
  }
  drawTable($('incident-table'), incidentColumns, shown, {
    more: $('more'),
    rowClass: (i) => i.succeeded > 0 ? 'got-in' : null,
    sort: (column) => {
      order = order && order.column === column ? (order.down ? {column, down: false} : null) : {column, down: true};
      drawIncidents();
      const index = incidentColumns.indexOf(column);
      $('incident-table').querySelectorAll('th button')[index].focus();
    },
  });
  const left = trace.totals.incidents - trace.incidents.length;
  $('count').textContent = number(shown.length) + ' of ' + count(trace.totals.incidents, 'incident') +
    (left > 0 ? '; ' + number(left) + ' are not in this page, see --json' : '') +
    (filter.from !== null || filter.to !== null ? '; only those between ' + spanWords() : '');
}

function spanWords() {
  const at = (value) => time(new Date(value).toISOString());
  return at(filter.from === null ? bins.at(0) : filter.from) + ' and ' + at(filter.to === null ? bins.last : filter.to) + ' UTC';
}

/* ---- filters ---- */

function setFilter(changes) {
  Object.assign(filter, changes);
  $('kind').value = filter.kind;
  $('network').value = filter.network;
  $('country').value = filter.country;
  drawIncidents();
}

/* From a number in another table to the incidents behind it. */
function goTo(changes) {
  setFilter({text: '', kind: '', network: '', country: '', ...changes});
  $('text').value = filter.text;
  $('incidents').scrollIntoView();
  $('incidents').focus({preventScroll: true});
}

function options(select, all, pairs) {
  select.append(el('option', {value: ''}, all), ...pairs.map(([value, text]) => el('option', {value}, text)));
}

function setUpFilters() {
  const kinds = [...new Set(trace.incidents.map((i) => i.kind))];
  options($('kind'), 'all kinds', kinds.map((kind) => [kind, kindWords(kind)]));
  options($('network'), 'all networks', trace.networks.slice(0, 1000).map((n) => [String(n.asn || 0), networkName(n.asn, n.operator)]));
  options($('country'), 'all', trace.countries.map((c) => [c.code, c.code === '??' ? 'not in the tables' : c.code]));
  let wait = 0;
  $('text').addEventListener('input', () => {
    clearTimeout(wait);
    wait = setTimeout(() => setFilter({text: $('text').value.trim().toLowerCase()}), 120);
  });
  for (const id of ['kind', 'network', 'country']) {
    $(id).addEventListener('change', () => setFilter({[id]: $(id).value}));
  }
  $('filters').addEventListener('submit', (event) => event.preventDefault());
  $('filters').addEventListener('reset', () => {
    order = null;
    clearTimeout(wait);
    bins.choose(0, bins.list.length);
    setTimeout(() => setFilter({text: '', kind: '', network: '', country: '', from: null, to: null}), 0);
  });
}

/* ---- timeline ---- */

const SLOTS = 600; /* bars that a screen can tell apart */
const FEW = 3;     /* empty slots that are drawn as they are when long silences are left out */

const bins = {
  list: [], /* {start, attempts, succeeded, pause}: what the picture shows from left to right */
  slot: 0,  /* time a slot stands for: a bin, or several when there are many */
  last: 0,
  pauses: 0,

  build() {
    const width = trace.timeline.bin_seconds * 1000;
    const known = trace.timeline.bins.map((bin) => ({...bin, at: Date.parse(bin.start)}));
    if (known.length === 0 || !(width > 0)) {
      return;
    }
    const first = known[0].at;
    this.last = known[known.length - 1].at + width;
    const spans = Math.round((this.last - first) / width);
    const sparse = spans > SLOTS && known.length * 5 < spans;
    this.slot = sparse ? width : width * Math.ceil(spans / SLOTS);
    do {
      this.fill(known, first, sparse ? FEW : Infinity);
      this.slot *= 2;
    } while (this.list.length > 2 * SLOTS);
    this.slot /= 2;
  },

  /* Silences of more than `most` slots become one slot that says so. */
  fill(known, first, most) {
    const empty = (index, pause) => ({start: first + index * this.slot, attempts: 0, succeeded: 0, pause});
    this.list = [];
    this.pauses = 0;
    let next = 0;
    for (const bin of known) {
      const index = Math.floor((bin.at - first) / this.slot);
      if (index - next > most) {
        this.list.push(empty(next, true));
        this.pauses++;
        next = index;
      }
      for (; next <= index; next++) {
        this.list.push(empty(next, false));
      }
      const slot = this.list[this.list.length - 1];
      slot.attempts += bin.attempts;
      slot.succeeded += bin.succeeded;
    }
  },

  at(index) {
    return index < this.list.length ? this.list[index].start : this.last;
  },

  /* Keep the incidents that touch the slots from..to-1. */
  choose(from, to) {
    const low = Math.max(0, Math.min(from, to));
    const high = Math.min(this.list.length, Math.max(from, to));
    filter.from = low > 0 ? this.at(low) : null;
    filter.to = high < this.list.length ? this.at(high) : null;
    $('from').value = String(low);
    $('to').value = String(high);
    drawTimeline();
  },
};

const HEIGHT = 100;

function drawTimeline() {
  const picture = $('timeline');
  const slots = bins.list.length;
  const log = $('log').checked;
  const scale = (value) => log ? Math.log10(1 + value) : value;
  const most = bins.list.reduce((max, slot) => Math.max(max, slot.attempts), 1);
  const height = (value) => value === 0 ? 0 : Math.max(1.5, HEIGHT * scale(value) / scale(most));
  picture.setAttribute('viewBox', '0 0 ' + slots + ' ' + HEIGHT);
  picture.replaceChildren();
  bins.list.forEach((slot, index) => {
    if (slot.pause) {
      picture.append(svg('line', {class: 'pause', x1: index + 0.5, x2: index + 0.5, y1: 0, y2: HEIGHT}));
    }
    if (slot.attempts === 0) {
      return;
    }
    const tall = height(slot.attempts);
    const bar = svg('rect', {class: 'bar', x: index + 0.06, width: 0.88, y: HEIGHT - tall, height: tall});
    const title = svg('title', {});
    title.textContent = time(new Date(bins.at(index)).toISOString()) + ' UTC: ' + count(slot.attempts, 'attempt') +
      (slot.succeeded > 0 ? ', ' + number(slot.succeeded) + ' succeeded' : '');
    bar.append(title);
    picture.append(bar);
    if (slot.succeeded > 0) {
      picture.append(svg('rect', {class: 'got-in', x: index + 0.06, width: 0.88, y: HEIGHT - Math.max(4, height(slot.succeeded)),
        height: Math.max(4, height(slot.succeeded))}));
    }
  });
  picture.append(svg('line', {class: 'axis', x1: 0, x2: slots, y1: HEIGHT, y2: HEIGHT}));
  const low = Number($('from').value);
  const high = Number($('to').value);
  picture.append(svg('rect', {class: 'outside', x: 0, width: low, y: 0, height: HEIGHT}));
  picture.append(svg('rect', {class: 'outside', x: high, width: slots - high, y: 0, height: HEIGHT}));
}

function setUpTimeline() {
  bins.build();
  const slots = bins.list.length;
  if (slots === 0) {
    $('timeline').closest('section').hidden = true;
    return;
  }
  const most = bins.list.reduce((max, slot) => Math.max(max, slot.attempts), 0);
  const got = bins.list.reduce((sum, slot) => sum + slot.succeeded, 0);
  const minutes = bins.slot / 60000;
  const unit = minutes % 1440 === 0 ? count(minutes / 1440, 'day') : minutes % 60 === 0 ? count(minutes / 60, 'hour') : count(minutes, 'minute');
  $('timeline-note').textContent = 'One bar is ' + unit + '; the tallest is ' + count(most, 'attempt') + '.' +
    (got > 0 ? ' Bars with a marked foot hold attempts that succeeded.' : '') +
    (bins.pauses > 0 ? ' A dotted line stands for a time without attempts, left out.' : '') +
    ' Drag over the picture, or move the two sliders, to keep the incidents of a time.';
  $('timeline').closest('figure').append(el('div', {class: 'ticks'},
    [0, 0.25, 0.5, 0.75, 1].map((share) => el('span', null, minute(new Date(bins.at(Math.round(share * slots))).toISOString())))));
  for (const id of ['from', 'to']) {
    $(id).max = String(slots);
    $(id).value = id === 'to' ? String(slots) : '0';
    $(id).addEventListener('input', () => {
      bins.choose(Number($('from').value), Number($('to').value));
      drawIncidents();
    });
  }
  $('log').addEventListener('change', drawTimeline);
  setUpBrush(slots);
  drawTimeline();
}

function setUpBrush(slots) {
  const picture = $('timeline');
  let start = null;
  const slotAt = (event) => {
    const box = picture.getBoundingClientRect();
    return Math.max(0, Math.min(slots, (event.clientX - box.left) / box.width * slots));
  };
  picture.addEventListener('pointerdown', (event) => {
    start = slotAt(event);
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener('pointermove', (event) => {
    if (start !== null) {
      const end = slotAt(event);
      bins.choose(Math.floor(Math.min(start, end)), Math.ceil(Math.max(start, end)));
    }
  });
  picture.addEventListener('pointerup', (event) => {
    const end = slotAt(event);
    if (Math.abs(end - start) * picture.getBoundingClientRect().width / slots < 4) {
      bins.choose(0, slots); /* a click lets go of the choice */
    }
    start = null;
    drawIncidents();
  });
}

/* ---- the other tables ---- */

function drawSuccess() {
  const list = trace.incidents.filter((i) => i.kind === 'login-after-guessing');
  $('success').hidden = list.length === 0;
  $('success-list').append(...list.slice(0, 5).map((i) => {
    const account = i.account_list.find((a) => a.succeeded > 0) || i.account_list[0];
    return el('li', null, 'account ', el('code', null, account ? account.name : 'not named'), ', ' + i.service + ', source ',
      el('code', null, incidentSources(i)), whereabouts(firstSource(i)), '. ',
      number(i.succeeded) + ' of ' + count(i.attempts, 'attempt') + ' succeeded, ' + time(i.first) + ' to ' + time(i.last) + ' UTC. ',
      el('code', null, i.lines[0] || ''), ' ', link(i.id, () => goTo({text: i.id}), 'show incident ' + i.id));
  }));
  if (list.length > 5) {
    $('success-list').append(el('li', null, link('and ' + number(list.length - 5) + ' more', () => goTo({kind: 'login-after-guessing'}))));
  }
}

function drawNetworks() {
  const numbers = [
    {heading: 'attempts', class: 'number', cell: (n) => number(n.attempts)},
    {heading: 'sources', class: 'number', cell: (n) => number(n.sources)},
    {heading: 'by table', class: 'soft', cell: (n) => tableName(n.table ? {name: n.table, date: n.table_date} : null)},
  ];
  drawTable($('network-table'), [
    {heading: 'network', class: 'text', cell: (n) => link(networkName(n.asn, n.operator), () => goTo({network: String(n.asn || 0)}),
      'show incidents of ' + visible(networkName(n.asn, n.operator)))},
    {heading: 'registered in', cell: (n) => n.country || '-'},
    ...numbers,
  ], trace.networks.slice(0, 500));
  drawTable($('country-table'), [
    {heading: 'country', cell: (c) => link(c.code === '??' ? 'not in the tables' : c.code, () => goTo({country: c.code}),
      'show incidents of sources registered in ' + visible(c.code))},
    ...numbers,
  ], trace.countries);
}

function drawSources() {
  drawTable($('source-table'), [
    {heading: 'address', class: 'text mono', cell: (s) => s.address},
    {heading: 'attempts', class: 'number', cell: (s) => number(s.attempts)},
    {heading: 'succeeded', class: 'number', cell: (s) => number(s.succeeded)},
    {heading: 'network', class: 'text', cell: (s) => networkName(s.asn, s.operator) + dated(s.asn_table)},
    {heading: 'registered in', class: 'text', cell: (s) => (s.country || '-') + (s.country ? dated(s.country_table) : '')},
    {heading: 'shared by many', class: 'text', cell: (s) => s.shared.map((m) => m.kind + ' (' + m.list + ' ' + m.date + ')').join(', ') || '-'},
    {heading: 'handshake', cell: (s) => s.handshake === null ? 'cannot tell' : s.handshake ? 'completed' : 'not seen'},
    {heading: 'incidents', class: 'number', cell: (s) => link(number(s.incident_count), () => goTo({text: visible(s.address).toLowerCase()}),
      'show incidents of ' + visible(s.address))},
  ], trace.sources, {more: $('more-sources')});
  const left = trace.totals.sources - trace.sources.length;
  if (left > 0) {
    $('source-table').append(el('caption', null, number(left) + ' more sources are not in this page, see --json'));
  }
}

function drawCampaigns() {
  $('campaigns').hidden = trace.campaigns.length === 0;
  drawTable($('campaign-table'), [
    {heading: 'id', class: 'mono', cell: (c) => c.id},
    {heading: 'attempts', class: 'number', cell: (c) => number(c.attempts)},
    {heading: 'sources', class: 'number', cell: (c) => number(c.sources)},
    {heading: 'first seen (UTC)', class: 'time', cell: (c) => minute(c.first)},
    {heading: 'what ties them', class: 'text', cell: (c) => c.why.join('; ')},
    {heading: 'incidents', class: 'text', cell: (c) => [
      ...c.incidents.slice(0, 8).flatMap((id) => [link(id, () => goTo({text: id.toLowerCase()}), 'show incident ' + visible(id)), ' ']),
      c.incidents.length > 8 ? 'and ' + number(c.incidents.length - 8) + ' more' : null]},
  ], trace.campaigns.slice(0, 500));
}

function remarks(input) {
  const said = [];
  if (input.problem) {
    said.push(input.problem);
  }
  if (input.assumed_year) {
    said.push('year ' + input.assumed_year + ' assumed');
  }
  if (input.first_unparsed_line) {
    said.push('first unparsed line ' + input.first_unparsed_line);
  }
  for (const gap of input.gaps) {
    said.push('silent for ' + duration(gap.from, gap.to) + ' before line ' + gap.line);
  }
  for (const step of input.clock_steps) {
    said.push('clock steps back ' + duration(step.to, step.from) + ' at line ' + step.line);
  }
  if (input.out_of_order > 0) {
    said.push(count(input.out_of_order, 'line') + ' out of time order');
  }
  for (const [key, words] of [['cut_line', 'last line has no line end'], ['shrank', 'file shrank while it was read'],
    ['broke_off', 'compressed data breaks off']]) {
    if (input[key]) {
      said.push(words);
    }
  }
  return said.join('; ') || '-';
}

function drawInputs() {
  const sum = {...trace.totals, path: 'all inputs', format: '', zone: '', remarks: ''};
  const rows = trace.inputs.length > 1 ? [...trace.inputs, sum] : trace.inputs;
  drawTable($('input-table'), [
    {heading: 'input', class: 'path mono', cell: (i) => path(i.path)},
    ...['lines', 'parsed', 'ignored', 'unparsed'].map((key) => ({heading: key, class: 'number', cell: (i) => number(i[key])})),
    {heading: 'first (UTC)', class: 'time', cell: (i) => minute(i.first)},
    {heading: 'last (UTC)', class: 'time', cell: (i) => minute(i.last)},
    {heading: 'zone', class: 'text', cell: (i) => i === sum ? '' : i.zone + ' ' + i.zone_basis},
    {heading: 'format', class: 'text', cell: (i) => i.format},
    {heading: 'to know', class: 'text long', cell: (i) => i === sum ? '' : remarks(i)},
  ], rows, {rowClass: (i) => i === sum ? 'sum' : null});
}

function drawNotes() {
  $('notes').hidden = trace.notes.length === 0;
  $('note-list').append(...trace.notes.map((note) => el('li', {class: 'text'}, note)));
  $('databases').hidden = trace.databases.length === 0;
  drawTable($('database-table'), [
    {heading: 'table', class: 'text', cell: (d) => d.name},
    {heading: 'date', cell: (d) => d.date || 'undated'},
    {heading: 'knows', cell: (d) => d.kind},
    {heading: 'used here', cell: (d) => d.used ? 'yes' : 'no'},
  ], trace.databases);
}

/* page.html#i-0a1b2c3d4e5f shows that incident, opened. */
function openNamed() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (trace.incidents.some((i) => i.id === id)) {
    goTo({text: visible(id).toLowerCase()});
    $('incident-table').querySelector('.expand').click();
  }
}

/* ---- self-check: open the page with #selftest ---- */

function selfTest() {
  const rows = () => $('incident-table').tBodies[0].querySelectorAll(':scope > tr:not(.detail)').length;
  const out = {rows: rows(), incidents: trace.incidents.length};
  const first = $('incident-table').querySelector('.expand');
  if (first) {
    first.click();
    out.detail = $('incident-table').querySelectorAll('.detail').length;
    out.detailLines = $('incident-table').querySelectorAll('.detail code').length;
    first.click();
    out.closed = $('incident-table').querySelectorAll('.detail').length;
    const kind = trace.incidents[trace.incidents.length - 1].kind;
    setFilter({kind});
    out.filtered = shown.length;
    out.filterHolds = shown.every((i) => i.kind === kind);
    setFilter({kind: '', text: visible(trace.incidents[0].id).toLowerCase()});
    out.byId = shown.length;
    setFilter({text: ''});
    bins.choose(0, 1);
    drawIncidents();
    out.brushed = shown.length;
    bins.choose(0, bins.list.length);
    drawIncidents();
    out.restored = shown.length;
    incidentColumns.forEach((column) => shown.forEach((i) => column.value(i)));
    order = {column: incidentColumns.find((column) => column.heading === 'attempts'), down: true};
    drawIncidents();
    out.sorted = shown.every((i, at) => at === 0 || shown[at - 1].attempts >= i.attempts);
    order = null;
    drawIncidents();
  }
  const kept = {list: bins.list, pauses: bins.pauses, slot: bins.slot};
  const bin = (at) => ({at, attempts: 1, succeeded: 0});
  bins.slot = 1;
  bins.fill([bin(0), bin(2), bin(5000)], 0, FEW); /* 0, 1, 2, a pause, 5000 */
  out.pause = bins.list.map((slot) => slot.pause ? 'p' : slot.attempts).join('');
  Object.assign(bins, kept);
  out.bars = $('timeline').querySelectorAll('.bar').length;
  out.scripts = document.scripts.length;
  out.requests = performance.getEntriesByType('resource').length;
  out.readyMs = Math.round(performance.now());
  document.body.append(el('pre', {id: 'selftest'}, 'SELFTEST ' + JSON.stringify(out)));
}

drawSuccess();
setUpTimeline();
setUpFilters();
drawIncidents();
drawNetworks();
drawSources();
drawCampaigns();
drawInputs();
drawNotes();
$('main').hidden = false;
if (location.hash === '#selftest') {
  selfTest();
} else {
  openNamed();
}
})();
