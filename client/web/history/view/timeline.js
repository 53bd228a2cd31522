//! The timeline: SVG strips whose signs can be tapped or reached with the arrow keys, what the signs mean,
//! and the same in words.

import { t } from '../../i18n/index.js';
import { matches } from '../../device/optional.js';
import { h, setAttribute, show } from '../../ui/dom.js';
import { onPress } from '../../input/press.js';
import { symbol } from '../../ui/symbols.js';
import { later } from './later.js';
import { definitions, legend } from './legend.js';
import { onPrint } from './paper.js';
import { line, strip } from './strip.js';

/** @import { Key } from '../../i18n/index.js' */
/** @import { Drawing, Words } from '../transcript.d.ts' */
/** @import { Context } from './review.js' */
/** @import { Drawn, Spot } from './strip.js' */

/** The width between the margins of an A4 page, in CSS pixels. */
const PAPER = 688;
/** The number of lines in words that are written at a time. */
const LINES = 20;
/** A tap within this distance of a sign chooses it, in CSS pixels: signs are smaller than fingers. */
const REACH = 44;
/** How long the width stays the same before a drawing of it is requested, in milliseconds. */
const STEADY_MS = 250;

/**
 * @param {Context} context
 * @param {{ go: (seq: number) => void, note: (seq: number) => void }} act
 */
export function timeline({ drawing: first, draw, words }, act) {
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
  const missing = h('p', { class: 'hint not-drawn', role: 'status' }, t('timeline_not_drawn'));
  show(readout, false);
  /** The number of the first entry at the chosen place. */
  let chosen = 1;
  /** The index of the chosen place. */
  let at = 0;
  onPress(go, () => act.go(chosen));
  onPress(mark, () => act.note(chosen));

  /** @type {Drawn[]} */
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
    chosen = spot.place.marks[0] ?? 1;
    lines.replaceChildren(...spot.place.lines.map((line) => h('li', {}, line)));
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

  /** @param {Drawing} drawing */
  const paint = (drawing) => {
    const { width, strips: all, whole: { ends } } = drawing;
    drawn = all.map((one) => strip(drawing, one));
    strips.replaceChildren(...drawn.map(({ element }) => element));
    spots = drawn.flatMap(({ spots: here }) => here);
    spots.sort((one, two) => (one.place.marks[0] ?? 0) - (two.place.marks[0] ?? 0));
    // The first strip is visible at once, and the tab key stops at its first sign.
    drawn[0]?.fill();
    stop = spots[0]?.sign() ?? null;
    if (stop) setAttribute(stop, 'tabindex', '0');
    filling.set(drawn.map(({ element, fill }) => ({ element, fill: () => (fill(), false) })));
    show(missing, false);
    show(whole, drawn.length > 1);
    const svg = line(drawing);
    svg.addEventListener('click', ({ clientX }) => {
      const box = svg.getBoundingClientRect();
      const x = ((clientX - box.left) / box.width) * width;
      drawn[ends.findIndex((end) => x < end)]?.svg.scrollIntoView({ block: 'start' });
    });
    whole.replaceChildren(svg);
  };
  const element = h(
    'section',
    { class: 'timeline', 'aria-labelledby': 'timeline-title' },
    h('h2', { id: 'timeline-title' }, t('timeline_title')),
    definitions(),
    missing,
    whole,
    strips,
    help,
    readout,
    h('div', { class: 'below' }, legend(), inWords(words)),
  );
  if (first) paint(first);
  fit(strips, first, draw, paint, filling.all);
  return element;
}

/** Asks for a drawing of the available width when that has changed, and keeps the old one until the new one is
 * there. One of the paper's width is fetched beforehand, because printing does not wait.
 * @param {HTMLElement} strips @param {Drawing | null} screen @param {Context['draw']} draw
 * @param {(drawing: Drawing) => void} paint @param {() => void} all Fills all strips. */
function fit(strips, screen, draw, paint, all) {
  /** The width that the newest request was for. */
  let wide = screen?.width ?? 0;
  let timer = 0;
  const request = async (/** @type {number} */ width) => {
    const drawing = await draw(width);
    if (!drawing || !strips.isConnected || width !== wide) return;
    screen = drawing;
    if (!matches('print')) paint(drawing);
  };
  const sizes = new ResizeObserver(() => {
    const width = strips.clientWidth;
    if (!strips.isConnected) sizes.disconnect();
    else if (width > 0 && Math.abs(width - wide) >= 4 && !matches('print')) {
      wide = width;
      clearTimeout(timer);
      timer = setTimeout(() => request(width), STEADY_MS);
    }
  });
  sizes.observe(strips);
  /** @type {Drawing | null} */
  let paper = null;
  void draw(PAPER).then((drawing) => (paper = drawing));
  const print = () => {
    if (paper) paint(paper);
    all();
  };
  onPrint(strips, print, () => screen && paint(screen));
}

/** The place nearest to a tap, if one is within REACH. @param {Drawn[]} drawn
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

/** The timeline in words, written while the page is idle. @param {Words} words */
function inWords({ story, links }) {
  const element = h('details', { class: 'panel story' }, h('summary', {}, t('timeline_words')));
  const filling = later(element);
  const parts = [story, links].map((told) => {
    const list = h('ol');
    const fill = () => {
      const from = list.childElementCount;
      list.append(...told.slice(from, from + LINES).map(([time, words]) => h('li', {}, h('span', { class: 'at' }, time), ` ${words}`)));
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
