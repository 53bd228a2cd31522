//! Paints one strip of the timeline, and the whole session in one line, as SVG. The relay lays them out.

import { t } from '../../i18n/index.js';
import { h } from '../../ui/dom.js';
import { tintOf } from '../../ui/cues.js';
import { strokes } from '../../ui/symbols.js';

/** @import { SymbolName } from '../../ui/symbols.js' */
/** @import { Drawing, Place, Stretch, Strip } from '../transcript.d.ts' */

const SVG = 'http://www.w3.org/2000/svg';
/** The height of the line with the whole session, in units of the drawing. */
const WHOLE = 48;

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function s(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** The place of a sign, and the sign itself, which is drawn together with its strip.
 * @typedef {{ place: Place, sign: () => SVGGElement }} Spot */
/** A strip. It is empty until `fill`, but already has its size and its place on the page.
 * @typedef {{ element: HTMLElement, svg: SVGSVGElement, spots: Spot[], fill: () => void, filled: () => boolean }} Drawn */

/** @param {Drawing} drawing @param {Strip} strip @returns {Drawn} */
export function strip(drawing, strip) {
  const { height, title, lanes } = strip;
  const svg = s('svg', { class: 'strip', viewBox: `0 0 ${drawing.width} ${height}`, role: 'group', 'aria-label': title });
  const element = h('div', { class: 'strip-box' }, svg);
  element.style.setProperty('contain-intrinsic-height', `${height}px`);
  /** @type {Map<Place, SVGGElement> | null} */
  let signs = null;
  const fill = () => (signs ??= drawInto(svg, drawing, strip));
  const spots = lanes.flatMap(({ places }) => places).map((place) => ({ place, sign: () => fill().get(place) ?? s('g', {}) }));
  return { element, svg, spots, fill, filled: () => signs !== null };
}

/** Draws the content of a strip; returns its signs by their places.
 * @param {SVGSVGElement} svg @param {Drawing} drawing @param {Strip} strip */
function drawInto(svg, { left, right, axis, band: tall }, { top, bottom, ticks, bands, lanes, flags }) {
  /** @type {Map<Place, SVGGElement>} */
  const signs = new Map();
  const ground = s('g', { 'aria-hidden': 'true' });
  for (const { x, text } of ticks) {
    ground.append(s('line', { class: 'hour', x1: x, x2: x, y1: axis - 4, y2: bottom }));
    if (text) ground.append(s('text', { class: 'time', x: x + 3, y: axis - 7 }, text));
  }
  for (const band of bands) {
    const { x, width, label } = band;
    const below = s('rect', { class: 'ground', x, y: top + tall, width, height: bottom - top - tall });
    const group = bar('band', band, top, tall, below);
    if (label) group.append(s('text', { x: x + width / 2, y: top + tall / 2 + 4 }, label));
    ground.append(group);
  }
  ground.append(s('text', { class: 'lane-name', x: 0, y: top + 15 }, t('timeline_session')));
  svg.append(ground);
  for (const { name, y, height, links, places } of lanes) {
    const lane = s('g', { 'aria-hidden': 'true' });
    lane.append(s('line', { class: 'lane', x1: left, x2: right, y1: y + height, y2: y + height }));
    lane.append(...links.map((link) => bar('link', link, y, height)), s('text', { class: 'lane-name', x: 0, y: y + 17 }, name));
    svg.append(lane);
    for (const place of places) {
      const sign = mark(place);
      signs.set(place, sign);
      svg.append(sign);
    }
  }
  for (const { x, title } of flags) {
    const flag = s('svg', { class: 'flag', x: x - 6, y: top - 13, width: 12, height: 12, viewBox: '0 0 46 46', 'aria-hidden': 'true' });
    flag.append(s('title', {}, title), ...strokes('flag'));
    svg.append(flag);
  }
  return signs;
}

/** The bar of a stretch, and its pattern if it has one.
 * @param {'band' | 'link'} what @param {Stretch} stretch @param {number} y @param {number} height
 * @param {...SVGElement} under */
function bar(what, { x, width, kind, title }, y, height, ...under) {
  const box = { x, y, width, height, rx: 3 };
  const group = s('g', { class: what, 'data-kind': kind }, s('title', {}, title), ...under, s('rect', { class: 'bar', ...box }));
  if (kind !== 'start' && kind !== 'live') group.append(s('rect', { class: 'pattern', ...box }));
  return group;
}

/** The whole session in one line above the strips, with one path for all parts that look the same. Screen
 * readers skip it, because the strips and the words say the same. @param {Drawing} drawing */
export function line({ width, band: tall, whole: { ends, bands, stops, flags } }) {
  const svg = s('svg', { class: 'strip whole', viewBox: `0 0 ${width} ${WHOLE}`, 'aria-hidden': 'true', focusable: 'false' });
  for (const kind of new Set(bands.map((band) => band.kind))) {
    const d = bands.filter((band) => band.kind === kind).map(({ x, width: wide }) => `M${x} 14h${wide}v${tall}h${-wide}z`);
    const band = s('g', { class: 'band', 'data-kind': kind }, s('path', { class: 'bar', d: d.join('') }));
    if (kind === 'held') band.append(s('path', { class: 'pattern', d: d.join('') }));
    svg.append(band);
  }
  const path = (/** @type {string} */ name, /** @type {string[]} */ parts) => s('path', { class: name, d: parts.join('') });
  svg.append(
    path('cut', ends.slice(0, -1).map((x) => `M${x} 14v${tall}`)),
    path('stop-tick', stops.map((x) => `M${x - 5} 2h10l-5 10z`)),
    path('flag-tick', flags.map((x) => `M${x - 3.5} 38h7v9l-3.5-3-3.5 3z`)),
  );
  return svg;
}

/** @param {Place} place */
function mark({ x, y, look, sign, number, lines, marks }) {
  const element = blank(look, sign);
  const words = marks.length > 1 ? [t('timeline_several', { n: marks.length }), ...lines] : lines;
  element.setAttribute('transform', `translate(${x} ${y})`);
  element.setAttribute('aria-label', words.join('. '));
  element.setAttribute('data-seq', String(marks[0] ?? ''));
  if (number && sign) element.append(s('circle', { class: 'number', cx: 8, cy: -8, r: 6 }), s('text', { class: 'number', x: 8, y: -5 }, number));
  else if (number) element.append(s('text', { class: 'several', y: 4 }, number));
  return element;
}

/** One sign of each look, to be copied, because a session has hundreds of signs and few looks.
 * @type {Map<string, SVGGElement>} */
const BLANKS = new Map();

/** A sign without a place. @param {string} look @param {SymbolName | null} name @returns {SVGGElement} */
function blank(look, name) {
  const key = `${look} ${name}`;
  let drawn = BLANKS.get(key);
  if (!drawn) {
    drawn = s('g', { class: `moment ${look}`, 'data-tint': tintOf(look), role: 'button', tabindex: '-1' }, s('rect', { x: -10, y: -10, width: 20, height: 20, rx: 5 }));
    if (name) drawn.append(s('g', { class: 'sign-strokes', transform: 'translate(-6.9 -6.9) scale(0.3)' }, ...strokes(name)));
    BLANKS.set(key, drawn);
  }
  return /** @type {SVGGElement} */ (drawn.cloneNode(true));
}
