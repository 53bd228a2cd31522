//! The page of one past session: the people and the date, the figures, the timeline, notes, keeping and
//! checking, and the entries.

import { isolated, t } from '../../i18n/index.js';
import { who } from '../review.js';
import { day, moment } from '../when.js';
import { h } from '../../ui/dom.js';
import { tintOf } from '../../ui/cues.js';
import { symbol } from '../../ui/symbols.js';
import { entries } from './entries.js';
import { keep } from './keep.js';
import { notes } from './notes.js';
import { onPrint } from './paper.js';
import { timeline } from './timeline.js';

/** @import { Transcript, Words } from '../transcript.d.ts' */
/** @import { Context } from './review.js' */

/**
 * The page down to the timeline, and `below`, which adds the rest once that part is painted.
 * @param {Context} context
 * @returns {{ element: HTMLElement, below: () => void }}
 */
export function page(context) {
  const { transcript, words } = context;
  /** @type {{ list: ReturnType<typeof entries>, note: ReturnType<typeof notes> } | null} */
  let parts = null;
  const below = () => {
    if (parts) return parts;
    const list = entries(context, (seq) => note.about(seq));
    const note = notes(context, (seq) => list.go(seq));
    element.append(cueCounts(transcript), details(words), h('div', { class: 'review-pair' }, note.element, keep(context)), list.element);
    return (parts = { list, note });
  };
  const drawn = timeline(context, {
    go: (seq) => below().list.go(seq),
    note: (seq) => below().note.about(seq),
  });
  const element = h('div', { class: 'review-page' }, heading(context), tiles(words), drawn);
  openOnPaper(element);
  return { element, below };
}

/** Opens the folded parts of the page for a print, and folds them after it. @param {HTMLElement} page */
function openOnPaper(page) {
  /** @type {HTMLDetailsElement[]} */
  let folded = [];
  const open = () => {
    folded = [...page.querySelectorAll('details')].filter((one) => !one.open);
    for (const one of folded) one.open = true;
  };
  const fold = () => {
    for (const one of folded) one.open = false;
  };
  onPrint(page, open, fold);
}

/** @param {Context} context */
function heading({ transcript: { header }, place }) {
  const { opened_at, ended_at, ended_by, people } = header;
  const persons = /** @type {const} */ (['receiver', 'helper']).map((role) => {
    const { name, joined_at } = people[role];
    const says = [name === null ? null : isolated(name), role === place.role ? t('review_you') : null, joined_at === null ? t('review_never_joined') : null];
    const words = says.filter((word) => word !== null).join(t('comma'));
    return h('li', {}, h('b', {}, who(role)), words ? ` ${words}` : null);
  });
  const how = ended_at === null ? t('review_goes_on') : ended_by ? t('review_ended_by', { role: t(ended_by) }) : t('review_ended');
  return h(
    'header',
    {},
    h('h1', { tabindex: '-1' }, t('review_title', { day: day(opened_at) })),
    h('p', { class: 'hint' }, h('time', { datetime: new Date(opened_at).toISOString() }, moment(opened_at)), `. ${how}`),
    h('ul', { class: 'persons' }, ...persons),
  );
}

/** The few figures that matter most. @param {Words} words */
function tiles({ tiles }) {
  return h('dl', { class: 'figures tiles' }, ...tiles.map(([name, value, more]) => h('div', {}, h('dt', {}, name), h('dd', {}, value, h('small', {}, more)))));
}

/** The number of each cue, with its symbol. @param {Transcript} transcript */
function cueCounts({ figures: { cues } }) {
  const items = cues.map(({ by, cue, taken, ignored, stale, refused }) => {
    const lost = ignored + stale + refused;
    return h(
      'li',
      {},
      h('span', { class: 'cue-sign', 'data-tint': tintOf(cue) }, symbol(cue)),
      h('span', {}, `${who(by)}: ${t(`cue_${cue}`)}`, lost > 0 ? h('small', {}, t('cue_count_more', { n: lost })) : null),
      h('b', {}, String(taken)),
    );
  });
  if (items.length === 0) return h('div', { hidden: true });
  return h('section', {}, h('h2', {}, t('cue_counts')), h('ul', { class: 'cue-counts' }, ...items));
}

/** All figures, and what was agreed before the start. @param {Words} words */
function details({ figures, before }) {
  const rows = figures.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)));
  const lines = before.map((line) => h('li', {}, line));
  return h(
    'details',
    { class: 'panel' },
    h('summary', {}, t('figures_all')),
    h('dl', { class: 'all-figures' }, ...rows),
    h('h2', {}, t('before_title')),
    h('ul', { class: 'lines' }, ...lines),
  );
}
