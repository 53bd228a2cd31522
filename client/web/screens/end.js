//! The end screen: the time live, the stops and how fast they were seen, aftercare, a note and the way to
//! the review. If a person deleted the session, the screen says who.

import { t } from '../i18n/index.js';
import { NOTE_CHARS } from '../device/limits.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { clock, sessionOf } from './logic.js';
import { onPress } from '../input/press.js';

/** @import { Spread } from '../device/protocol.d.ts' */
/** @import { Key } from '../i18n/index.js' */
/** @import { Place } from '../device/store.js' */
/** @import { Act, Deleted, Screen } from './types.d.ts' */

/** @type {Key[]} */
const AFTERCARE = ['aftercare_1', 'aftercare_2', 'aftercare_3'];

/** @param {Act} act @returns {Screen} */
export function end(act) {
  const live = figure('end_live');
  const stops = figure('end_stops');
  const shown = figure('end_shown');
  const acknowledged = figure('end_acknowledged');
  const text = h('textarea', { class: 'field', name: 'note', rows: '3', dir: 'auto', maxlength: String(NOTE_CHARS) });
  const share = h('input', { type: 'checkbox' });
  const save = h('button', { type: 'submit', class: 'secondary', 'data-action': 'save-note' }, t('note_save'));
  const became = h('p', { class: 'hint', role: 'status' });
  const note = h(
    'form',
    { class: 'panel note' },
    h('h2', {}, t('note_title')),
    h('label', { class: 'labelled' }, h('span', {}, t('note_label')), text),
    h('label', { class: 'check' }, share, h('span', {}, t('note_share'))),
    h('div', { class: 'row' }, save),
    became,
  );
  const review = h('button', { type: 'button', class: 'secondary', 'data-action': 'review' }, t('end_review'));
  const gone = h('p', { class: 'trouble gone-line', role: 'alert' });
  const again = h('button', { type: 'button', class: 'primary', 'data-action': 'again' }, t('end_again'));
  const element = h(
    'div',
    { class: 'page end' },
    h('h1', { tabindex: '-1' }, t('end_title')),
    gone,
    h('dl', { class: 'figures' }, live.element, stops.element, shown.element, acknowledged.element),
    h(
      'section',
      { class: 'panel aftercare' },
      h('h2', {}, t('aftercare_title')),
      h('p', {}, t('aftercare_hint')),
      h('ul', { class: 'lines' }, ...AFTERCARE.map((key) => h('li', {}, t(key)))),
      h('p', { class: 'hint' }, t('aftercare_rest')),
    ),
    note,
    h('div', { class: 'row' }, review, again),
  );
  onPress(again, () => act.leave());
  /** @type {Place | null} */
  let place = null;
  onPress(review, () => place && act.review(place));
  note.addEventListener('submit', (event) => {
    event.preventDefault();
    sent = text.value.trim();
    if (sent !== '' && save.getAttribute('aria-disabled') !== 'true') act.note(sent, share.checked);
  });
  let sent = '';
  let saved = false;
  const showNote = () => {
    const same = saved && text.value.trim() === sent;
    setAttribute(save, 'aria-disabled', String(same));
    if (!same && became.textContent === t('note_saved')) setText(became, '');
  };
  text.addEventListener('input', showNote);
  return {
    element,
    update(model) {
      const session = sessionOf(model);
      const ended = session?.state.ended ?? null;
      setText(live.value, ended ? clock(ended.live_ms) : t('end_none'));
      setText(stops.value, ended ? String(ended.stops) : t('end_none'));
      showSpread(shown, ended?.stop_shown ?? null);
      showSpread(acknowledged, ended?.stop_acknowledged ?? null);
      const { welcome, error } = model.device ?? {};
      const none = welcome?.options.keep === 'none';
      const deleted = error === 'deleted' && session !== null;
      setText(gone, none ? t('end_kept_none') : deleted ? deletedLine({ by: session.deletedBy, role: session.role }) : '');
      setAttribute(gone, 'data-kind', none ? 'busy' : 'error');
      show(gone, none || deleted);
      const at = Date.now();
      place = welcome && !none && !deleted ? { session: welcome.session, role: welcome.role, token: welcome.token, at, ended: true } : null;
      show(review, place !== null);
      // Without a link the note cannot be sent.
      show(note, !none && !deleted && (session?.view.link === 'here' || session?.view.link === 'late' || model.note === 'saved'));
      saved = model.note === 'saved';
      setText(became, saved ? t('note_saved') : model.note === 'lost' ? t('note_lost') : '');
      showNote();
      return [];
    },
  };
}

/** Who deleted a session, in a sentence. @param {Deleted} deleted */
export function deletedLine({ by, role }) {
  if (by === null) return t('error_deleted');
  return t(by === role ? 'gone_by_you' : `gone_by_${by}`);
}

/** @param {Key} name */
function figure(name) {
  const value = h('span', {});
  const worst = h('small', {});
  return { value, worst, element: h('div', {}, h('dt', {}, t(name)), h('dd', {}, value, worst)) };
}

/** Shows the median, and the worst time if it differs. @param {ReturnType<typeof figure>} figure
 * @param {Spread | null} spread */
function showSpread({ value, worst }, spread) {
  setText(value, spread ? time(spread.median_ms) : t('end_none'));
  const several = spread !== null && spread.median_ms !== spread.worst_ms;
  setText(worst, several ? t('end_worst', { worst: time(spread.worst_ms) }) : '');
}

/** @param {number} ms */
function time(ms) {
  return ms < 1_000 ? t('ms', { n: ms }) : t('seconds', { n: (ms / 1_000).toFixed(1) });
}
