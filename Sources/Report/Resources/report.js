'use strict';
// The page's state: which view, what is selected, search and theme. The address says all of it.

const $ = id => document.getElementById(id);
const state = { view: 'units', unit: null, document: null, label: null, chosen: null };
const title = source.title;
$('intro').textContent = [
  `${format.count(units.count)} ${source.isMixture ? 'topics' : 'units'}`,
  `${format.count(documents.total)} documents` + (documents.count < documents.total ? `, ${format.count(documents.count)} of them on the map` : ''),
  `${format.count(source.figures.features)} features`,
].join(' · ');

const map = new Scatter($('map'), {
  select: (i, byPointer) => {
    go(state.view === 'documents' ? `#document-${documents.rows[i] + 1}` : `#unit-${i}`);
    // On small screens what was chosen is told below the map.
    if (byPointer && matchMedia('(max-width: 820px)').matches) setTimeout(() => $('panel').scrollIntoView({ behavior: 'smooth' }), 50);
  },
  hover: showTip,
  enter: () => $('panel').focus(),
  step: by => {
    if (state.view === 'documents') {
      const next = (state.document ?? -1) + by;
      if (next >= 0 && next < documents.count) go(`#document-${documents.rows[next] + 1}`);
    } else {
      const next = unitOrder[(state.unit === null ? -1 : unitRank.get(state.unit)) + by];
      if (next !== undefined) go(`#unit-${next}`);
    }
  },
  area: found => { if (found.length > 0) { state.chosen = { view: state.view, points: found }; go('#selection'); } },
  clear: () => clearSelection(),
});

function go(hash) { if (location.hash === hash) route(); else location.hash = hash; }

// MARK: Maps

function colourOptions() {
  const options = [];
  if (labels.length > 0) options.push(['label', 'label']);
  options.push(['measure', source.isMixture ? 'share' : isSparse ? 'density' : 'importance']);
  if (units.divergence) options.push(['divergence', 'KL']);
  return options;
}

function colourMeasure() {
  return $('colour').value === 'divergence' ? units.divergence : isSparse ? units.density : units.importance;
}

function unitPoints() {
  const coordinates = units.map[$('layout').value];
  const most = Math.max(...units.importance) || 1;
  const size = Math.max(5, Math.min(22, 150 / Math.sqrt(units.count)));
  const colour = $('colour').value;
  const measure = colourMeasure();
  const largest = Math.max(...measure) || 1;
  return {
    count: units.count, ...coordinates, order: unitOrder, opacity: 0.85,
    radius: i => Math.max(2.5, size * Math.sqrt(units.importance[i] / most)),
    style: i => colour === 'label' ? categoryStyle(presentAt(units.label, i)) : { colour: sequential(measure[i] / largest), shape: 'circle' },
    dim: state.label === null ? null : i => presentAt(units.label, i) !== state.label,
    image: pictures ? unitImage : null,
    texts: pictures ? [] : unitOrder.map(i => ({ at: i, text: unitName(i, units.count > 300 ? 1 : 2) })),
  };
}

const unitImages = new Map();
function unitImage(unit) {
  const place = pictures.units.get(unit);
  if (place === undefined) return null;
  if (!unitImages.has(unit)) unitImages.set(unit, picture(pixels(pictures.unitPixels, place), pictures.shape, true, ''));
  return unitImages.get(unit);
}

function documentPoints() {
  const coordinates = documents.map[$('layout').value];
  return {
    count: documents.count, ...coordinates, order: Array.from({ length: documents.count }, (_, i) => i),
    opacity: documents.count > 4000 ? 0.6 : 0.8,
    radius: () => Math.max(1.7, Math.min(5, 160 / Math.sqrt(Math.max(1, documents.count)))),
    style: i => categoryStyle(presentAt(documents.label, i)),
    dim: state.label === null ? null : i => presentAt(documents.label, i) !== state.label,
    texts: labelTexts(coordinates),
  };
}

/** The names of labels at the middle of their documents. */
function labelTexts({ x, y }) {
  const members = labels.map(() => []);
  for (let i = 0; i < documents.count; i++) { const l = presentAt(documents.label, i); if (l !== undefined) members[l].push(i); }
  const middle = values => values.sort((a, b) => a - b)[values.length >> 1];
  return members.map((list, l) => ({ list, l })).filter(m => m.list.length > 0).sort((a, b) => b.list.length - a.list.length)
    .map(({ list, l }) => ({ at: [middle(list.map(i => x[i])), middle(list.map(i => y[i]))], text: labels[l].name, centred: true, bold: true }));
}

function showMap() {
  const isUnits = state.view === 'units';
  $('map-title').textContent = isUnits ? (source.isMixture ? 'Topics' : 'Units') : 'Documents';
  $('colour-choice').hidden = !isUnits;
  $('map').setAttribute('aria-label', isUnits
    ? `Map of ${units.count} units; arrow keys go from one to the next`
    : `Map of ${documents.count} documents; arrow keys go from one to the next`);
  $('map-help').textContent = (isUnits
    ? `Near units add like things to ${pictures ? 'pictures' : 'documents'}; area is importance. `
    : 'Near documents have like codes. ')
    + ($('layout').value === 'near' ? 'Far distances say little in this layout. ' : 'The two directions of largest variance. ')
    + 'Keys: arrows, + and −, 0, Page Up and Down, a to list all in view.';
  map.show(isUnits ? unitPoints() : documentPoints());
  map.select(isUnits ? state.unit : state.document, false);
  showLegend();
  map.choose(state.chosen && state.chosen.view === state.view ? state.chosen.points : null);
  map.marked = null;
}

function showLegend() {
  const legend = $('legend');
  if (state.view === 'units' && $('colour').value !== 'label') {
    const most = Math.max(...colourMeasure());
    legend.replaceChildren(el('span', { class: 'ramp', style: `background:linear-gradient(90deg, ${[0, 0.25, 0.5, 0.75, 1].map(sequential).join(',')})` }),
      el('span', {}, $('colour').value === 'divergence' ? `0 to ${format.number(most)} nats` : `${isSparse ? 'active on 0 %' : '0 %'} to ${format.percent(most)}`));
    return;
  }
  const order = labels.map((l, i) => i).slice(0, 64);
  legend.replaceChildren(...order.map(i => {
    const { colour, shape } = categoryStyle(i);
    return el('button', { class: 'legend-item', 'aria-pressed': state.label === i ? 'true' : 'false', onclick: () => { state.label = state.label === i ? null : i; redrawMap(); } },
      el('span', { class: `swatch ${shape}`, style: `--colour:${colour}`, 'aria-hidden': 'true' }), labels[i].name);
  }));
}

function redrawMap() {
  const { zoom, panX, panY } = map;
  map.points = state.view === 'units' ? unitPoints() : documentPoints();
  Object.assign(map, { zoom, panX, panY });
  map.draw();
  showLegend();
}

function showTip(i, place) {
  const tip = $('tip');
  tip.hidden = i === null;
  if (i === null) return;
  const isUnits = state.view === 'units';
  const label = isUnits ? undefined : presentAt(documents.label, i);
  tip.replaceChildren(...(isUnits
    ? [el('b', {}, `${source.isMixture ? 'Topic' : 'Unit'} ${i}`), ' ', unitThumb(i) ?? unitName(i, 8)]
    : [el('b', {}, documentName(i)), ' ', label === undefined ? '' : labelTag(labels[label].name), ' ', documentThumb(i) ?? documentGist(i).slice(0, 160)]));
  const [x, y] = place;
  tip.style.left = `${Math.max(4, Math.min(x + 12, map.width - tip.offsetWidth - 4))}px`;
  tip.style.top = `${y + 16 + tip.offsetHeight > map.height ? Math.max(4, y - tip.offsetHeight - 12) : y + 16}px`;
}

function clearSelection() {
  state.chosen = null;
  map.choose(null);
  if (location.hash === '#selection') go(`#${state.view}`);
}

// MARK: Views

function showView(view) {
  state.view = view;
  for (const tab of document.querySelectorAll('[data-view]')) {
    const isChosen = tab.dataset.view === view;
    tab.setAttribute('aria-selected', isChosen);
    tab.tabIndex = isChosen ? 0 : -1;
  }
  $('view-maps').hidden = view === 'overview';
  $('view-overview').hidden = view !== 'overview';
  $('view-maps').setAttribute('aria-labelledby', `tab-${view === 'overview' ? 'units' : view}`);
  if (view === 'overview') {
    if ($('view-overview').childElementCount === 0) $('view-overview').append(...overviewCards().filter(Boolean));
  } else showMap();
}

function showPanel(content) {
  $('panel').replaceChildren(...content.flat().filter(Boolean));
  $('panel').scrollTop = 0;
}

let shownView = null;

/** Shows what the address names. */
function route() {
  const hash = location.hash.slice(1);
  const [, kind, rest] = hash.match(/^(unit|document|word)-(.*)$/) ?? [];
  let view = hash === 'overview' || hash === 'documents' || hash === 'units' ? hash : kind === 'document' ? 'documents' : kind === 'unit' ? 'units' : state.view === 'overview' && kind ? 'units' : state.view;
  if (kind !== 'word') map.marked = null;
  const ensure = () => { if (view !== shownView) { shownView = view; showView(view); } };
  if (kind === 'unit' && units.cards[Number(rest)]) {
    state.unit = Number(rest);
    ensure();
    map.select(state.unit);
    showPanel(unitPanel(state.unit));
    document.title = `Unit ${state.unit} · ${title}`;
  } else if (kind === 'document' && placeOfRow.has(Number(rest) - 1)) {
    state.document = placeOfRow.get(Number(rest) - 1);
    ensure();
    map.select(state.document);
    showPanel(documentPanel(state.document));
    document.title = `${documentName(state.document)} · ${title}`;
  } else if (kind === 'word' && wordIndex().has(decode(rest))) {
    if (view === 'documents') view = 'units';
    ensure();
    const word = wordIndex().get(decode(rest));
    map.marked = [...new Set([...unitsNaming(word).slice(0, 12), ...carriersOf(word)].map(c => c.unit))];
    map.draw();
    showPanel(wordPanel(word));
    document.title = `${words.names[word]} · ${title}`;
  } else if (hash === 'selection' && state.chosen) {
    view = state.chosen.view;
    ensure();
    map.choose(state.chosen.points);
    showPanel(selectionPanel(state.chosen));
    document.title = `Selection · ${title}`;
  } else {
    ensure();
    if (view === 'units' && state.unit === null && units.count > 0) state.unit = unitOrder[0];
    if (view === 'documents') {
      if (state.document === null && documents.count > 0) state.document = 0;
      showPanel(state.document === null ? [el('p', { class: 'note' }, 'There are no documents to show.')] : documentPanel(state.document));
      map.select(state.document, false);
    } else if (view === 'units') {
      showPanel(state.unit === null ? [] : unitPanel(state.unit));
      map.select(state.unit, false);
    }
    document.title = `${title} · Gossamer`;
  }
}

function decode(text) { try { return decodeURIComponent(text); } catch { return text; } }

let wordIndices = null;
function wordIndex() {
  if (!wordIndices) { wordIndices = new Map(); words.names.forEach((name, i) => { if (!wordIndices.has(name)) wordIndices.set(name, i); }); }
  return wordIndices;
}

for (const tab of document.querySelectorAll('[data-view]')) {
  tab.addEventListener('click', () => go(`#${tab.dataset.view}`));
  tab.addEventListener('keydown', event => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const tabs = [...document.querySelectorAll('[data-view]')];
    const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });
}
$('layout').addEventListener('change', showMap);
$('colour').append(...colourOptions().map(([value, name]) => el('option', { value }, name)));
$('colour').addEventListener('change', () => { state.label = null; redrawMap(); });
for (const button of document.querySelectorAll('[data-tool]')) {
  button.addEventListener('click', () => {
    map.use(button.dataset.tool);
    for (const other of document.querySelectorAll('[data-tool]')) other.setAttribute('aria-pressed', other === button);
  });
}
$('zoom-in').addEventListener('click', () => map.zoomBy(1.6));
$('zoom-out').addEventListener('click', () => map.zoomBy(1 / 1.6));
$('zoom-all').addEventListener('click', () => map.reset());

// MARK: Search

const results = $('results');
let found = [];
let chosen = -1;

function search(text) {
  const query = text.trim().toLowerCase();
  if (query === '') return [];
  const hits = [];
  const number = query.match(/^(?:unit|topic)?\s*#?(\d+)$/);
  if (number && units.cards[Number(number[1])]) hits.push({ hash: `#unit-${number[1]}`, kind: 'unit', text: `${number[1]} ${unitName(Number(number[1]))}` });
  const starts = [], contains = [];
  for (let i = 0; i < words.names.length; i++) {
    const name = words.names[i].toLowerCase();
    const at = name.indexOf(query);
    if (at === 0) starts.push(i); else if (at > 0) contains.push(i);
  }
  const byFrequency = (a, b) => (words.names[a].toLowerCase() === query ? -1 : words.names[b].toLowerCase() === query ? 1 : 0) || words.documents[b] - words.documents[a];
  for (const i of [...starts.sort(byFrequency), ...contains.sort(byFrequency)].slice(0, 8)) {
    const carrier = (unitsNaming(i)[0] ?? carriersOf(i)[0])?.unit;
    hits.push({ hash: `#word-${encodeURIComponent(words.names[i])}`, kind: 'word', text: words.names[i], more: carrier === undefined ? '' : `${source.isMixture ? 'topic' : 'unit'} ${carrier}` });
  }
  let count = 0;
  for (let i = 0; i < documents.count && count < 6; i++) {
    const label = presentAt(documents.label, i);
    const place = `${documentName(i)} ${documents.texts ? documents.texts[i] : ''}`.toLowerCase();
    if (!place.includes(query)) continue;
    hits.push({ hash: `#document-${documents.rows[i] + 1}`, kind: 'document', text: documentName(i), more: label === undefined ? '' : labels[label].name });
    count++;
  }
  return hits;
}

function showResults() {
  found = search($('search').value);
  chosen = found.length > 0 ? 0 : -1;
  const isEmpty = $('search').value.trim() === '';
  results.hidden = isEmpty;
  $('search').setAttribute('aria-expanded', !isEmpty);
  results.replaceChildren(...(found.length === 0
    ? [el('li', { class: 'note', role: 'option', 'aria-disabled': 'true' }, 'Nothing found. The search knows the words of units and of the documents shown.')]
    : found.map((hit, i) => el('li', { role: 'option', id: `result-${i}`, onpointerdown: event => { event.preventDefault(); take(i); } },
      el('span', { class: 'kind' }, hit.kind), el('span', { class: 'what' }, hit.text), hit.more ? el('span', { class: 'figure' }, hit.more) : null))));
  choose(chosen);
}

function choose(i) {
  chosen = i;
  [...results.children].forEach((item, k) => item.setAttribute('aria-selected', k === i));
  if (i >= 0) { $('search').setAttribute('aria-activedescendant', `result-${i}`); results.children[i].scrollIntoView({ block: 'nearest' }); }
  else $('search').removeAttribute('aria-activedescendant');
}

function take(i) {
  if (!found[i]) return;
  results.hidden = true;
  $('search').setAttribute('aria-expanded', false);
  go(found[i].hash);
}

$('search').addEventListener('input', showResults);
$('search').addEventListener('blur', () => { results.hidden = true; $('search').setAttribute('aria-expanded', false); });
$('search').addEventListener('keydown', event => {
  if (event.key === 'ArrowDown') choose(Math.min(found.length - 1, chosen + 1));
  else if (event.key === 'ArrowUp') choose(Math.max(0, chosen - 1));
  else if (event.key === 'Enter') take(chosen);
  else if (event.key === 'Escape') results.hidden = true;
  else return;
  event.preventDefault();
});
document.addEventListener('keydown', event => {
  if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); $('search').focus(); }
});

// MARK: Theme

const prefersDark = matchMedia('(prefers-color-scheme: dark)');
let theme = null;
function applyTheme() {
  document.documentElement.dataset.theme = theme ?? (prefersDark.matches ? 'dark' : 'light');
  if (shownView && shownView !== 'overview') redrawMap();
}
$('theme').addEventListener('click', () => { theme = isDark() ? 'light' : 'dark'; applyTheme(); });
prefersDark.addEventListener('change', applyTheme);
// Paper is white.
const printed = isPrinted => {
  if (isPrinted) document.documentElement.dataset.theme = 'light'; else applyTheme();
  if (shownView && shownView !== 'overview') map.resize();
};
addEventListener('beforeprint', () => printed(true));
addEventListener('afterprint', () => printed(false));
applyTheme();

window.addEventListener('hashchange', route);
route();

/** For tests and for the curious. */
window.gossamer = { source, units, documents, words, labels, pictures, unitWords, unitsNaming, relevantWords, map, state };
