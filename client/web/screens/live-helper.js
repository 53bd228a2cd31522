//! The helper's live screen: one colour, one symbol and one word fill it. A tap anywhere says "seen".

import { t } from '../i18n/index.js';
import { STAY_MARKS_S } from './changes.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { clock, holdsToConsent, secondsLeft, sessionOf } from './logic.js';
import { onPress } from '../input/press.js';
import { draw, symbol } from '../ui/symbols.js';

/** @import { ShownCue } from '../device/protocol.d.ts' */
/** @import { Act, Screen, Session } from './types.d.ts' */

/** The most cues that are shown small under the large one. */
const SMALL_AT_MOST = 2;

/** @param {Act} act @returns {Screen} */
export function liveHelper(act) {
  const picture = symbol('ready', 'symbol big');
  const word = h('b', { class: 'word' });
  const count = h('span', { class: 'count' });
  const marks = STAY_MARKS_S.map((n) => h('i', { class: 'mark' }, t('seconds', { n })));
  const markRow = h('span', { class: 'marks' }, ...marks);
  const age = h('span', { class: 'age' });
  const breath = h('span', { class: 'breath' }, t('breath'));
  const earlier = h('span', { class: 'earlier' });
  const thumbWord = h('span', {});
  const thumb = h('span', { class: 'chip thumb-down' }, symbol('thumb'), thumbWord);
  const surface = h(
    'button',
    { type: 'button', class: 'surface', 'data-action': 'acknowledge' },
    picture,
    word,
    count,
    markRow,
    age,
    earlier,
    thumb,
    breath,
  );
  const ask = h('button', { type: 'button', class: 'secondary wide', 'data-action': 'check-in', 'data-cue': 'check_in' }, t('cue_check_in'));
  const element = h(
    'div',
    { class: 'live-helper' },
    h('h1', { class: 'unseen', tabindex: '-1' }, t('live_title')),
    surface,
    h('div', { class: 'row' }, ask),
  );
  onPress(surface, (began) => act.acknowledge(began));
  onPress(ask, (began) => act.tap('check_in', began));

  return {
    element,
    update(model) {
      const session = sessionOf(model);
      if (!session) return [];
      const { state, relayNow } = session;
      const cue = state.cue && state.cue.cue !== 'stop' ? state.cue : null;
      setAttribute(surface, 'data-colour', model.colour);
      const large = largeOf(session, cue);
      draw(picture, large.symbol);
      setText(word, large.word);
      const stays = large.cue?.cue === 'stay' ? relayNow - large.cue.at : null;
      show(count, stays !== null);
      show(markRow, stays !== null);
      if (stays !== null) {
        setText(count, clock(stays));
        for (const [index, mark] of marks.entries()) {
          setAttribute(mark, 'data-on', String(stays >= (STAY_MARKS_S[index] ?? 0) * 1_000));
        }
      }
      const waits = large.cue !== null && large.cue.acknowledged === null;
      setText(age, ageLine(session, large.cue));
      show(age, age.textContent !== '');
      show(breath, !waits && state.check_in === null);
      const answered = state.still_holding !== null;
      setText(thumbWord, t(answered ? 'still_holding' : 'thumb_is_down'));
      setAttribute(thumb, 'data-answered', String(answered));
      show(thumb, holdsToConsent(session) && state.thumb);
      const onScreen = [cue, ...state.earlier].filter((one) => one !== null);
      const small = onScreen.filter((one) => one !== large.cue).slice(0, SMALL_AT_MOST);
      showEarlier(earlier, small, relayNow);
      show(ask, state.check_in === null);
      const painted = large.cue ? [large.cue, ...small] : small;
      return painted.map(({ id }) => id);
    },
  };
}

/** @typedef {{ cue: ShownCue | null, symbol: import('../ui/symbols.js').SymbolName, word: string }} Large */

/** What is shown large: the check-in, or the newest cue until it is seen (`stay` remains), or go.
 * @param {Session} session @param {ShownCue | null} cue @returns {Large} */
function largeOf({ state }, cue) {
  if (state.check_in) return { cue: null, symbol: 'check_in', word: t('asking') };
  if (cue && (cue.acknowledged === null || cue.cue === 'stay')) {
    return { cue, symbol: cue.cue, word: t(`cue_${cue.cue}`) };
  }
  return { cue: null, symbol: 'ready', word: t('both_ready') };
}

/** @param {Session} session @param {ShownCue | null} large */
function ageLine({ state, relayNow }, large) {
  if (state.check_in) {
    return t('ask_left', { n: secondsLeft(state.check_in, relayNow) });
  }
  if (!large) return '';
  if (large.acknowledged !== null) return t('seen');
  return `${ageText(relayNow - (large.tapped_at ?? large.at))} · ${t('tap_seen')}`;
}

/** @param {number} ms */
export function ageText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 1) return t('age_now');
  return seconds < 60 ? t('age', { n: seconds }) : t('age_minutes', { n: Math.floor(seconds / 60) });
}

/** @param {HTMLElement} row @param {ShownCue[]} cues @param {number} relayNow */
export function showEarlier(row, cues, relayNow) {
  const key = cues.map(({ id, acknowledged }) => `${id}${acknowledged === null}`).join(' ');
  if (row.dataset['key'] !== key) {
    row.dataset['key'] = key;
    row.replaceChildren(
      ...cues.map(({ cue, acknowledged }) =>
        h(
          'span',
          { class: 'chip', 'data-cue-shown': cue, 'data-seen': String(acknowledged !== null) },
          symbol(cue),
          h('span', {}, t(`cue_${cue}`)),
          h('span', { class: 'chip-age' }),
        ),
      ),
    );
  }
  for (const [index, chip] of [...row.children].entries()) {
    const cue = cues[index];
    const at = chip.querySelector('.chip-age');
    if (cue && at) setText(at, ageText(relayNow - (cue.tapped_at ?? cue.at)));
  }
  show(row, cues.length > 0);
}
