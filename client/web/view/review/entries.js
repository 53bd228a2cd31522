//! The list of entries, in chunks: those near the view are filled at once, the others while nothing
//! else is to be done, so that ten thousand are there soon and never in the way.

import { t } from '../../i18n/index.js';
import { FILTERS, passes, tintOf } from '../../review.js';
import { became, says, since, who } from '../../review-words.js';
import { shortMoment } from '../../when.js';
import { h, onPress, setAttribute, setText } from '../dom.js';
import { onPrint } from './paper.js';

/** @import { Entry } from '../../transcript.d.ts' */
/** @import { Filter } from '../../review.js' */
/** @import { Context } from '../review.js' */

/** Entries of one chunk. */
const CHUNK = 100;
/** A row's height before it is known, in CSS pixels. */
const ROW = 40;
/** For this long at a stretch chunks are filled, in milliseconds: a tap is not kept waiting. */
const SLICE_MS = 8;
/** What is filled at once: this far beyond the view. */
const NEAR = '1200px';

/** @typedef {{ element: HTMLOListElement, entries: Entry[], filled: boolean }} Chunk */

/** @param {Context} context @param {(seq: number) => void} note Wants to write a note on an entry. */
export function entries({ transcript, kept }, note) {
  const count = h('p', { class: 'hint', role: 'status' });
  const list = h('div', { class: 'entry-list' });
  /** @type {Chunk[]} */
  let chunks = [];
  let run = 0;

  const row = (/** @type {Entry} */ entry) => {
    const { recorded } = entry;
    const { ended_at } = transcript.header;
    const late = ended_at !== null && recorded.at > ended_at;
    const time = late ? shortMoment(recorded.at) : clock(recorded.at - transcript.timeline.from);
    const dim = recorded.what === 'shown' || recorded.what === 'link' || entry.outcome.result !== 'taken';
    const flag = h('button', { type: 'button', class: 'entry-note', tabindex: '-1', 'aria-label': t('entry_mark', { n: recorded.seq }) });
    return h(
      'li',
      { class: dim ? 'entry dim' : 'entry', 'data-tint': tintOf(entry) ?? false, 'data-seq': String(recorded.seq), 'data-what': recorded.what },
      h('span', { class: 'seq' }, String(recorded.seq)),
      h('span', { class: 'time' }, time),
      h('span', { class: 'who' }, who(recorded.by)),
      h('span', { class: 'what' }, says(transcript, entry)),
      h('span', { class: 'became' }, became(entry)),
      flag,
    );
  };
  const fill = (/** @type {Chunk} */ chunk) => {
    if (chunk.filled) return;
    chunk.filled = true;
    chunk.element.append(...chunk.entries.map(row));
    if (chunk === chunks[0]) setAttribute(chunk.element.querySelector('.entry-note') ?? list, 'tabindex', '0');
  };
  /** Fills what is left while nothing else is to be done. @param {number} mine */
  const idle = (mine) => {
    if (mine !== run || !list.isConnected) return;
    const until = performance.now() + SLICE_MS;
    let next;
    while (performance.now() < until && (next = chunks.find(({ filled }) => !filled))) fill(next);
    if (next) whenIdle(() => idle(mine));
  };

  const watch = new IntersectionObserver(
    (seen) => {
      for (const { isIntersecting, target } of seen) {
        const chunk = isIntersecting && chunks.find(({ element }) => element === target);
        if (chunk) fill(chunk);
      }
    },
    { root: document.querySelector('#screen'), rootMargin: `${NEAR} 0px` },
  );

  const build = () => {
    watch.disconnect();
    const shown = transcript.entries.filter((entry) => passes(kept.filter, entry));
    chunks = [];
    for (let from = 0; from < shown.length; from += CHUNK) {
      const some = shown.slice(from, from + CHUNK);
      const label = t('entries_from', { from: some[0]?.recorded.seq ?? 0, to: some.at(-1)?.recorded.seq ?? 0 });
      const element = h('ol', { class: 'chunk', 'aria-label': label });
      element.style.setProperty('contain-intrinsic-size', `auto none auto ${some.length * ROW}px`);
      chunks.push({ element, entries: some, filled: false });
    }
    list.replaceChildren(...chunks.map(({ element }) => element));
    if (chunks[0]) fill(chunks[0]);
    for (const { element } of chunks) watch.observe(element);
    setText(count, t('entries_count', { shown: shown.length, n: transcript.entries.length }));
    run += 1;
    const mine = run;
    whenIdle(() => idle(mine));
  };

  const filters = FILTERS.map((filter) => {
    const button = h('button', { type: 'button', class: 'pill', 'data-filter': filter }, t(`filter_${filter}`));
    onPress(button, () => choose(filter));
    return button;
  });
  const choose = (/** @type {Filter} */ filter) => {
    kept.filter = filter;
    press();
    build();
  };
  const press = () => {
    for (const button of filters) setAttribute(button, 'aria-pressed', String(button.dataset['filter'] === kept.filter));
  };

  /** The button that has the one stop of the tab key moves along. @param {Element | null | undefined} button */
  const move = (button) => {
    if (!(button instanceof HTMLElement)) return;
    list.querySelector('.entry-note[tabindex="0"]')?.setAttribute('tabindex', '-1');
    button.setAttribute('tabindex', '0');
    button.focus({ preventScroll: true });
    button.closest('.entry')?.scrollIntoView({ block: 'nearest' });
  };
  list.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('.entry-note') : null;
    const seq = Number(button?.closest('.entry')?.getAttribute('data-seq'));
    if (seq > 0) note(seq);
  });
  list.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    const at = event.target instanceof Element ? event.target.closest('.entry') : null;
    if (step === undefined || !at) return;
    event.preventDefault();
    fillAround(at);
    const rows = [...list.querySelectorAll('.entry')];
    const to = Math.min(Math.max(rows.indexOf(at) + step, 0), rows.length - 1);
    move(rows[to]?.querySelector('.entry-note'));
  });
  /** @param {Element} row */
  const fillAround = (row) => {
    const index = chunks.findIndex(({ element }) => element.contains(row));
    chunks.slice(Math.max(index - 1, 0), index + 2).forEach(fill);
  };

  onPrint(list, () => chunks.forEach(fill));

  press();
  build();
  const element = h(
    'section',
    { class: 'entries', 'aria-labelledby': 'entries-title' },
    h('h2', { id: 'entries-title' }, t('entries_title')),
    h('div', { class: 'pills', role: 'group', 'aria-label': t('entries_show') }, ...filters),
    count,
    list,
  );
  return {
    element,
    /** Shows one entry, and chooses it. @param {number} seq */
    go(seq) {
      const entry = transcript.entries[seq - 1];
      if (!entry) return;
      if (!passes(kept.filter, entry)) choose('all');
      const chunk = chunks.find(({ entries: some }) => some.includes(entry));
      if (!chunk) return;
      fill(chunk);
      const found = chunk.element.querySelector(`[data-seq="${seq}"]`);
      list.querySelector('.target')?.classList.remove('target');
      found?.classList.add('target');
      move(found?.querySelector('.entry-note'));
      found?.scrollIntoView({ block: 'center' });
    },
  };
}

/** To the millisecond, always with hours: `0:01:23.456`. @param {number} ms */
function clock(ms) {
  const s = Math.floor(ms / 1_000);
  const hours = s < 3_600 ? '0:' : '';
  const minutes = s < 600 ? `${hours}0${since(ms)}` : `${hours}${since(ms)}`;
  return `${minutes}.${String(ms % 1_000).padStart(3, '0')}`;
}

/** @param {() => void} work */
function whenIdle(work) {
  if ('requestIdleCallback' in window) requestIdleCallback(work);
  else setTimeout(work, 16);
}
