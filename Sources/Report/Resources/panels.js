'use strict';
// What is told of a unit, a document or a word.

let lambda = 0.6;
/** Whether words are ranked by relevance and not as they stand in the unit's list. */
let isByRelevance = false;

function section(title, note, ...content) {
  return el('section', { class: 'part' }, el('h3', {}, title), note ? el('p', { class: 'note' }, note) : null, ...content);
}

function figure(name, value, hint) {
  return el('div', { class: 'figure-box', title: hint ?? '' }, el('dt', {}, name), el('dd', {}, value));
}

function unitLink(unit, extra) {
  return el('a', { class: 'unit-link', href: `#unit-${unit}` }, el('b', {}, unit), ' ', unitThumb(unit) ?? el('span', {}, unitName(unit)), extra ? el('span', { class: 'figure' }, extra) : null);
}

function wordLink(word, kind = 'chip') {
  return el('a', { class: kind, href: `#word-${encodeURIComponent(words.names[word])}` }, words.names[word]);
}

function labelTag(name) { return name === null || name === undefined ? null : el('span', { class: 'label' }, name); }

// MARK: A unit

function unitPanel(unit) {
  const card = units.cards[unit];
  return [
    unitHead(unit),
    el('dl', { class: 'figures' },
      figure(source.isMixture ? 'share' : 'importance', format.percent(units.importance[unit]),
        source.isMixture ? "the topic's share of documents" : "the unit's share of what all units add to documents, in squares"),
      figure('rank', `${format.count(unitRank.get(unit) + 1)} of ${format.count(units.count)}`),
      isSparse ? figure('active', format.percent(units.density[unit]), 'the share of documents that activate it') : null,
      figure('strongest', format.number(units.largest[unit]), 'the largest activity'),
      units.divergence ? figure('KL', `${format.number(units.divergence[unit])} nats`, 'what it tells of a document, on average') : null),
    unitPicture(unit),
    pictures ? null : wordSection(unit),
    activitySection(unit, card),
    card.l.length > 0 ? section('Labels', 'Share of the unit’s activity, and how many times that is the label’s share of documents.',
      bars(card.l.map(([label, share, lift]) => ({ name: labels[label].name, value: share, text: `${format.percent(share)} · ${format.times(lift)}` })))) : null,
    documentSection('Strongest documents', card.t, unit),
    documentSection('Half as strong', card.m, unit),
    neighbourSection(card),
    pictures ? wordSection(unit) : null,
  ];
}

function unitHead(unit) {
  const rank = unitRank.get(unit);
  const step = (by, name, sign) => {
    const other = unitOrder[rank + by];
    return el('a', { class: 'step', href: other === undefined ? null : `#unit-${other}`, 'aria-label': name, 'aria-disabled': other === undefined ? 'true' : null, title: name }, sign);
  };
  return el('div', { class: 'panel-head' },
    el('div', {}, el('h2', { id: 'panel-title' }, `${source.isMixture ? 'Topic' : 'Unit'} ${unit}`), pictures ? null : el('p', { class: 'gist' }, `${hasWords ? '' : 'features '}${unitName(unit, 5)}`)),
    el('div', { class: 'steps' }, step(-1, 'More important unit', '‹'), step(1, 'Less important unit', '›')));
}

function wordSection(unit) {
  const list = el('div', { id: 'words' });
  const shown = unitWords(unit);
  const act = word => () => go(`#word-${encodeURIComponent(words.names[word])}`);
  const fill = () => list.replaceChildren(...(isByRelevance ? relevanceList(unit, act) : clearestList(shown, act)));
  const choose = value => el('button', {
    'aria-pressed': isByRelevance === value ? 'true' : 'false', 'data-words': value ? 'relevance' : 'clearest',
    onclick: event => {
      isByRelevance = value;
      for (const button of event.target.parentElement.children) button.setAttribute('aria-pressed', button === event.target);
      fill();
    },
  }, value ? 'By relevance' : shown.some(w => Number.isFinite(w.lift)) ? 'Clearest' : 'By weight');
  fill();
  return el('section', { class: 'part' },
    el('div', { class: 'part-head' }, el('h3', {}, pictures ? 'Pixels' : hasWords ? 'Words' : 'Features'), el('div', { class: 'choice', role: 'group', 'aria-label': 'Order of words' }, choose(false), choose(true))), list);
}

/** The unit's list, which it is called by everywhere. */
function clearestList(shown, act) {
  if (shown.length === 0) return [el('p', { class: 'note' }, 'It adds to no word.')];
  const isLifted = Number.isFinite(shown[0].lift);
  return [
    bars(shown.map(w => ({
      name: words.names[w.word], value: w.share, text: isLifted ? format.times(w.lift) : format.percent(w.share),
      act: act(w.word), hint: isLifted ? `in ${format.percent(w.share)} of the documents that activate the unit most` : '',
    })), { kind: 'words plain', most: isLifted ? 1 : undefined }),
    el('p', { class: 'note' }, isLifted
      ? 'What sets its most active documents apart. Bars: the share of them that hold the word; ×: how many times more often than in all documents.'
      : 'What the unit adds most to; no word sets its documents apart.'),
  ];
}

/** Words by relevance λ, as pyLDAvis ranks them, with its slider. */
function relevanceList(unit, act) {
  const rows = el('div', {});
  const output = el('output', { for: 'lambda' });
  const fill = () => {
    output.textContent = lambda.toFixed(2);
    const ranked = relevantWords(unit, lambda, counts.wordsPerUnit);
    const logUnit = Math.log(units.importance[unit] || 1e-300);
    rows.replaceChildren(bars(ranked.map(w => {
      const share = Math.min(1, Math.exp(w.probability + logUnit - words.logProbability[w.word]));
      return {
        name: words.names[w.word], value: Math.exp(w.probability), share, text: format.percent(share),
        act: act(w.word), hint: 'Which units carry this word?',
      };
    }), { kind: 'words' }));
    if (ranked.length === 0) rows.append(el('p', { class: 'note' }, 'It adds to no word.'));
  };
  const slider = el('input', { type: 'range', id: 'lambda', min: 0, max: 1, step: 0.01, value: lambda, oninput: event => { lambda = Number(event.target.value); fill(); } });
  fill();
  return [
    el('div', { class: 'lambda' }, el('label', { for: 'lambda' }, 'relevance λ'), el('span', { class: 'end' }, 'specific'), slider, el('span', { class: 'end' }, 'frequent'), output),
    rows,
    el('p', { class: 'note' }, 'Bars: how much of the unit is this word. The dark part and the percentage: how much of the word is this unit’s.'),
  ];
}

function activitySection(unit, card) {
  const total = card.h.z + card.h.c.reduce((a, b) => a + b, 0);
  if (total === 0) return null;
  const bins = card.h.c.map((value, i) => {
    const from = card.h.s + i * card.h.w, to = from + card.h.w;
    return { from, to, value, name: `${format.count(value)} documents from ${format.number(from)} to ${format.number(to)}` };
  });
  return section('Activity', null, histogram(`Activity of unit ${unit}`, bins, {
    logarithmic: true, xName: source.isMixture ? 'share of a document' : 'activity', zero: card.h.z === 0 ? null : { value: card.h.z, name: `${format.count(card.h.z)} documents with none` },
  }), el('p', { class: 'note' }, `${isSparse ? `${format.count(total - card.h.z)} of ` : ''}${format.count(total)} ${source.remembered ? 'remembered ' : ''}documents${isSparse ? ' activate it' : ''}; heights are logarithmic.`));
}

function documentSection(title, list, unit) {
  if (list.length === 0) return null;
  return section(title, null, el('ol', { class: pictures ? 'documents pictured' : 'documents' }, list.map(d => {
    const place = placeOfRow.get(d.r);
    const name = place === undefined ? el('span', { class: 'doc-name' }, d.i) : el('a', { class: 'doc-name', href: `#document-${d.r + 1}` }, d.i);
    return el('li', {},
      el('div', { class: 'doc-head' }, name, labelTag(d.l), el('span', { class: 'figure' }, format.number(d.a))),
      documentPictures(d.r, d.i),
      d.t === undefined || d.t === null ? null : el('p', { class: 'excerpt' }, marked(d.t, d.m ?? [])),
      d.w.length > 0 && !pictures && (d.t === undefined || d.t === null) ? el('p', { class: 'chips' }, d.w.map(word => wordLink(word))) : null);
  })));
}

/** A text with its marks: start, length and strength of each. */
function marked(text, marks) {
  const parts = [];
  let next = 0;
  for (let i = 0; i + 2 < marks.length; i += 3) {
    parts.push(text.slice(next, marks[i]));
    next = marks[i] + marks[i + 1];
    parts.push(el('mark', { class: `strength-${marks[i + 2]}` }, text.slice(marks[i], next)));
  }
  parts.push(text.slice(next));
  return parts;
}

function neighbourSection(card) {
  const list = (title, pairs) => pairs.length === 0 ? null : el('div', {},
    el('h4', {}, title), el('ul', { class: 'links' }, pairs.map(([unit, cosine]) => el('li', {}, unitLink(unit, format.cosine(cosine))))));
  return section('Related units', 'By the cosine of what they add to words.', el('div', { class: 'columns' }, list('Nearest', card.n), list('Opposite', card.o)));
}

// MARK: Pictures

function pixels(values, place) { return values.subarray(place * pictures.size, (place + 1) * pictures.size); }

function unitPicture(unit) {
  if (!pictures) return null;
  const place = pictures.units.get(unit);
  return section('Picture', null, place === undefined ? el('p', { class: 'note' }, leftOut())
    : el('div', { class: 'pictures' }, picture(pixels(pictures.unitPixels, place), pictures.shape, true, `What unit ${unit} adds`),
      el('p', { class: 'note' }, 'What the unit adds: orange above zero, blue below.')));
}

/** A document beside what the model makes of it. */
function documentPictures(row, name) {
  const place = pictures ? pictures.rows.get(row) : undefined;
  if (place === undefined) return null;
  const captioned = (values, text) => el('figure', {}, picture(pixels(values, place), pictures.shape, false, `${name}, ${text}`), el('figcaption', {}, text));
  return el('div', { class: 'pictures' }, captioned(pictures.pixels, 'document'), captioned(pictures.reconstructions, 'reconstruction'));
}

/** Why there is no picture. */
function leftOut() {
  return `Pictures of ${format.count(pictures.units.size)} units and ${format.count(pictures.rows.size)} documents fit the page; ` +
    `${format.count(pictures.unitsLeftOut)} units and ${format.count(pictures.documentsLeftOut)} documents have none.`;
}

function thumb(values, place, isSigned, name) {
  const small = picture(pixels(values, place), pictures.shape, isSigned, name);
  small.classList.add('thumb');
  return small;
}

/** Small pictures that stand for units and documents where words do elsewhere; null where there is none. */
function unitThumb(unit) {
  const place = pictures ? pictures.units.get(unit) : undefined;
  return place === undefined ? null : thumb(pictures.unitPixels, place, true, `What unit ${unit} adds`);
}

function documentThumb(index) {
  const place = pictures ? pictures.rows.get(documents.rows[index]) : undefined;
  return place === undefined ? null : thumb(pictures.pixels, place, false, documentName(index));
}

// MARK: A document

/** The strongest units of a document with the words that drive each. */
function activeUnits(index) {
  const [n, m] = [counts.unitsPerDocument, counts.wordsPerActiveUnit];
  return Array.from({ length: n }, (_, k) => ({
    unit: presentAt(documents.units, n * index + k), activity: documents.activity[n * index + k],
    drivers: present(documents.drivers, m * (n * index + k), m),
  })).filter(a => a.unit !== undefined);
}

function heavyWords(index) { return present(documents.words, counts.wordsPerDocument * index, counts.wordsPerDocument); }

function documentPanel(index) {
  const label = presentAt(documents.label, index);
  const active = activeUnits(index);
  const heavy = heavyWords(index);
  const near = present(documents.nearest, counts.nearestDocuments * index, counts.nearestDocuments);
  return [
    el('div', { class: 'panel-head' }, el('div', {}, el('h2', { id: 'panel-title' }, documentName(index)),
      el('p', { class: 'gist' }, source.remembered ? `one of ${format.count(documents.count)} training documents whose codes the model remembers; not what they hold` : `row ${format.count(documents.rows[index] + 1)} of ${format.count(documents.total)} `, labelTag(label === undefined ? null : labels[label].name)))),
    pictures && !source.remembered ? section('Picture', null, documentPictures(documents.rows[index], documentName(index)) ?? el('p', { class: 'note' }, leftOut())) : null,
    documents.texts && documents.texts[index] ? section('Text', null, el('p', { class: 'excerpt' }, marked(documents.texts[index], documents.marks[index]))) : null,
    heavy.length > 0 && !pictures ? section('Heaviest words', 'As the model sees the document.', el('p', { class: 'chips' }, heavy.map(w => wordLink(w)))) : null,
    active.length > 0 ? section('Strongest units', pictures ? null : 'With the words of the document that drive each.', el('ol', { class: 'drivers' }, active.map(a => el('li', {},
      unitLink(a.unit, format.number(a.activity)), a.drivers.length > 0 && !pictures ? el('p', { class: 'chips' }, a.drivers.map(w => wordLink(w))) : null)))) : null,
    near.length > 0 ? section('Nearest documents', 'By the cosine of codes.', el('ul', { class: 'links' }, near.map(n => el('li', {}, documentLink(n))))) : null,
  ];
}

function documentLink(index) {
  const label = presentAt(documents.label, index);
  return el('a', { class: 'unit-link', href: `#document-${documents.rows[index] + 1}` }, el('b', {}, documentName(index)), ' ',
    labelTag(label === undefined ? null : labels[label].name), ' ', documentThumb(index) ?? el('span', {}, documentGist(index)));
}

function documentGist(index) {
  if (pictures) return '';
  if (documents.texts && documents.texts[index]) return documents.texts[index];
  return heavyWords(index).map(w => words.names[w]).join(' ');
}

// MARK: A word

/** The units with the largest shares of a word. */
function carriersOf(word) {
  const n = counts.unitsPerWord;
  return present(words.units, n * word, n).map((unit, k) => ({ unit, share: words.shares[n * word + k] }));
}

function wordPanel(word) {
  const carriers = carriersOf(word);
  const naming = unitsNaming(word).slice(0, 12);
  const holding = [];
  for (let i = 0; i < documents.count && holding.length < 12; i++) {
    if (heavyWords(i).includes(word) || activeUnits(i).some(a => a.drivers.includes(word))) holding.push(i);
  }
  return [
    el('div', { class: 'panel-head' }, el('div', {}, el('h2', { id: 'panel-title' }, `“${words.names[word]}”`),
      el('p', { class: 'gist' }, `in ${format.count(words.documents[word])} of ${format.count(documents.total)} documents`))),
    naming.length > 0 ? section('Among the words of', null, el('ul', { class: 'links' }, naming.map(n => el('li', {}, unitLink(n.unit, Number.isFinite(n.lift) ? format.times(n.lift) : null))))) : null,
    carriers.length > 0 ? section('Units that carry it', 'How much of the word is each unit’s.',
      bars(carriers.map(c => ({ name: `${c.unit}  ${unitName(c.unit)}`, value: c.share, text: format.percent(c.share), act: () => go(`#unit-${c.unit}`) })), { kind: 'wide' })) : null,
    holding.length > 0 ? section('Documents that it drives or weighs most in', null, el('ul', { class: 'links' }, holding.map(d => el('li', {}, documentLink(d))))) : null,
  ];
}

// MARK: Selected points

/** What was selected on a map. */
function selectionPanel({ view, points }) {
  const isUnits = view === 'units';
  const noun = isUnits ? (source.isMixture ? 'topics' : 'units') : 'documents';
  const shown = 200;
  return [
    el('div', { class: 'panel-head' },
      el('div', {}, el('h2', { id: 'panel-title' }, `${format.count(points.length)} ${noun}`), el('p', { class: 'gist' }, 'selected on the map')),
      el('button', { id: 'clear', onclick: () => clearSelection() }, 'Clear')),
    selectedLabels(points, isUnits),
    isUnits ? null : sharedUnits(points),
    section(isUnits ? 'Units' : 'Documents', points.length > shown ? `The first ${shown} of ${format.count(points.length)}.` : null,
      el('ul', { class: 'links', id: 'selected' }, points.slice(0, shown).map(i => el('li', {}, isUnits ? unitLink(i) : documentLink(i))))),
  ];
}

function tally(keys) {
  const sums = new Map();
  for (const key of keys) if (key !== undefined) sums.set(key, (sums.get(key) ?? 0) + 1);
  return [...sums].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}

function selectedLabels(points, isUnits) {
  const of = isUnits ? units.label : documents.label;
  const found = tally(points.map(i => presentAt(of, i))).slice(0, 8);
  if (found.length === 0) return null;
  return section('Labels', isUnits ? 'That go most with the selected units.' : null, bars(found.map(([label, n]) => ({
    name: labels[label].name, value: n, text: `${format.count(n)} · ${format.percent(n / points.length)}`,
  }))));
}

/** The units that are among the strongest of most selected documents. */
function sharedUnits(points) {
  const found = tally(points.flatMap(i => activeUnits(i).map(a => a.unit))).slice(0, 6);
  if (found.length === 0) return null;
  return section('Units in common', 'How many of the documents have the unit among their strongest.', bars(found.map(([unit, n]) => ({
    name: pictures ? `${source.isMixture ? 'Topic' : 'Unit'} ${unit}` : `${unit}  ${unitName(unit)}`, value: n, text: format.percent(n / points.length), act: () => go(`#unit-${unit}`),
  })), { kind: 'wide', most: points.length }));
}

// MARK: The overview

function overviewCards() {
  const f = source.figures;
  const card = (title, ...content) => el('section', { class: 'card' }, el('h2', {}, title), ...content);
  const pairs = rows => el('dl', { class: 'facts' }, rows.map(([name, text]) => [el('dt', {}, name), el('dd', {}, text)]));
  const bands = (list, noun) => {
    const width = list.length > 1 ? list[1][0] - list[0][0] : 1;
    return list.map(([low, high, value]) => ({
      from: low, to: low + width, value, name: `${format.count(value)} documents of ${low}${high > low ? ` to ${high}` : ''} ${noun}`,
    }));
  };
  const dead = Array.from(units.density).filter(d => d === 0).length;
  return [
    card('Model', pairs(source.facts.concat([['Units', format.count(units.count)]], isSparse ? [['Units never active', format.count(dead)]] : []))),
    card('Documents', pairs([
      ['From', source.source ? `${source.source.name} (${source.source.format})` : 'what the model remembers of its training'],
      ['Documents', format.count(f.documents)], ['Shown on the map', source.remembered ? `${format.count(documents.count)}, whose codes it remembers` : format.count(documents.count)],
      ['Features', format.count(f.features)], ['Entries', `${format.count(f.entries)}, ${format.percent(f.entries / Math.max(1, f.documents * f.features))} of all cells`],
      ['Sum of values', format.number(f.tokens)], ['Entries a document', format.number(f.entries / Math.max(1, f.documents))],
    ].concat(labels.length > 0 ? [['Labels', format.count(labels.length)]] : [])
      .concat(pictures ? [['Pictures', `${format.count(pictures.units.size)} of ${format.count(units.count)} units and ${format.count(pictures.rows.size)} of ${format.count(pictures.rows.size + pictures.documentsLeftOut)} documents shown`]] : [])),
      source.source && source.source.notes.length > 0 ? el('ul', { class: 'note' }, source.source.notes.map(n => el('li', {}, n))) : null),
    ...historyCards(card),
    qualityCard(card, pairs),
    f.active.length > 1 ? card('Active units a document', histogram('Active units a document', bands(f.active, 'active units'), { xName: 'active units', yFormat: format.number })) : null,
    f.lengths.length > 0 ? card('Length of documents', histogram('Length of documents', bands(f.lengths, 'entries'), { xName: 'entries a document; the last bar holds all longer ones' })) : null,
    f.ranks.length > 1 ? card('Frequency of features', lines('Frequency of features', [{ name: 'documents', points: f.ranks }], { logarithmicX: true, logarithmicY: true, xName: 'rank, both axes logarithmic' })) : null,
    card(source.isMixture ? 'Shares of topics' : 'Importance of units', lines('By rank', [{ name: source.isMixture ? 'share' : 'importance', points: unitOrder.map((u, i) => [i + 1, 100 * units.importance[u]]) }], { fromZero: true, xName: 'rank of units', yFormat: v => `${format.number(v)} %` })),
    units.divergence ? card('KL of units', lines('KL of units', [{ name: 'nats a document', points: Array.from(units.divergence).sort((a, b) => b - a).map((v, i) => [i + 1, v]) }], { fromZero: true, xName: 'units, the most telling first' })) : null,
    labels.length > 0 ? card('Labels', el('div', { class: 'scroll short' }, bars(labels.slice().sort((a, b) => b.count - a.count).slice(0, 40).map(l => ({ name: l.name, value: l.count, text: format.count(l.count) })), { kind: 'wide' }))) : null,
    importantUnits(card),
  ];
}

function qualityCard(card, pairs) {
  const q = source.quality;
  if (q.documents === 0) return null;
  const rows = [[q.measure, q.value === null || q.value === undefined ? '–' : format.number(q.value)]];
  if (q.reconstruction !== null && q.reconstruction !== undefined) rows.push(['Reconstruction, nats a document', format.number(q.reconstruction)], ['KL, nats a document', format.number(q.divergence)]);
  return card('How well documents are explained', pairs(rows),
    q.byLength.length > 1 ? lines('By length', [{ name: q.measure, points: q.byLength.filter(b => b[1] !== null).map(([most, value]) => [most, value]) }], { xName: 'entries a document', logarithmicX: q.byLength[0][0] > 0 }) : null,
    el('p', { class: 'note' }, `Of ${format.count(q.documents)} documents.`));
}

function historyCards(card) {
  // A line that never changes tells nothing.
  const changes = h => h.series.some(s => s.points.length < 2 || s.points.some(p => p[1] !== s.points[0][1]));
  return (source.history ?? []).filter(changes).map(h => card(h.name, lines(h.name, h.series.map(s => ({ name: s.name, points: s.points })), { xName: 'epoch' })));
}

function importantUnits(card) {
  const rows = unitOrder.map(u => el('tr', {}, el('td', {}, el('a', { href: `#unit-${u}` }, u)), el('td', {}, format.percent(units.importance[u])),
    isSparse ? el('td', {}, format.percent(units.density[u])) : null, el('td', {}, unitName(u, 8))));
  const shown = 50;
  const body = el('tbody', {}, rows.slice(0, shown));
  const more = rows.length > shown ? el('button', { onclick: event => { body.append(...rows.slice(shown)); event.target.remove(); } }, `All ${format.count(rows.length)} units`) : null;
  const section = card('Units', el('div', { class: 'scroll' }, el('table', { class: 'plain' },
    el('thead', {}, el('tr', {}, ['Unit', source.isMixture ? 'Share' : 'Importance', isSparse ? 'Active' : null, 'Words'].filter(Boolean).map(h => el('th', { scope: 'col' }, h)))), body)), more);
  section.classList.add('wide');
  return section;
}
