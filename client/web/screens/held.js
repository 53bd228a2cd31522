//! The held screen: why, by whom and since when the session is held, and a list of what is still needed.

import { first, t } from '../i18n/index.js';
import { timeOfDay } from '../history/when.js';
import { clearedLine, willAsk } from './before.js';
import { HELD, cueButtons } from './cues.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { showEarlier } from './live-helper.js';
import { clock, holdReason, isOver, isStop, mayBeReady, mustBeAcknowledged, needs, sessionOf, whyHeld } from './logic.js';
import { lateText } from './late.js';
import { onPress } from '../input/press.js';
import { draw, symbol } from '../ui/symbols.js';

/** @import { Role } from '../device/protocol.d.ts' */
/** @import { Act, Need, Screen, Session, Shown } from './types.d.ts' */
/** @import { SymbolName } from '../ui/symbols.js' */

/** @param {Act} act @param {Role} role @returns {Screen} */
export function held(act, role) {
  const receives = role === 'receiver';
  const picture = symbol('held', 'symbol big');
  const title = h('h1', { tabindex: '-1' });
  const order = h('p', { class: 'order' });
  const why = h('p', { class: 'why' });
  const before = h('p', { class: 'why before' });
  const late = h('p', { class: 'late' });
  const list = h('ul', { class: 'needs', 'aria-label': t('held_missing') });
  const small = h('div', { class: 'earlier' });
  const next = h('p', { class: 'next' });
  const handsOff = h('button', { type: 'button', class: 'primary tall', 'data-action': 'hands-off' }, t('hands_off'));
  const ready = h('button', { type: 'button', class: 'primary tall', 'data-action': 'ready', 'data-cue': 'ready' }, symbol('ready'), h('span', {}, t('ready_when')));
  const silence = h('button', { type: 'button', class: 'primary tall', 'data-action': 'silence' }, t('silence'));
  const said = h('p', { class: 'said' }, symbol('ready'), h('b', {}, t('ready_said')));
  const surface = h('div', { class: 'held-surface' }, h('div', { class: 'head' }, picture, h('div', {}, title, order)), late, why, before, list, small);
  const foot = h('div', { class: 'held-foot' }, next, handsOff, silence, ready, said);
  const cues = receives ? cueButtons(act, HELD) : [];
  const element = h('div', { class: receives ? 'held places' : 'held' }, surface, ...cues, foot);

  let acknowledges = false;
  onPress(handsOff, (began) => act.acknowledge(began));
  // A press anywhere on the helper's surface says "hands off", until that has been said.
  onPress(surface, (began) => acknowledges && act.acknowledge(began));
  onPress(silence, (began) => act.acknowledge(began));
  onPress(ready, (began) => act.tap('ready', began));

  return {
    element,
    update(model) {
      const session = sessionOf(model);
      if (!session) return [];
      const { state, view } = session;
      const hold = state.hold;
      const stop = isStop(session);
      const reason = holdReason(session);
      const open = view.stopped || (mustBeAcknowledged(hold) && !hold?.acknowledged);
      acknowledges = role === 'helper' && open;
      const may = mayBeReady(session);

      setAttribute(surface, 'data-colour', stop ? 'stop' : 'held');
      setAttribute(element, 'data-reason', reason);
      setAttribute(element, 'data-open', String(open));
      draw(picture, symbolOf(reason));
      setText(title, state.phase === 'live' && !stop ? t(`wait_${role}`) : titleOf(reason, role));
      setText(order, t(role === 'helper' && open ? 'held_do_helper' : 'held_do_start'));
      show(order, !receives);
      setText(why, whyLine(session));
      const lateness = lateText(session);
      setText(late, lateness);
      show(late, lateness !== '');
      const told = session.beenLive ? '' : [clearedLine(session), willAsk(session)].filter(Boolean).join(' ');
      setText(before, told);
      show(before, told !== '');
      const over = isOver(session);
      showNeeds(list, over ? [] : needs(session), session);
      show(silence, over && receives);
      const shown = receives ? [] : [state.cue, ...state.earlier].filter((cue) => cue !== null && cue.cue !== 'stop');
      showEarlier(small, shown.filter((cue) => cue !== null), session.relayNow);
      show(handsOff, acknowledges);
      const drawn = model.drawer && receives;
      for (const cue of cues) show(cue, drawn);
      // While the drawer is open the surface's words stay for a screen reader.
      setAttribute(surface, 'class', drawn ? 'unseen' : 'held-surface');
      const isSaid = !acknowledges && state.phase === 'held' && state.ready[role];
      show(ready, !acknowledges && may);
      show(said, isSaid);
      setText(next, nextLine(session, isSaid));
      show(next, !drawn && (!acknowledges || over) && next.textContent !== '');
      return shownIds(session);
    },
  };
}

/** A sentence that says what comes next. @param {Session} session @param {boolean} said */
function nextLine(session, said) {
  const { role, state } = session;
  if (isOver(session)) return t('say_ended');
  if (said) return t('ready_said_hint');
  if (state.ready_expired[role]) return t('ready_expired');
  return role === 'receiver' ? t('held_do_start') : '';
}

/** What the screen shows, for the receipts: the hold, whether "hands off" was said, and on the helper's
 * screen the cues. @param {Session} session @returns {Shown[]} */
export function shownIds({ state, view, role }) {
  const { hold } = state;
  const known = hold ? [{ id: hold.id, acknowledged: hold.acknowledged }] : [];
  // A stop that no state contains yet takes the place of the state's hold.
  const holds = view.ahead === undefined ? known : [view.ahead];
  if (role !== 'helper') return holds;
  return [...holds, ...[state.cue, ...state.earlier].filter((cue) => cue !== null).map(({ id }) => id)];
}

/** @param {string} reason @param {Session['role']} role */
function titleOf(reason, role) {
  return reason === 'released' && role === 'helper' ? t('held_lifted') : first(`held_${reason}`);
}

/** @param {string} reason @returns {SymbolName} */
export function symbolOf(reason) {
  if (reason === 'stop' || reason === 'released') return 'stop';
  return reason === 'link_lost' || reason === 'away' ? 'lost' : 'held';
}

/** One line: why, by whom and since when the session is held. @param {Session} session */
export function whyLine(session) {
  const { state, relayNow } = session;
  const why = first(whyHeld(session), `held_${state.hold?.reason}_nobody`);
  const hold = state.hold;
  if (!hold || hold.reason === 'start') return why;
  const time = timeOfDay(hold.since);
  const ago = clock(relayNow - hold.since);
  // The receiver's half of the screen has no room for the time of day.
  const since = session.role === 'receiver' ? t('held_for', { ago }) : t('held_since', { time, ago });
  // The no-break space keeps a line from beginning with a dot.
  const times = hold.count > 1 ? `\u00a0· ${t('held_times', { n: hold.count })}` : '';
  return `${why}\u00a0· ${since}${times}`;
}

/** Needs that are met once for a session; when they are met they have no line. @type {Need['id'][]} */
const ONCE = ['set_up', 'rehearsal'];

/** Shows the needs as a list and ticks each one that is met.
 * @param {HTMLElement} list @param {Need[]} all @param {Session} session */
export function showNeeds(list, all, { role }) {
  const items = all.filter(({ id, done }) => !done || !ONCE.includes(id));
  const key = items.map(({ id }) => id).join(' ');
  if (list.dataset['key'] !== key) {
    list.dataset['key'] = key;
    setAttribute(list, 'data-many', String(items.length > 4));
    list.replaceChildren(
      ...items.map(({ id }) => h('li', { 'data-need': id }, h('span', { class: 'tick' }, symbol('ready')), h('span', {}, needWord(id, role)))),
    );
  }
  for (const [index, item] of [...list.children].entries()) {
    const need = items[index];
    if (!need) continue;
    setAttribute(item, 'data-done', String(need.done));
    setAttribute(item, 'aria-label', t(need.done ? 'need_done' : 'need_open', { what: needWord(need.id, role) }));
  }
}

/** @param {Need['id']} id @param {Session['role']} role */
function needWord(id, role) {
  if (id === `${role}_ready`) return t('need_you_ready');
  if (id === 'thumb' && role === 'receiver') return t('need_your_thumb');
  return t(`need_${id}`);
}
