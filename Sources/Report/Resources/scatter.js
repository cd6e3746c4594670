'use strict';
// A map of points on a canvas: zoom, pan, hover, selection by mouse, touch and keyboard, and of an area.

/** Eight colours that people with any kind of colour vision tell apart (Okabe & Ito 2008), times three shapes. */
const palette = {
  light: ['#0072b2', '#d55e00', '#007a5a', '#a8518a', '#8a6d00', '#1f86c7', '#4d4d4d', '#b5361c'],
  dark: ['#56b4e9', '#f0883e', '#2fc69b', '#e08fc0', '#f0e442', '#8fb8ff', '#c9c9c9', '#ff8a75'],
};
const shapes = ['circle', 'square', 'triangle', 'diamond'];

function isDark() { return document.documentElement.dataset.theme === 'dark'; }

function categoryStyle(index) {
  if (index === undefined || index >= palette.light.length * shapes.length) return { colour: isDark() ? '#6b7280' : '#9aa1ac', shape: 'circle' };
  const colours = isDark() ? palette.dark : palette.light;
  return { colour: colours[index % colours.length], shape: shapes[Math.floor(index / colours.length)] };
}

/** Cividis, which looks the same to people with and without colour deficiencies (Nuñez, Anderton & Renslow 2018). */
const cividis = [[0, 32, 77], [0, 67, 106], [76, 84, 108], [108, 110, 114], [142, 137, 113], [183, 168, 96], [224, 201, 66], [255, 234, 70]];
function sequential(t) {
  const place = Math.max(0, Math.min(1, t)) * (cividis.length - 1);
  const i = Math.min(cividis.length - 2, Math.floor(place)), part = place - i;
  return `rgb(${cividis[i].map((c, k) => Math.round(c + (cividis[i + 1][k] - c) * part)).join(',')})`;
}

class Scatter {
  constructor(canvas, handlers) {
    this.canvas = canvas;
    this.handlers = handlers;
    this.points = { count: 0 };
    this.selected = null;
    this.hovered = null;
    this.marked = null;
    /** What dragging does: move, box or lasso. */
    this.tool = 'move';
    /** The corners of the area that is drawn, and the points that were in the last one. */
    this.area = null;
    this.chosen = null;
    this.reset();
    new ResizeObserver(() => this.resize()).observe(canvas.parentElement);
    this.listen();
  }

  /** points: { count, x, y, radius(i), style(i), name(i), order, dim(i), image(i), texts: [{ at, text }] }. */
  show(points) {
    this.points = points;
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < points.count; i++) {
      if (!Number.isFinite(points.x[i]) || !Number.isFinite(points.y[i])) continue;
      left = Math.min(left, points.x[i]); right = Math.max(right, points.x[i]);
      low = Math.min(low, points.y[i]); high = Math.max(high, points.y[i]);
    }
    if (!(right > left)) [left, right] = [left - 1, right + 1];
    if (!(high > low)) [low, high] = [low - 1, high + 1];
    this.box = points.count > 0 ? { left, right, low, high } : { left: 0, right: 1, low: 0, high: 1 };
    this.reset();
    this.resize();
  }

  reset() { this.zoom = 1; this.panX = 0; this.panY = 0; this.moved(); }

  use(tool) { this.tool = tool; this.moved(); }

  choose(points) { this.chosen = points === null ? null : new Set(points); if (points === null) this.area = null; this.draw(); }

  /** What is drawn has moved. */
  moved() {
    this.area = null;
    // A finger scrolls the page until there is something to move or to draw.
    this.canvas.style.touchAction = this.zoom > 1 || this.tool !== 'move' ? 'none' : 'pan-y';
    this.draw();
  }

  resize() {
    const box = this.canvas.parentElement.getBoundingClientRect();
    if (box.width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    this.width = box.width;
    this.height = box.height;
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    // At once, since there is no next frame before a page is printed.
    this.paint();
  }

  place(i) {
    const { left, right, low, high } = this.box;
    const margin = 34;
    const across = (this.width - 2 * margin) / (right - left), down = (this.height - 2 * margin) / (high - low);
    const x = margin + (this.points.x[i] - left) * across, y = margin + (high - this.points.y[i]) * down;
    return [(x - this.width / 2) * this.zoom + this.width / 2 + this.panX, (y - this.height / 2) * this.zoom + this.height / 2 + this.panY];
  }

  radius(i) { return this.points.radius(i) * Math.sqrt(this.zoom); }

  draw() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => { this.pending = null; this.paint(); });
  }

  paint() {
    const { points } = this;
    if (!this.box || !this.width) return;
    const context = this.canvas.getContext('2d');
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    const style = getComputedStyle(document.documentElement);
    this.ink = style.getPropertyValue('--ink').trim();
    this.paper = style.getPropertyValue('--card').trim();
    const dim = points.dim || this.chosen ? i => (points.dim && points.dim(i)) || (this.chosen !== null && !this.chosen.has(i)) : null;
    for (const dimmed of dim ? [true, false] : [false]) {
      for (const i of points.order) if (!dim || dim(i) === dimmed) this.paintPoint(context, i, dimmed);
    }
    context.globalAlpha = 1;
    this.paintTexts(context);
    if (this.marked) for (const i of this.marked) this.ring(context, i, 1.5);
    if (this.hovered !== null && this.hovered < points.count) this.ring(context, this.hovered, 1.5);
    if (this.selected !== null && this.selected < points.count) this.ring(context, this.selected, 3);
    if (this.area) this.paintArea(context);
  }

  paintArea(context) {
    context.beginPath();
    this.area.forEach(([x, y], k) => { if (k === 0) context.moveTo(x, y); else context.lineTo(x, y); });
    context.closePath();
    context.globalAlpha = 0.06;
    context.fillStyle = this.ink;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.strokeStyle = this.ink;
    context.stroke();
    context.setLineDash([]);
  }

  paintPoint(context, i, dimmed) {
    const [x, y] = this.place(i), radius = this.radius(i);
    if (x < -radius || y < -radius || x > this.width + radius || y > this.height + radius) return;
    const { colour, shape } = this.points.style(i);
    const image = radius >= 7 ? this.points.image?.(i) : null;
    if (image) return this.paintImage(context, image, colour, x, y, radius, dimmed);
    context.globalAlpha = dimmed ? 0.08 : this.points.opacity;
    context.fillStyle = colour;
    context.beginPath();
    this.outline(context, shape, x, y, radius);
    context.fill();
    if (!dimmed && radius > 4) {
      context.globalAlpha = 0.9;
      context.strokeStyle = this.paper;
      context.lineWidth = 1;
      context.stroke();
    }
  }

  /** A picture in a frame. */
  paintImage(context, image, colour, x, y, r, dimmed) {
    context.globalAlpha = dimmed ? 0.12 : 1;
    context.fillStyle = colour;
    context.fillRect(x - r - 2, y - r - 2, 2 * r + 4, 2 * r + 4);
    context.imageSmoothingEnabled = image.width > 2 * r;
    context.drawImage(image, x - r, y - r, 2 * r, 2 * r);
  }

  outline(context, shape, x, y, r) {
    switch (shape) {
      case 'square': context.rect(x - r * 0.9, y - r * 0.9, 1.8 * r, 1.8 * r); break;
      case 'triangle': context.moveTo(x, y - 1.2 * r); context.lineTo(x + 1.1 * r, y + 0.8 * r); context.lineTo(x - 1.1 * r, y + 0.8 * r); context.closePath(); break;
      case 'diamond': context.moveTo(x, y - 1.25 * r); context.lineTo(x + 1.25 * r, y); context.lineTo(x, y + 1.25 * r); context.lineTo(x - 1.25 * r, y); context.closePath(); break;
      default: context.arc(x, y, r, 0, 2 * Math.PI);
    }
  }

  ring(context, i, width) {
    const [x, y] = this.place(i);
    context.globalAlpha = 1;
    for (const [colour, extra] of [[this.paper, width + 2], [this.ink, width]]) {
      context.beginPath();
      context.arc(x, y, Math.max(this.radius(i), 4) + 3, 0, 2 * Math.PI);
      context.strokeStyle = colour;
      context.lineWidth = extra;
      context.stroke();
    }
  }

  /** Names beside points, as many as fit without covering one another or, where these are few, points. */
  paintTexts(context) {
    const taken = [];
    const obstacles = this.points.count > 400 ? [] : Array.from({ length: this.points.count }, (_, i) => {
      const [x, y] = this.place(i), r = this.radius(i) * 0.8;
      return [x - r, y - r, x + r, y + r, i];
    });
    const isFree = (box, own) => box[0] >= 2 && box[2] <= this.width - 2 && box[1] >= 2 && box[3] <= this.height - 2
      && [...taken, ...obstacles].every(t => t[4] === own || t[0] >= box[2] || t[2] <= box[0] || t[1] >= box[3] || t[3] <= box[1]);
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    const texts = this.points.texts ?? [];
    const first = texts.find(t => t.at === this.selected);
    let drawn = 0;
    for (const { at, text, centred, bold } of first ? [first, ...texts.filter(t => t !== first)] : texts) {
      if (drawn >= 40 * this.zoom) break;
      const [x, y] = typeof at === 'number' ? this.place(at) : this.placeOf(at);
      if (x < 0 || y < 0 || x > this.width || y > this.height) continue;
      context.font = `${bold ? '600 ' : ''}12px system-ui, sans-serif`;
      const width = context.measureText(text).width;
      const gap = centred ? 0 : this.radius(at) + (at === this.selected ? 8 : 4);
      const boxAt = (left, middle) => [left - 3, middle - 8, left + width + 3, middle + 8, undefined];
      const places = centred ? [[x - width / 2, y]]
        : [[x + gap, y], [x - gap - width, y], [x - width / 2, y + gap + 6], [x - width / 2, y - gap - 6]];
      const free = places.find(([left, middle]) => isFree(boxAt(left, middle), at)) ?? (at === this.selected ? places[0] : undefined);
      if (!free) continue;
      taken.push(boxAt(...free));
      drawn++;
      this.paintText(context, text, ...free);
    }
  }

  paintText(context, text, x, y) {
    context.lineWidth = 4;
    context.strokeStyle = this.paper;
    context.globalAlpha = 0.88;
    context.strokeText(text, x, y);
    context.globalAlpha = 1;
    context.fillStyle = this.ink;
    context.fillText(text, x, y);
  }

  placeOf([px, py]) {
    const saved = this.points;
    this.points = { x: [px], y: [py] };
    const place = this.place(0);
    this.points = saved;
    return place;
  }

  /** The topmost point near a place; null if there is none. */
  hit(x, y) {
    let best = null, nearest = Infinity;
    for (let i = 0; i < this.points.count; i++) {
      const [px, py] = this.place(i);
      const distance = Math.hypot(px - x, py - y), reach = Math.max(this.radius(i), 5) + 2;
      const measure = distance / reach;
      if (distance <= reach && measure < nearest) { best = i; nearest = measure; }
    }
    return best;
  }

  select(i, reveal = true) {
    this.selected = i;
    if (reveal && i !== null && this.box && this.width) {
      const [x, y] = this.place(i);
      const margin = 20;
      if (x < margin) this.panX += margin - x + 40; else if (x > this.width - margin) this.panX -= x - this.width + margin + 40;
      if (y < margin) this.panY += margin - y + 40; else if (y > this.height - margin) this.panY -= y - this.height + margin + 40;
    }
    this.draw();
  }

  zoomBy(factor, x = this.width / 2, y = this.height / 2) {
    const zoom = Math.max(1, Math.min(60, this.zoom * factor));
    const change = zoom / this.zoom;
    this.panX = (this.panX - (x - this.width / 2)) * change + (x - this.width / 2);
    this.panY = (this.panY - (y - this.height / 2)) * change + (y - this.height / 2);
    this.zoom = zoom;
    if (zoom === 1) { this.panX = 0; this.panY = 0; }
    this.moved();
  }

  listen() {
    const { canvas } = this;
    let drag = null;
    const at = event => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
    canvas.addEventListener('pointerdown', event => {
      const [x, y] = at(event);
      const tool = event.shiftKey && this.tool === 'move' ? 'box' : this.tool;
      drag = { x, y, panX: this.panX, panY: this.panY, moved: false, tool, path: [[x, y]] };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', event => {
      const [x, y] = at(event);
      if (!drag) return this.hover(x, y);
      if (Math.hypot(x - drag.x, y - drag.y) > 4) drag.moved = true;
      if (!drag.moved) return;
      if (drag.tool === 'box') this.area = [[drag.x, drag.y], [x, drag.y], [x, y], [drag.x, y]];
      else if (drag.tool === 'lasso') { drag.path.push([x, y]); this.area = drag.path; }
      else if (this.zoom > 1) { this.panX = drag.panX + x - drag.x; this.panY = drag.panY + y - drag.y; return this.moved(); }
      this.draw();
    });
    canvas.addEventListener('pointerup', event => {
      const [x, y] = at(event);
      if (drag && !drag.moved) { const i = this.hit(x, y); if (i !== null) this.handlers.select(i, true); }
      if (drag && drag.moved && this.area) this.handlers.area(this.inside(this.area));
      drag = null;
      this.draw();
    });
    canvas.addEventListener('pointercancel', () => { drag = null; this.area = null; this.draw(); });
    canvas.addEventListener('pointerleave', () => { if (!drag) this.hover(-1, -1); });
    canvas.addEventListener('dblclick', event => this.zoomBy(2, ...at(event)));
    canvas.addEventListener('wheel', event => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== canvas) return;
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY / 300), ...at(event));
    }, { passive: false });
    canvas.addEventListener('keydown', event => this.key(event));
  }

  /** The points inside a polygon, by the number of its edges that lie to the right of each. */
  inside(corners) {
    const found = [];
    for (let i = 0; i < this.points.count; i++) {
      const [x, y] = this.place(i);
      let isInside = false;
      corners.forEach(([ax, ay], k) => {
        const [bx, by] = corners[(k + 1) % corners.length];
        if ((ay > y) !== (by > y) && x < ax + (bx - ax) * (y - ay) / (by - ay)) isInside = !isInside;
      });
      if (isInside) found.push(i);
    }
    return found;
  }

  /** The points that can be seen. */
  get inView() { return this.inside([[0, 0], [this.width, 0], [this.width, this.height], [0, this.height]]); }

  hover(x, y) {
    const i = x < 0 ? null : this.hit(x, y);
    this.canvas.style.cursor = i !== null ? 'pointer' : this.tool !== 'move' ? 'crosshair' : this.zoom > 1 ? 'grab' : 'default';
    if (i === this.hovered) return;
    this.hovered = i;
    this.handlers.hover(i, i === null ? null : this.place(i));
    this.draw();
  }

  key(event) {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (direction) {
      const next = this.next(direction);
      if (next !== null) this.handlers.select(next);
    } else if (event.key === '+' || event.key === '=') this.zoomBy(1.5);
    else if (event.key === '-') this.zoomBy(1 / 1.5);
    else if (event.key === '0' || event.key === 'Home') this.reset();
    else if (event.key === 'PageDown' || event.key === 'PageUp') this.handlers.step(event.key === 'PageDown' ? 1 : -1);
    else if (event.key === 'Enter') this.handlers.enter();
    else if (event.key === 'a' && !event.ctrlKey && !event.metaKey) this.handlers.area(this.inView);
    else if (event.key === 'Escape') this.handlers.clear();
    else return;
    event.preventDefault();
  }

  /** The nearest point in a direction from the selected one, within 45° of it. */
  next([dx, dy]) {
    if (this.points.count === 0) return null;
    if (this.selected === null) return this.points.order[0];
    const [x, y] = this.place(this.selected);
    let best = null, shortest = Infinity;
    for (let i = 0; i < this.points.count; i++) {
      if (i === this.selected) continue;
      const [px, py] = this.place(i);
      const along = (px - x) * dx + (py - y) * dy, across = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
      if (along <= 0 || across > along) continue;
      const distance = along + across;
      if (distance < shortest) { best = i; shortest = distance; }
    }
    return best;
  }
}
