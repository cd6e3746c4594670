'use strict';
// Small charts as SVG. Each has a name and its numbers in words for those who do not see it.

const chartSize = { width: 420, height: 190, left: 46, right: 12, top: 12, bottom: 34 };

/** Round numbers from 0 to at least the largest. */
function ticks(low, high, count = 4) {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find(m => m * power >= raw) * power;
  const first = Math.ceil(low / step - 1e-9) * step;
  const result = [];
  for (let value = first; value <= high + step * 1e-6; value += step) result.push(Number(value.toPrecision(12)));
  return result;
}

function powers(low, high) {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  const step = Math.max(1, Math.ceil((last - first) / 5));
  const result = [];
  for (let e = first; e <= last; e += step) if (10 ** e >= low * 0.999 && 10 ** e <= high * 1.001) result.push(10 ** e);
  return result.length > 1 ? result : ticks(low, high, 3);
}

/** A linear or logarithmic scale from numbers to places. */
function scale(low, high, from, to, logarithmic) {
  if (logarithmic) {
    const start = Math.log(low), range = Math.log(high) - start || 1;
    const place = value => from + (to - from) * (Math.log(value) - start) / range;
    return Object.assign(place, { ticks: powers(low, high) });
  }
  const range = high - low || 1;
  const place = value => from + (to - from) * (value - low) / range;
  return Object.assign(place, { ticks: ticks(low, high) });
}

function frame(name, description, x, y, options) {
  const { width, height, left, right, top, bottom } = chartSize;
  const chart = el('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', class: 'chart' }, el('title', {}, `${name}. ${description}`));
  for (const value of y.ticks) {
    chart.append(
      el('line', { x1: left, x2: width - right, y1: y(value), y2: y(value), class: 'grid' }),
      el('text', { x: left - 6, y: y(value) + 4, class: 'tick end' }, (options.yFormat ?? format.number)(value)));
  }
  for (const value of options.xTicks ?? x.ticks) {
    chart.append(el('text', { x: x(value), y: height - bottom + 16, class: 'tick middle' }, (options.xFormat ?? format.number)(value)));
  }
  chart.append(el('text', { x: (left + width - right) / 2, y: height - 3, class: 'axis middle' }, options.xName ?? ''));
  return chart;
}

/**
 * Bars of a histogram.
 * bars: { from, to, value, name }; zero: a bar apart, of { value, name }.
 */
function histogram(name, bars, options = {}) {
  const { width, height, left, right, top, bottom } = chartSize;
  const values = bars.map(b => b.value).concat(options.zero ? [options.zero.value] : []);
  const most = Math.max(1, ...values);
  const logarithmic = options.logarithmic === true;
  const y = scale(logarithmic ? 0.7 : 0, logarithmic ? most * 1.2 : most, height - bottom, top, logarithmic);
  const start = left + (options.zero ? 34 : 0);
  const low = bars.length > 0 ? bars[0].from : 0, high = bars.length > 0 ? bars[bars.length - 1].to : 1;
  const x = scale(low, high, start, width - right, false);
  const description = bars.length === 0 ? 'Nothing to show.' : `From ${format.number(low)} to ${format.number(high)}; ` +
    `the tallest bar stands for ${format.count(most)}.` + (options.zero ? ` ${options.zero.name}.` : '');
  const chart = frame(name, description, x, y, options);
  const base = height - bottom;
  const bar = (from, to, value, title, kind) => {
    if (value <= 0) return;
    const place = y(value);
    chart.append(el('rect', { x: from, width: Math.max(1, to - from - 1), y: place, height: Math.max(1, base - place), class: kind }, el('title', {}, title)));
  };
  if (options.zero) {
    bar(left + 4, left + 24, options.zero.value, options.zero.name, 'bar zero');
    chart.append(el('text', { x: left + 14, y: base + 16, class: 'tick middle' }, '= 0'));
  }
  for (const b of bars) bar(x(b.from), x(b.to), b.value, b.name, 'bar');
  chart.append(el('line', { x1: left, x2: width - right, y1: base, y2: base, class: 'base' }));
  return chart;
}

/** Lines through points; series: { name, points: [[x, y], …], kind }. */
function lines(name, series, options = {}) {
  const { width, height, left, right, top, bottom } = chartSize;
  const points = series.flatMap(s => s.points);
  if (points.length === 0) return el('p', { class: 'note' }, 'Nothing to show.');
  const xs = points.map(p => p[0]), ys = points.map(p => p[1]);
  const [yLow, yHigh] = [options.fromZero ? 0 : Math.min(...ys), Math.max(...ys)];
  const pad = options.logarithmicY ? 0 : (yHigh - yLow) * 0.05 || Math.abs(yHigh) * 0.05 || 1;
  const x = scale(Math.min(...xs), Math.max(...xs), left, width - right, options.logarithmicX);
  const y = scale(options.fromZero || options.logarithmicY ? yLow : yLow - pad, yHigh + pad, height - bottom, top, options.logarithmicY);
  const description = series.map(s => `${s.name}: from ${format.number(s.points[0][1])} to ${format.number(s.points[s.points.length - 1][1])}`).join('; ');
  const chart = frame(name, description, x, y, options);
  series.forEach((s, i) => {
    const path = s.points.map(p => `${x(p[0]).toFixed(1)},${y(p[1]).toFixed(1)}`).join(' ');
    chart.append(el('polyline', { points: path, class: `line line-${i}` }, el('title', {}, s.name)));
    if (s.points.length <= 40) {
      for (const p of s.points) {
        chart.append(el('circle', { cx: x(p[0]), cy: y(p[1]), r: 2.6, class: `dot line-${i}` },
          el('title', {}, `${s.name}: ${format.number(p[1])} at ${format.number(p[0])}`)));
      }
    }
  });
  if (series.length > 1) {
    return el('div', {}, chart, el('p', { class: 'keys' }, series.map((s, i) => el('span', { class: `key key-${i}` }, s.name))));
  }
  return chart;
}

/** Horizontal bars with names; rows: { name, value, share, text, act, hint }, a share in [0, 1] of the bar; options.most: the value of a full bar. */
function bars(rows, options = {}) {
  const longest = options.most ?? Math.max(...rows.map(r => r.value).filter(Number.isFinite), 1e-300);
  return el('ol', { class: `bars ${options.kind ?? ''}` }, rows.map(row => el('li', {},
    row.act ? el('button', { class: 'name', onclick: row.act, title: row.hint ?? '' }, row.name) : el('span', { class: 'name' }, row.name),
    el('span', { class: 'track', 'aria-hidden': 'true' },
      el('span', { class: 'fill', style: `width:${(100 * (row.value || 0) / longest).toFixed(1)}%` },
        row.share === undefined ? null : el('span', { class: 'own', style: `width:${(100 * row.share).toFixed(1)}%` }))),
    el('span', { class: 'figure' }, row.text))));
}

/** A picture of pixels from 0 to 255: grey or in colours or, of weights, two colours around 128. */
function picture(values, [height, width, colours], signed, name) {
  const canvas = el('canvas', { width, height, class: 'picture', role: 'img', 'aria-label': name });
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) {
      const value = values[colours === 3 ? 3 * i + c : i];
      let shade;
      if (signed) {
        // White at zero, blue below and orange above, which all can tell apart.
        const t = (value - 128) / 127;
        const end = t < 0 ? [0, 90, 160] : [190, 75, 0];
        shade = 255 + (end[c] - 255) * Math.abs(t);
      } else {
        shade = value;
      }
      image.data[4 * i + c] = shade;
    }
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
