//! Draws one strip of the timeline as SVG.

import { t } from '../../i18n/index.js';
import { AXIS, BAND, GAP, GUTTER } from '../review.js';
import { alike, APART, lookOf, SIDE, signOf } from '../review-marks.js';
import { linkWords, phase, phaseShort, since, span, who, tell } from '../review-words.js';
import { h } from '../../ui/dom.js';
import { tintOf } from '../../ui/cues.js';
import { strokes } from '../../ui/symbols.js';

/** @import { Drawing, DrawnBand, Overview } from '../review.js' */
/** @import { Placed } from '../review-marks.js' */
/** @import { SymbolName } from '../../ui/symbols.js' */
/** @import { Transcript } from '../transcript.d.ts' */

const SVG = 'http://www.w3.org/2000/svg';
/** The most width that a character of a band's label takes, in units of the drawing. */
const CHARACTER = 6.6;
/** The height of the line with the whole session, in units of the drawing. */
const WHOLE = 48;
/** The most marks of one place that its label names. */
const NAMED = 4;

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function s(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, typeof value === 'number' ? String(Math.round(value * 10) / 10) : value);
  }
  element.append(...children);
  return element;
}

/** The place of a sign, and the sign itself, which is drawn together with its strip.
 * @typedef {{ placed: Placed, sign: () => SVGGElement }} Spot */
/** A strip. It is empty until `fill`, but already has its size and its place on the page.
 * @typedef {{ element: HTMLElement, svg: SVGSVGElement, spots: Spot[], fill: () => void, filled: () => boolean }} Strip */

/**
 * @param {Transcript} transcript @param {Drawing} drawing @param {number} width
 * @returns {Strip}
 */
export function strip(transcript, drawing, width) {
  const { height, strip: { from, to }, lanes } = drawing;
  const svg = s('svg', {
    class: 'strip',
    viewBox: `0 0 ${width} ${height}`,
    role: 'group',
    'aria-label': t('timeline_strip', { from: since(from), to: since(to) }),
  });
  const element = h('div', { class: 'strip-box' }, svg);
  element.style.setProperty('contain-intrinsic-height', `${height}px`);
  /** @type {Map<Placed, SVGGElement> | null} */
  let signs = null;
  const fill = () => (signs ??= drawInto(svg, transcript, drawing, width));
  const spots = lanes.flatMap(({ marks }) => marks).map((placed) => ({
    placed,
    sign: () => fill().get(placed) ?? s('g', {}),
  }));
  return { element, svg, spots, fill, filled: () => signs !== null };
}

/** Draws the content of a strip; returns its signs by their places.
 * @param {SVGSVGElement} svg @param {Transcript} transcript @param {Drawing} drawing @param {number} width */
function drawInto(svg, transcript, { top, height, ticks, bands, lanes, flags }, width) {
  const right = width - 8;
  const bottom = height - GAP;
  /** @type {Map<Placed, SVGGElement>} */
  const signs = new Map();
  /** @type {SVGElement[]} */
  const parts = [];
  const ground = s('g', { 'aria-hidden': 'true' });
  for (const { x, at } of ticks) {
    ground.append(s('line', { class: 'hour', x1: x, x2: x, y1: AXIS - 4, y2: bottom }));
    if (x < right - 26) ground.append(s('text', { class: 'time', x: x + 3, y: AXIS - 7 }, since(at)));
  }
  for (const band of bands) ground.append(bar(transcript, band, top, bottom));
  ground.append(s('text', { class: 'lane-name', x: 0, y: top + 15 }, t('timeline_session')));
  parts.push(ground);
  for (const { by, y, height: tall, links, marks } of lanes) {
    const lane = s('g', { 'aria-hidden': 'true' });
    lane.append(s('line', { class: 'lane', x1: GUTTER, x2: right, y1: y + tall, y2: y + tall }));
    for (const link of links) {
      const box = { x: link.x, y, width: link.width, height: tall, rx: 2 };
      const words = by === null ? '' : linkWords(by, link.band, transcript.timeline);
      lane.append(
        s('g', { class: 'link', 'data-kind': link.kind }, s('title', {}, words), s('rect', { class: 'bar', ...box }), s('rect', { class: 'pattern', ...box })),
      );
    }
    lane.append(s('text', { class: 'lane-name', x: 0, y: y + 17 }, who(by)));
    parts.push(lane);
    for (const placed of marks) {
      const sign = mark(transcript, placed, y + 2 + APART / 2 + placed.row * APART);
      signs.set(placed, sign);
      parts.push(sign);
    }
  }
  for (const { x, seq } of flags) {
    const flag = s('svg', { class: 'flag', x: x - 6, y: top - 13, width: 12, height: 12, viewBox: '0 0 46 46', 'aria-hidden': 'true' });
    flag.append(s('title', {}, t('timeline_flag', { n: seq })), ...strokes('flag'));
    parts.push(flag);
  }
  svg.append(...parts);
  return signs;
}

/** The kinds of bands, the topmost last, so that a very short hold is visible. */
const KINDS = /** @type {const} */ (['start', 'live', 'held']);

/** The whole session in one line above the strips, with one path for all parts that look the same. Screen
 * readers skip it, because the strips and the words say the same.
 * @param {Overview} overview @param {number} width */
export function line({ segments, bands, stops, flags }, width) {
  const svg = s('svg', { class: 'strip whole', viewBox: `0 0 ${width} ${WHOLE}`, 'aria-hidden': 'true', focusable: 'false' });
  for (const kind of KINDS) {
    const d = bands.filter((band) => band.kind === kind).map(({ x, width: wide }) => `M${x.toFixed(1)} 14h${wide.toFixed(1)}v${BAND}h${(-wide).toFixed(1)}z`);
    const band = s('g', { class: 'band', 'data-kind': kind }, s('path', { class: 'bar', d: d.join('') }));
    if (kind === 'held') band.append(s('path', { class: 'pattern', d: d.join('') }));
    svg.append(band);
  }
  const cuts = segments.slice(1).map(({ x }) => `M${x.toFixed(1)} 14v${BAND}`);
  svg.append(
    s('path', { class: 'cut', d: cuts.join('') }),
    s('path', { class: 'stop-tick', d: stops.map(({ x }) => `M${(x - 5).toFixed(1)} 2h10l-5 10z`).join('') }),
    s('path', { class: 'flag-tick', d: flags.map(({ x }) => `M${(x - 3.5).toFixed(1)} 38h7v9l-3.5-3-3.5 3z`).join('') }),
  );
  return svg;
}

/** @param {Transcript} transcript @param {DrawnBand} band @param {number} top @param {number} bottom */
function bar({ timeline }, { x, width, band, kind }, top, bottom) {
  const group = s('g', { class: 'band', 'data-kind': kind });
  const box = { x, y: top, width, height: BAND, rx: 3 };
  const length = span((band.to ?? timeline.to) - band.from);
  group.append(
    s('title', {}, `${since(band.from - timeline.from)} ${t('story_line', { phase: phase(band), span: length })}`),
    s('rect', { class: 'ground', x, y: top + BAND, width, height: bottom - top - BAND }),
    s('rect', { class: 'bar', ...box }),
  );
  if (kind === 'held') group.append(s('rect', { class: 'pattern', ...box }));
  const label = [phase(band), phaseShort(band)].find((words) => words.length * CHARACTER + 8 <= width);
  if (label !== undefined) group.append(s('text', { x: x + width / 2, y: top + BAND / 2 + 4 }, label));
  return group;
}

/** @param {Transcript} transcript @param {Placed} placed @param {number} y The vertical middle. */
function mark(transcript, { x, marks }, y) {
  const [first] = marks;
  const same = alike(marks);
  const look = first && same ? lookOf(first) : 'mixed';
  const said = marks.slice(0, NAMED).map((one) => tell(transcript, one));
  if (marks.length > NAMED) said.push(t('timeline_more', { n: marks.length - NAMED }));
  const words = marks.length > 1 ? [t('timeline_several', { n: marks.length }), ...said] : said;
  const element = blank(look, first && same ? signOf(first.kind) : null);
  element.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
  element.setAttribute('aria-label', words.join('. '));
  element.setAttribute('data-seq', String(first?.seq ?? ''));
  const n = marks.length > 99 ? '99+' : String(marks.length);
  if (marks.length > 1 && same) {
    element.append(s('circle', { class: 'number', cx: 8, cy: -8, r: 6 }), s('text', { class: 'number', x: 8, y: -5 }, n));
  } else if (marks.length > 1) {
    element.append(s('text', { class: 'several', y: 4 }, n));
  }
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
    drawn = s('g', { class: `moment ${look}`, 'data-tint': tintOf(look), role: 'button', tabindex: '-1' });
    drawn.append(s('rect', { x: -SIDE / 2, y: -SIDE / 2, width: SIDE, height: SIDE, rx: 5 }));
    if (name) drawn.append(s('g', { class: 'sign-strokes', transform: 'translate(-6.9 -6.9) scale(0.3)' }, ...strokes(name)));
    BLANKS.set(key, drawn);
  }
  return /** @type {SVGGElement} */ (drawn.cloneNode(true));
}
