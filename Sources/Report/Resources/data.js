'use strict';
// What the page shows, and how numbers are written.

/** The data, which stand in the page as compressed JSON. */
async function unpackPage() {
  const text = atob(document.getElementById('data').textContent);
  const bytes = Uint8Array.from(text, c => c.charCodeAt(0));
  const json = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return JSON.parse(await new Response(json).text());
}

if (typeof DecompressionStream === 'undefined') {
  document.getElementById('intro').textContent = 'This page needs a browser of 2023 or later.';
  return;
}
const source = await unpackPage();

/** Numbers that were packed in base64, as a typed array. */
function unpack(packed) {
  if (!packed) return null;
  const text = atob(packed.d);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  switch (packed.t) {
    case 'u8': return bytes;
    case 'u16': return new Uint16Array(bytes.buffer);
    case 'u32': return new Uint32Array(bytes.buffer);
    case 'f32': return new Float32Array(bytes.buffer);
    case 'q8': return spread(bytes, packed.r, 254);
    case 'q16': return spread(new Uint16Array(bytes.buffer), packed.r, 65534);
  }
  throw new Error(`numbers of an unknown type ${packed.t}`);
}

/** Numbers from steps of a range; a step beyond the last stands for no number. */
function spread(steps, [low, high], last) {
  const values = new Float32Array(steps.length);
  for (let i = 0; i < steps.length; i++) values[i] = steps[i] > last ? NaN : low + (high - low) * steps[i] / last;
  return values;
}

/** Indices of an array in which the largest number of the type stands for none; those there are. */
function present(indices, from, count) {
  const none = 2 ** (8 * indices.BYTES_PER_ELEMENT) - 1;
  const result = [];
  for (let i = from; i < from + count; i++) if (indices[i] !== none) result.push(indices[i]);
  return result;
}

function presentAt(indices, i) { return present(indices, i, 1)[0]; }

/** How many of one thing are told of another. */
const counts = source.counts;

const words = {
  names: source.words.names,
  logProbability: unpack(source.words.logProbability),
  documents: unpack(source.words.documents),
  units: unpack(source.words.units),
  shares: unpack(source.words.shares),
};

const units = {
  count: source.units.cards.length,
  cards: source.units.cards,
  importance: unpack(source.units.importance),
  density: unpack(source.units.density),
  norm: unpack(source.units.norm),
  largest: unpack(source.units.largest),
  divergence: unpack(source.units.divergence),
  label: unpack(source.units.label),
  map: unpackMap(source.units.map),
  wordStarts: unpack(source.units.wordStarts),
  wordIndices: unpack(source.units.wordIndices),
  wordLogProbability: unpack(source.units.wordLogProbability),
  words: unpack(source.units.words),
  logLifts: unpack(source.units.logLifts),
  wordShares: unpack(source.units.wordShares),
};

const documents = {
  count: source.documents.count,
  total: source.documents.total,
  rows: unpack(source.documents.rows),
  names: source.documents.names,
  texts: source.documents.texts,
  marks: source.documents.marks,
  label: unpack(source.documents.label),
  map: unpackMap(source.documents.map),
  units: unpack(source.documents.units),
  activity: unpack(source.documents.activity),
  drivers: unpack(source.documents.drivers),
  words: unpack(source.documents.words),
  nearest: unpack(source.documents.nearest),
};

/** Pictures of units and documents by place in the arrays of pixels; null unless documents are pictures. */
const pictures = source.pictures && {
  shape: source.pictures.shape,
  size: source.pictures.shape.reduce((a, b) => a * b),
  units: new Map(Array.from(unpack(source.pictures.units), (unit, place) => [unit, place])),
  unitPixels: unpack(source.pictures.unitPixels),
  rows: new Map(Array.from(unpack(source.pictures.rows), (row, place) => [row, place])),
  pixels: unpack(source.pictures.pixels),
  reconstructions: unpack(source.pictures.reconstructions),
  unitsLeftOut: source.pictures.unitsLeftOut,
  documentsLeftOut: source.pictures.documentsLeftOut,
};

/** Whether units may be exactly zero; those of a variational model never are. */
const isSparse = source.kind === 'sae';

const labels = source.labels.map(([name, count]) => ({ name, count }));

function unpackMap(map) {
  return {
    scaling: { x: unpack(map.x), y: unpack(map.y) },
    near: { x: unpack(map.nearX), y: unpack(map.nearY) },
  };
}

/** Unit numbers, the most important first. */
const unitOrder = Array.from({ length: units.count }, (_, u) => u)
  .sort((a, b) => units.importance[b] - units.importance[a] || a - b);
const unitRank = new Map(unitOrder.map((u, rank) => [u, rank]));

/** The words of a unit by relevance λ·log p(w|unit) + (1 − λ)·log(p(w|unit)/p(w)), the most relevant first. */
function relevantWords(unit, lambda, count) {
  const ranked = [];
  for (let i = units.wordStarts[unit]; i < units.wordStarts[unit + 1]; i++) {
    const word = units.wordIndices[i];
    const probability = units.wordLogProbability[i];
    const lift = probability - words.logProbability[word];
    ranked.push({ word, probability, lift, relevance: lambda * probability + (1 - lambda) * lift });
  }
  ranked.sort((a, b) => b.relevance - a.relevance || a.word - b.word);
  return ranked.slice(0, count);
}

/**
 * The words of a unit, as `gossamer features` lists them: those that set its documents apart, each with its lift and
 * the share of the documents that hold it; or, without lifts, by weight. Units are called by the first ones.
 */
function unitWords(unit) {
  const start = counts.wordsPerUnit * unit;
  return present(units.words, start, counts.wordsPerUnit).map((word, k) => ({
    word, lift: Math.exp(units.logLifts[start + k]), share: units.wordShares[start + k],
  }));
}

function unitName(unit, count = 3) {
  const names = unitWords(unit).slice(0, count).map(w => words.names[w.word]);
  return hasWords ? names.join(' ') : names.map(name => name.replace('feature ', '')).join(', ');
}

/** Whether features have names and not numbers alone. */
const hasWords = words.names.some(name => !/^feature \d+$/.test(name));

/** The units among whose words each word is, those first that name it first. */
let namingUnits = null;
function unitsNaming(word) {
  if (!namingUnits) {
    namingUnits = new Map();
    for (const unit of unitOrder) {
      unitWords(unit).forEach((w, place) => {
        if (!namingUnits.has(w.word)) namingUnits.set(w.word, []);
        namingUnits.get(w.word).push({ unit, place, ...w });
      });
    }
    for (const list of namingUnits.values()) list.sort((a, b) => a.place - b.place || unitRank.get(a.unit) - unitRank.get(b.unit));
  }
  return namingUnits.get(word) ?? [];
}

function documentName(index) {
  const row = `${source.remembered ? 'sample' : 'row'} ${format.count(documents.rows[index] + 1)}`;
  return documents.names && documents.names[index] !== '' ? documents.names[index] : row;
}

const placeOfRow = new Map(Array.from(documents.rows, (row, index) => [row, index]));

const whole = new Intl.NumberFormat('en');
const format = {
  count: n => whole.format(n),
  number(n) {
    if (!Number.isFinite(n)) return '–';
    if (n === 0) return '0';
    const size = Math.abs(n);
    if (size >= 1e6) return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(n);
    if (size >= 1000) return whole.format(Math.round(n));
    if (size < 0.001) return n.toExponential(1);
    return String(Number(n.toPrecision(3)));
  },
  percent(share) {
    if (!Number.isFinite(share)) return '–';
    const percent = 100 * share;
    if (percent === 0) return '0 %';
    if (percent < 0.01) return '<0.01 %';
    return `${percent >= 99.95 || percent >= 10 ? Number(percent.toPrecision(3)) : Number(percent.toPrecision(2))} %`;
  },
  times: n => Number.isFinite(n) ? `×${n < 10 ? n.toFixed(1) : whole.format(Math.round(n))}` : '–',
  cosine: n => Number.isFinite(n) ? n.toFixed(2) : '–',
};

/** An element; children that are texts are never taken for markup. */
function el(tag, attributes = {}, ...children) {
  const svg = ['svg', 'g', 'rect', 'line', 'path', 'text', 'circle', 'title', 'polyline'].includes(tag);
  const element = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(c => c !== null && c !== undefined && c !== false).map(c => c instanceof Node ? c : String(c)));
  return element;
}
