//! The timeline: strips of SVG whose signs can be tapped and walked with the arrow keys, what they
//! mean, and the same in words.

import { t } from '../../i18n/index.js';
import { drawings } from '../../review.js';
import { linkStory, story, tell } from '../../review-words.js';
import { h, onPress, setAttribute, show } from '../dom.js';
import { onPrint } from './paper.js';
import { strip } from './strip.js';
import { definitions, legend } from './legend.js';

/** @import { Placed } from '../../review.js' */
/** @import { Transcript } from '../../transcript.d.ts' */

/** What fits between the margins of an A4 page, in CSS pixels. */
const PAPER = 688;
/** How many of the signs of one place are told one by one. */
const TOLD = 8;

/**
 * @param {Transcript} transcript
 * @param {number} width How wide it will be, in CSS pixels.
 * @param {{ go: (seq: number) => void, note: (seq: number) => void }} act
 */
export function timeline(transcript, width, act) {
  const strips = h('div', { class: 'strips' });
  const lines = h('ul', { class: 'told' });
  const go = h('button', { type: 'button', class: 'pill', 'data-action': 'show-entry' }, t('timeline_go'));
  const mark = h('button', { type: 'button', class: 'pill', 'data-action': 'mark-entry' }, t('timeline_mark'));
  const readout = h('div', { class: 'readout' }, lines, h('div', { class: 'pills' }, go, mark));
  const help = h('p', { class: 'hint' }, t('timeline_help'));
  show(readout, false);
  /** The first entry of the chosen place. */
  let chosen = 1;
  onPress(go, () => act.go(chosen));
  onPress(mark, () => act.note(chosen));

  /** All places, in the order of time. @type {{ element: SVGGElement, placed: Placed }[]} */
  let places = [];
  /** @param {number} index @param {boolean} focus */
  const choose = (index, focus) => {
    const place = places[index];
    if (!place) return;
    for (const { element } of places) if (element.getAttribute('tabindex') === '0') setAttribute(element, 'tabindex', '-1');
    for (const { element } of places) if (element.hasAttribute('aria-current')) setAttribute(element, 'aria-current', null);
    setAttribute(place.element, 'tabindex', '0');
    setAttribute(place.element, 'aria-current', 'true');
    const { marks } = place.placed;
    chosen = marks[0]?.seq ?? 1;
    lines.replaceChildren(...told(transcript, place.placed).map((line) => h('li', {}, line)));
    show(readout, true);
    show(help, false);
    if (focus) place.element.focus();
  };
  strips.addEventListener('click', (event) => choose(indexOf(event.target), false));
  strips.addEventListener('focusin', (event) => choose(indexOf(event.target), false));
  strips.addEventListener('keydown', (event) => {
    const at = indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: places.length - 1 }[event.key];
    if (at < 0) return;
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

  let drawn = 0;
  /** @param {number} width */
  const draw = (width) => {
    if (Math.abs(width - drawn) < 4) return;
    drawn = width;
    const all = drawings(transcript, width).map((drawing) => strip(transcript, drawing, width));
    strips.replaceChildren(...all.map(({ svg }) => svg));
    places = all.flatMap(({ places: here }) => here);
    places.sort((one, two) => (one.placed.marks[0]?.at ?? 0) - (two.placed.marks[0]?.at ?? 0));
    setAttribute(places[0]?.element ?? strips, 'tabindex', '0');
  };
  const element = h(
    'section',
    { class: 'timeline', 'aria-labelledby': 'timeline-title' },
    h('h2', { id: 'timeline-title' }, t('timeline_title')),
    definitions(),
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
