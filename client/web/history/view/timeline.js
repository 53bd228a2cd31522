//! The timeline: SVG strips whose signs can be tapped or reached with the arrow keys, what the signs mean,
//! and the same in words.

import { t } from '../../i18n/index.js';
import { matches } from '../../device/optional.js';
import { drawings, overview } from '../review.js';
import { linkStory, story, tell } from '../review-words.js';
import { h, setAttribute, show } from '../../ui/dom.js';
import { onPress } from '../../input/press.js';
import { symbol } from '../../ui/symbols.js';
import { later } from './later.js';
import { definitions, legend } from './legend.js';
import { onPrint } from './paper.js';
import { line, strip } from './strip.js';

/** @import { Key } from '../../i18n/index.js' */
/** @import { Placed } from '../review-marks.js' */
/** @import { Transcript } from '../transcript.d.ts' */
/** @import { Spot, Strip } from './strip.js' */

/** The width between the margins of an A4 page, in CSS pixels. */
const PAPER = 688;
/** The most signs of one place that are described one by one. */
const TOLD = 8;
/** The number of lines in words that are written at a time. */
const LINES = 20;
/** A tap within this distance of a sign chooses it, in CSS pixels: signs are smaller than fingers. */
const REACH = 44;

/**
 * @param {Transcript} transcript
 * @param {number} width The width of the timeline, in CSS pixels.
 * @param {{ go: (seq: number) => void, note: (seq: number) => void }} act
 */
export function timeline(transcript, width, act) {
  const whole = h('div', { class: 'whole-line' });
  const strips = h('div', { class: 'strips' });
  const lines = h('ul', { class: 'told' });
  const go = h('button', { type: 'button', class: 'pill', 'data-action': 'show-entry' }, t('timeline_go'));
  const mark = h('button', { type: 'button', class: 'pill', 'data-action': 'mark-entry' }, t('timeline_mark'));
  const step = (/** @type {-1 | 1} */ by, /** @type {Key} */ name, /** @type {string} */ turned) => {
    const button = h('button', { type: 'button', class: 'pill step', 'aria-label': t(name), 'data-action': name }, symbol('back', `symbol ${turned}`));
    onPress(button, () => choose(at + by, false));
    return button;
  };
  const steps = [step(-1, 'timeline_before', ''), step(1, 'timeline_after', 'onward')];
  const readout = h('div', { class: 'readout' }, lines, h('div', { class: 'pills' }, ...steps, go, mark));
  const help = h('p', { class: 'hint' }, t('timeline_help'));
  show(readout, false);
  /** The number of the first entry at the chosen place. */
  let chosen = 1;
  /** The index of the chosen place. */
  let at = 0;
  onPress(go, () => act.go(chosen));
  onPress(mark, () => act.note(chosen));

  /** @type {Strip[]} */
  let drawn = [];
  /** All places, in the order of time. @type {Spot[]} */
  let spots = [];
  /** The sign that the tab key stops at. @type {SVGGElement | null} */
  let stop = null;
  const filling = later(strips);

  /** @param {number} index @param {boolean} focus */
  const choose = (index, focus) => {
    const spot = spots[index];
    if (!spot) return;
    at = index;
    const sign = spot.sign();
    if (stop) {
      setAttribute(stop, 'tabindex', '-1');
      setAttribute(stop, 'aria-current', null);
    }
    stop = sign;
    setAttribute(sign, 'tabindex', '0');
    setAttribute(sign, 'aria-current', 'true');
    const { marks } = spot.placed;
    chosen = marks[0]?.seq ?? 1;
    lines.replaceChildren(...told(transcript, spot.placed).map((line) => h('li', {}, line)));
    for (const [n, button] of steps.entries()) setAttribute(button, 'aria-disabled', String(!spots[index + (n === 0 ? -1 : 1)]));
    show(readout, true);
    show(help, false);
    if (focus) sign.focus({ preventScroll: true });
    uncover(sign, readout);
  };
  strips.addEventListener('click', (event) => {
    const hit = indexOf(event.target);
    choose(hit < 0 ? spots.indexOf(/** @type {Spot} */ (nearest(drawn, event.clientX, event.clientY))) : hit, false);
  });
  strips.addEventListener('focusin', (event) => choose(indexOf(event.target), false));
  strips.addEventListener('keydown', (event) => {
    const from = indexOf(event.target);
    const to = { ArrowRight: from + 1, ArrowLeft: from - 1, Home: 0, End: spots.length - 1 }[event.key];
    if (from < 0) return;
    if (to !== undefined) choose(Math.min(Math.max(to, 0), spots.length - 1), true);
    else if (event.key === 'Enter' || event.key === ' ') act.go(chosen);
    else return;
    event.preventDefault();
  });
  /** @param {EventTarget | null} target */
  const indexOf = (target) => {
    const sign = target instanceof Element ? target.closest('.moment') : null;
    const here = drawn.find(({ svg }) => sign && svg.contains(sign));
    const spot = here?.spots.find((spot) => spot.sign() === sign);
    return spot ? spots.indexOf(spot) : -1;
  };

  let wide = 0;
  /** @param {number} width */
  const draw = (width) => {
    if (Math.abs(width - wide) < 4) return;
    wide = width;
    const drawing = drawings(transcript, width);
    drawn = drawing.map((one) => strip(transcript, one, width));
    strips.replaceChildren(...drawn.map(({ element }) => element));
    spots = drawn.flatMap(({ spots: here }) => here);
    spots.sort((one, two) => (one.placed.marks[0]?.at ?? 0) - (two.placed.marks[0]?.at ?? 0));
    // The first strip is visible at once, and the tab key stops at its first sign.
    drawn[0]?.fill();
    stop = spots[0]?.sign() ?? null;
    if (stop) setAttribute(stop, 'tabindex', '0');
    filling.set(drawn.map(({ element, fill }) => ({ element, fill: () => (fill(), false) })));
    show(whole, drawn.length > 1);
    if (drawn.length === 1) return;
    const session = overview(transcript.timeline, drawing, width);
    const { segments } = session;
    const svg = line(session, width);
    svg.addEventListener('click', ({ clientX }) => {
      const box = svg.getBoundingClientRect();
      const x = ((clientX - box.left) / box.width) * width;
      const index = segments.findIndex((segment) => x < segment.x + segment.width);
      drawn[index]?.svg.scrollIntoView({ block: 'start' });
    });
    whole.replaceChildren(svg);
  };
  const element = h(
    'section',
    { class: 'timeline', 'aria-labelledby': 'timeline-title' },
    h('h2', { id: 'timeline-title' }, t('timeline_title')),
    definitions(),
    whole,
    strips,
    help,
    readout,
    h('div', { class: 'below' }, legend(), inWords(transcript)),
  );
  draw(width);
  fit(strips, draw, filling.all);
  return element;
}

/** Draws for the available width, and for the width of the paper while the page is printed.
 * @param {HTMLElement} strips @param {(width: number) => void} draw
 * @param {() => void} all Fills all strips. */
function fit(strips, draw, all) {
  const width = () => strips.clientWidth;
  const sizes = new ResizeObserver(() => {
    if (!strips.isConnected) sizes.disconnect();
    else if (width() > 0 && !matches('print')) draw(width());
  });
  sizes.observe(strips);
  const paper = () => {
    draw(PAPER);
    all();
  };
  onPrint(strips, paper, () => draw(width()));
}

/** The place nearest to a tap, if one is within REACH. @param {Strip[]} drawn
 * @param {number} x @param {number} y @returns {Spot | undefined} */
function nearest(drawn, x, y) {
  /** @type {Spot | undefined} */
  let found;
  let best = REACH;
  for (const { svg, spots, filled } of drawn) {
    const { top, bottom } = svg.getBoundingClientRect();
    if (!filled() || y < top - REACH || y > bottom + REACH) continue;
    for (const spot of spots) {
      const box = spot.sign().getBoundingClientRect();
      const far = Math.hypot(x - (box.left + box.right) / 2, y - (box.top + box.bottom) / 2);
      if (far < best) [found, best] = [spot, far];
    }
  }
  return found;
}

/** Scrolls a sign into view above its readout, which stays at the lower edge of the screen.
 * @param {Element} sign @param {Element} readout */
function uncover(sign, readout) {
  const scroller = sign.closest('#screen');
  if (!scroller) return;
  const box = sign.getBoundingClientRect();
  const { bottom, top } = scroller.getBoundingClientRect();
  const below = box.bottom + 12 - (bottom - readout.getBoundingClientRect().height);
  const above = box.top - 72 - top;
  if (below > 0) scroller.scrollTop += below;
  else if (above < 0) scroller.scrollTop += above;
}

/** The lines that describe a place, sign by sign. @param {Transcript} transcript @param {Placed} placed */
export function told(transcript, { marks }) {
  const lines = marks.slice(0, TOLD).map((mark) => tell(transcript, mark));
  return marks.length > TOLD ? [...lines, t('timeline_more', { n: marks.length - TOLD })] : lines;
}

/** The timeline in words, written while the page is idle. @param {Transcript} transcript */
function inWords(transcript) {
  const line = (/** @type {{ time: string, words: string }} */ { time, words }) => h('li', {}, h('span', { class: 'at' }, time), ` ${words}`);
  const element = h('details', { class: 'panel story' }, h('summary', {}, t('timeline_words')));
  const filling = later(element);
  const parts = [story, linkStory].map((tell) => {
    const list = h('ol');
    /** @type {ReturnType<typeof story> | ReturnType<typeof linkStory> | null} */
    let told = null;
    const fill = () => {
      told ??= tell(transcript);
      const from = list.childElementCount;
      list.append(...told.slice(from, from + LINES).map(line));
      show(list, told.length > 0);
      return list.childElementCount < told.length;
    };
    return { element: list, fill };
  });
  element.append(...parts.map(({ element: list }) => list));
  filling.set(parts);
  onPrint(element, filling.all);
  return element;
}
