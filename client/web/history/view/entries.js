//! The list of entries, in chunks. Chunks near the view are filled at once, the others while the page is
//! idle (later.js). So ten thousand entries appear soon and delay no tap.

import { t } from '../../i18n/index.js';
import { FILTERS, passes, tintOf, who } from '../review.js';
import { shortMoment } from '../when.js';
import { h, setAttribute, setText } from '../../ui/dom.js';
import { onPress } from '../../input/press.js';
import { later } from './later.js';
import { onPrint } from './paper.js';

/** @import { Entry } from '../transcript.d.ts' */
/** @import { Filter } from '../review.js' */
/** @import { Context } from './review.js' */

/** The number of entries in one chunk. */
const CHUNK = 100;
/** The assumed height of a row before it is drawn, in CSS pixels. */
const ROW = 40;
/** The number of rows that are made before other work may come in between. */
const PIECE = 10;

/** @typedef {{ element: HTMLOListElement, entries: Entry[] }} Chunk */

/** @param {Context} context @param {(seq: number) => void} note Begins a note on an entry. */
export function entries({ transcript, words, kept }, note) {
  const count = h('p', { class: 'hint', role: 'status' });
  const list = h('div', { class: 'entry-list' });
  /** @type {Chunk[]} */
  let chunks = [];
  /** The entries that are shown. @type {Entry[]} */
  let shown = [];
  /** The place of each shown entry in the list, by its number. @type {Map<number, number>} */
  let places = new Map();
  const filling = later(list);

  const row = (/** @type {Entry} */ entry) => {
    const { recorded } = entry;
    const { ended_at } = transcript.header;
    const late = ended_at !== null && recorded.at > ended_at;
    const [time = '', says = '', became = ''] = words.entries[recorded.seq - 1] ?? [];
    const dim = recorded.what === 'shown' || recorded.what === 'link' || entry.outcome.result !== 'taken';
    const flag = h('button', { type: 'button', class: 'entry-note', tabindex: '-1', 'aria-label': t('entry_mark', { n: recorded.seq }) });
    return h(
      'li',
      { class: dim ? 'entry dim' : 'entry', 'data-tint': tintOf(entry) ?? false, 'data-seq': String(recorded.seq), 'data-what': recorded.what },
      h('span', { class: 'seq' }, String(recorded.seq)),
      h('span', { class: 'time' }, late ? shortMoment(recorded.at) : time),
      h('span', { class: 'who' }, who(recorded.by)),
      h('span', { class: 'what' }, says),
      h('span', { class: 'became' }, became),
      flag,
    );
  };
  /** Makes some more rows of a chunk; returns false if all were made already. @param {Chunk} chunk */
  const fill = ({ element, entries }) => {
    const from = element.childElementCount;
    if (from === entries.length) return false;
    element.append(...entries.slice(from, from + PIECE).map(row));
    if (from === 0 && element === chunks[0]?.element) setAttribute(element.querySelector('.entry-note') ?? list, 'tabindex', '0');
    return true;
  };
  /** The row of the entry at this place in the list. @param {number} at */
  const rowAt = (at) => {
    const chunk = chunks[Math.floor(at / CHUNK)];
    while (chunk && fill(chunk));
    return chunk?.element.children[at % CHUNK];
  };

  const build = () => {
    shown = transcript.entries.filter((entry) => passes(kept.filter, entry));
    places = new Map(shown.map(({ recorded }, at) => [recorded.seq, at]));
    chunks = [];
    for (let from = 0; from < shown.length; from += CHUNK) {
      const some = shown.slice(from, from + CHUNK);
      const label = t('entries_from', { from: some[0]?.recorded.seq ?? 0, to: some.at(-1)?.recorded.seq ?? 0 });
      const element = h('ol', { class: 'chunk', 'aria-label': label });
      element.style.setProperty('contain-intrinsic-size', `auto none auto ${some.length * ROW}px`);
      chunks.push({ element, entries: some });
    }
    list.replaceChildren(...chunks.map(({ element }) => element));
    if (chunks[0]) fill(chunks[0]);
    filling.set(chunks.map((chunk) => ({ element: chunk.element, fill: () => fill(chunk) })));
    setText(count, t('entries_count', { shown: shown.length, n: transcript.entries.length }));
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

  /** Moves the focus and the list's one stop of the tab key to this button.
   * @param {Element | null | undefined} button */
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
    const from = places.get(Number(at.getAttribute('data-seq'))) ?? 0;
    const to = Math.min(Math.max(from + step, 0), shown.length - 1);
    move(rowAt(to)?.querySelector('.entry-note'));
  });

  onPrint(list, filling.all);

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
    /** Scrolls to one entry and chooses it. @param {number} seq */
    go(seq) {
      const entry = transcript.entries[seq - 1];
      if (!entry) return;
      if (!passes(kept.filter, entry)) choose('all');
      const found = rowAt(places.get(seq) ?? -1);
      list.querySelector('.target')?.classList.remove('target');
      found?.classList.add('target');
      move(found?.querySelector('.entry-note'));
      found?.scrollIntoView({ block: 'start' });
    },
  };
}
