//! Draws one strip of the timeline as SVG.

import { t } from '../../i18n/index.js';
import { alike, AXIS, BAND, GAP, GUTTER, lookOf, SIDE, signOf, APART } from '../../review.js';
import { linkWords, phase, phaseShort, since, span, who, tell } from '../../review-words.js';
import { strokes } from '../symbols.js';

/** @import { Drawing, DrawnBand, Overview, Placed } from '../../review.js' */
/** @import { Transcript } from '../../transcript.d.ts' */

const SVG = 'http://www.w3.org/2000/svg';
/** What a character of a band's label takes at the most, in units of the drawing. */
const CHARACTER = 6.6;
/** The height of the line with the whole session. */
const WHOLE = 48;
/** How many of the marks in one place are named in its label. */
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

/**
 * @param {Transcript} transcript @param {Drawing} drawing @param {number} width
 * @returns {{ svg: SVGSVGElement, places: { element: SVGGElement, placed: Placed }[] }}
 */
export function strip(transcript, drawing, width) {
  const { top, height, strip: { from, to }, ticks, bands, lanes, flags } = drawing;
  const right = width - 8;
  const bottom = height - GAP;
  /** @type {{ element: SVGGElement, placed: Placed }[]} */
  const places = [];
  const svg = s('svg', {
    class: 'strip',
    viewBox: `0 0 ${width} ${height}`,
    role: 'group',
    'aria-label': t('timeline_strip', { from: since(from), to: since(to) }),
  });
  const ground = s('g', { 'aria-hidden': 'true' });
  for (const { x, at } of ticks) {
    ground.append(s('line', { class: 'hour', x1: x, x2: x, y1: AXIS - 4, y2: bottom }));
    if (x < right - 26) ground.append(s('text', { class: 'time', x: x + 3, y: AXIS - 7 }, since(at)));
  }
  for (const band of bands) ground.append(bar(transcript, band, top, bottom));
  ground.append(s('text', { class: 'lane-name', x: 0, y: top + 15 }, t('timeline_session')));
  svg.append(ground);
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
    svg.append(lane);
    for (const placed of marks) {
      const element = mark(transcript, placed, y + 2 + APART / 2 + placed.row * APART);
      places.push({ element, placed });
      svg.append(element);
    }
  }
  for (const { x, seq } of flags) {
    const flag = s('svg', { class: 'flag', x: x - 6, y: top - 13, width: 12, height: 12, viewBox: '0 0 46 46', 'aria-hidden': 'true' });
    flag.append(s('title', {}, t('timeline_flag', { n: seq })), ...strokes('flag'));
    svg.append(flag);
  }
  return { svg, places };
}

/** The whole session in one line, above the strips. What it shows stands in them, and in words.
 * @param {Overview} overview @param {number} width */
export function line({ segments, bands, stops, flags }, width) {
  const svg = s('svg', { class: 'strip whole', viewBox: `0 0 ${width} ${WHOLE}`, 'aria-hidden': 'true', focusable: 'false' });
  for (const { x, width: wide, kind } of bands) {
    const box = { x, y: 14, width: wide, height: BAND };
    const band = s('g', { class: 'band', 'data-kind': kind }, s('rect', { class: 'bar', ...box }));
    if (kind === 'held') band.append(s('rect', { class: 'pattern', ...box }));
    svg.append(band);
  }
  for (const { x } of segments.slice(1)) svg.append(s('line', { class: 'cut', x1: x, x2: x, y1: 14, y2: 14 + BAND }));
  for (const { x } of stops) svg.append(s('path', { class: 'stop-tick', d: `M${(x - 5).toFixed(1)} 2h10l-5 10z` }));
  for (const { x } of flags) svg.append(s('path', { class: 'flag-tick', d: `M${(x - 3.5).toFixed(1)} 38h7v9l-3.5-3-3.5 3z` }));
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

/** @param {Transcript} transcript @param {Placed} placed @param {number} y The middle. */
function mark(transcript, { x, marks }, y) {
  const [first] = marks;
  const same = alike(marks);
  const look = first && same ? lookOf(first) : 'mixed';
  const said = marks.slice(0, NAMED).map((one) => tell(transcript, one));
  if (marks.length > NAMED) said.push(t('timeline_more', { n: marks.length - NAMED }));
  const words = marks.length > 1 ? [t('timeline_several', { n: marks.length }), ...said] : said;
  const element = s('g', {
    class: `moment ${look}`,
    transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
    role: 'button',
    tabindex: '-1',
    'aria-label': words.join('. '),
    'data-seq': first?.seq ?? '',
  });
  element.append(s('rect', { x: -SIDE / 2, y: -SIDE / 2, width: SIDE, height: SIDE, rx: 5 }));
  if (first && same) {
    element.append(s('g', { class: 'sign-strokes', transform: 'translate(-6.9 -6.9) scale(0.3)' }, ...strokes(signOf(first.kind))));
  }
  const n = marks.length > 99 ? '99+' : String(marks.length);
  if (marks.length > 1 && same) {
    element.append(s('circle', { class: 'number', cx: 8, cy: -8, r: 6 }), s('text', { class: 'number', x: 8, y: -5 }, n));
  } else if (marks.length > 1) {
    element.append(s('text', { class: 'several', y: 4 }, n));
  }
  return element;
}
