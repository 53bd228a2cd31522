//! The timeline: strips of SVG whose signs can be tapped and walked with the arrow keys, what they
//! mean, and the same in words.

import { t } from '../../i18n/index.js';
import { drawings, overview } from '../../review.js';
import { linkStory, story, tell } from '../../review-words.js';
import { h, onPress, setAttribute, show } from '../dom.js';
import { onPrint } from './paper.js';
import { symbol } from '../symbols.js';
import { line, strip } from './strip.js';
import { definitions, legend } from './legend.js';

/** @import { Key } from '../../i18n/index.js' */
/** @import { Placed } from '../../review.js' */
/** @import { Transcript } from '../../transcript.d.ts' */

/** What fits between the margins of an A4 page, in CSS pixels. */
const PAPER = 688;
/** How many of the signs of one place are told one by one. */
const TOLD = 8;
/** How far from a sign a tap may be to choose it, in CSS pixels: signs are smaller than fingers. */
const REACH = 44;

/**
 * @param {Transcript} transcript
 * @param {number} width How wide it will be, in CSS pixels.
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
  /** The first entry of the chosen place. */
  let chosen = 1;
  /** Which place that is. */
  let at = 0;
  onPress(go, () => act.go(chosen));
  onPress(mark, () => act.note(chosen));

  /** All places, in the order of time. @type {{ element: SVGGElement, placed: Placed }[]} */
  let places = [];
  /** @param {number} index @param {boolean} focus */
  const choose = (index, focus) => {
    const place = places[index];
    if (!place) return;
    at = index;
    for (const { element } of places) if (element.getAttribute('tabindex') === '0') setAttribute(element, 'tabindex', '-1');
    for (const { element } of places) if (element.hasAttribute('aria-current')) setAttribute(element, 'aria-current', null);
    setAttribute(place.element, 'tabindex', '0');
    setAttribute(place.element, 'aria-current', 'true');
    const { marks } = place.placed;
    chosen = marks[0]?.seq ?? 1;
    lines.replaceChildren(...told(transcript, place.placed).map((line) => h('li', {}, line)));
    for (const [n, button] of steps.entries()) setAttribute(button, 'aria-disabled', String(!places[index + (n === 0 ? -1 : 1)]));
    show(readout, true);
    show(help, false);
    if (focus) place.element.focus({ preventScroll: true });
    uncover(place.element, readout);
  };
  strips.addEventListener('click', (event) => {
    const hit = indexOf(event.target);
    choose(hit < 0 ? nearest(places, event.clientX, event.clientY) : hit, false);
  });
  strips.addEventListener('focusin', (event) => choose(indexOf(event.target), false));
  strips.addEventListener('keydown', (event) => {
    const from = indexOf(event.target);
    const to = { ArrowRight: from + 1, ArrowLeft: from - 1, Home: 0, End: places.length - 1 }[event.key];
    if (from < 0) return;
    if (to !== undefined) choose(Math.min(Math.max(to, 0), places.length - 1), true);
    else if (event.key === 'Enter' || event.key === ' ') act.go(chosen);
    else return;
    event.preventDefault();
  });
  /** @param {EventTarget | null} target */
  const indexOf = (target) => {
    const found = target instanceof Element ? target.closest('.moment') : null;
    return places.findIndex(({ element }) => element === found);
  };

  let wide = 0;
  /** @param {number} width */
  const draw = (width) => {
    if (Math.abs(width - wide) < 4) return;
    wide = width;
    const drawn = drawings(transcript, width);
    const all = drawn.map((drawing) => strip(transcript, drawing, width));
    strips.replaceChildren(...all.map(({ svg }) => svg));
    places = all.flatMap(({ places: here }) => here);
    places.sort((one, two) => (one.placed.marks[0]?.at ?? 0) - (two.placed.marks[0]?.at ?? 0));
    setAttribute(places[0]?.element ?? strips, 'tabindex', '0');
    show(whole, all.length > 1);
    if (all.length === 1) return;
    const session = overview(transcript.timeline, drawn, width);
    const { segments } = session;
    const svg = line(session, width);
    svg.addEventListener('click', ({ clientX }) => {
      const box = svg.getBoundingClientRect();
      const x = ((clientX - box.left) / box.width) * width;
      const index = segments.findIndex((segment) => x < segment.x + segment.width);
      all[index]?.svg.scrollIntoView({ block: 'start' });
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
  fit(strips, draw);
  return element;
}

/** Draws for the width there is, and for the paper's while it is printed.
 * @param {HTMLElement} strips @param {(width: number) => void} draw */
function fit(strips, draw) {
  const width = () => strips.clientWidth;
  const sizes = new ResizeObserver(() => {
    if (!strips.isConnected) sizes.disconnect();
    else if (width() > 0 && !matchMedia('print').matches) draw(width());
  });
  sizes.observe(strips);
  onPrint(strips, () => draw(PAPER), () => draw(width()));
}

/** Which place is the nearest to a tap, if one is near. @param {{ element: Element }[]} places
 * @param {number} x @param {number} y */
function nearest(places, x, y) {
  let found = -1;
  let best = REACH;
  for (const [index, { element }] of places.entries()) {
    const box = element.getBoundingClientRect();
    const far = Math.hypot(x - (box.left + box.right) / 2, y - (box.top + box.bottom) / 2);
    if (far < best) [found, best] = [index, far];
  }
  return found;
}

/** Brings a sign into view, above what is told of it: that stays at the lower edge of the screen.
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

/** What a place says, sign by sign. @param {Transcript} transcript @param {Placed} placed */
export function told(transcript, { marks }) {
  const lines = marks.slice(0, TOLD).map((mark) => tell(transcript, mark));
  return marks.length > TOLD ? [...lines, t('timeline_more', { n: marks.length - TOLD })] : lines;
}

/** @param {Transcript} transcript */
function inWords(transcript) {
  const states = story(transcript);
  const links = linkStory(transcript);
  const line = (/** @type {{ time: string, words: string }} */ { time, words }) => h('li', {}, h('span', { class: 'at' }, time), ` ${words}`);
  return h(
    'details',
    { class: 'panel story' },
    h('summary', {}, t('timeline_words')),
    h('ol', {}, ...states.map(line)),
    ...(links.length > 0 ? [h('ol', {}, ...links.map(line))] : []),
  );
}
