//! What stays on every screen of a session: the bar with the link, the lamps of the last cue, and
//! the stop button, which is built once and never moves.

import { first, t } from '../i18n/index.js';
import { STAGES } from '../link/outgoing.js';
import { h, onPress, onTouch, setAttribute, setText, show } from './dom.js';
import { clock, isStop, other, sessionOf } from './logic.js';
import { symbol } from './symbols.js';

/** @import { Act, Model, ScreenName, Session } from './types.d.ts' */
/** @import { Stage } from '../protocol.d.ts' */

const LAMPS = /** @type {const} */ (['sent', 'relayed', 'shown', 'acknowledged']);
/** Screens on which the lamps are lit: where cues go out. @type {ScreenName[]} */
const WITH_LAMPS = ['rehearse', 'live', 'held'];

/**
 * @param {Act} act
 * @param {HTMLElement} main Where the screen goes.
 */
export function shell(act, main) {
  const dot = h('i', { class: 'dot' });
  const link = h('span', { class: 'link-text' });
  const trip = h('span', { class: 'trip' });
  const activity = h('span', { class: 'activity' });
  const end = h('button', { type: 'button', class: 'bar-button', 'data-action': 'end' }, t('end'));
  const more = h('button', {
    type: 'button',
    class: 'bar-button',
    'data-action': 'more-cues',
    'aria-label': t('more_cues'),
  });
  const dots = symbol('more');
  const cross = symbol('close');
  more.append(dots, cross);
  const badge = h('p', { class: 'badge', role: 'status' }, dot, h('span', {}, link, ' ', trip));
  const bar = h('div', { id: 'bar' }, h('div', { class: 'bar-text' }, badge, activity), end, more);
  const lamps = LAMPS.map((lamp) => h('li', { class: 'lamp', 'data-lamp': lamp, 'data-on': 'false' }));
  const lampList = h('ul', { id: 'lamps' }, ...lamps);
  const lampNote = h('p', { id: 'lamp-note', role: 'status' });

  const stopHint = h('small', { class: 'stop-hint' });
  const stop = h(
    'button',
    { type: 'button', id: 'stop', 'data-action': 'stop', 'data-cue': 'stop' },
    symbol('stop'),
    h('span', { class: 'stop-text' }, h('b', {}, t('stop_big')), stopHint),
  );

  onTouch(stop, () => act.tap('stop'));
  onPress(end, () => act.ending(true));
  let drawerIsOpen = false;
  onPress(more, () => act.drawer(!drawerIsOpen));

  const goOn = h('button', { type: 'button', class: 'secondary', 'data-action': 'end-cancel' }, t('end_no'));
  const endNow = h('button', { type: 'button', class: 'primary', 'data-action': 'end-confirm' }, t('end_yes'));
  const ask = h(
    'div',
    { id: 'end-ask', role: 'alertdialog', 'aria-labelledby': 'end-question' },
    h('h2', { id: 'end-question' }, t('end_ask')),
    h('div', { class: 'row' }, goOn, endNow),
  );
  onPress(goOn, () => act.ending(false));
  onPress(endNow, () => {
    act.ending(false);
    act.say({ type: 'end' });
  });

  const top = h('header', { id: 'top' }, bar, lampList, lampNote);
  const upper = h('div', { id: 'upper' }, top, main, ask);
  document.body.append(upper, h('footer', { id: 'foot' }, stop));

  return {
    /** @param {Model} model @param {ScreenName} screen */
    update(model, screen) {
      const session = sessionOf(model);
      const inSession = session !== null && screen !== 'end' && screen !== 'superseded';
      show(bar, inSession);
      // Without a link nobody would hear of the end.
      show(end, screen !== 'lost');
      show(stop, inSession || screen === 'lost');
      const asking = inSession && model.ending;
      const opened = asking && ask.hidden;
      show(ask, asking);
      if (opened) goOn.focus();
      const receives = session?.role === 'receiver';
      const withLamps = inSession && receives && WITH_LAMPS.includes(screen);
      drawerIsOpen = model.drawer;
      show(more, inSession && receives && (screen === 'live' || screen === 'held'));
      setAttribute(more, 'aria-expanded', String(model.drawer));
      setAttribute(more, 'aria-label', t(model.drawer ? 'fewer_cues' : 'more_cues'));
      setAttribute(dots, 'class', model.drawer ? 'symbol gone' : 'symbol');
      setAttribute(cross, 'class', model.drawer ? 'symbol' : 'symbol gone');
      const note = session && withLamps ? lampProblem(session) : '';
      show(lampList, withLamps && note === '');
      show(lampNote, note !== '');
      setText(lampNote, note);
      setAttribute(lampNote, 'data-stage', session?.view.lamp?.stage ?? '');
      if (!session) {
        setText(stopHint, t('stop_hint'));
        return;
      }
      for (const [index, lamp] of lamps.entries()) {
        const name = LAMPS[index];
        if (name) lightLamp(lamp, name, session.view.lamp?.stage ?? null);
      }
      setAttribute(dot, 'data-link', linkLevel(session));
      setText(link, linkText(session));
      const { round_trip_ms: roundTrip, link: own } = session.view;
      const fresh = own === 'here' && roundTrip !== null;
      setText(trip, fresh ? `· ${t('ms', { n: roundTrip })}` : '');
      setText(activity, activityText(session));
      setText(stopHint, stopText(session));
    },
  };
}

/**
 * @param {HTMLElement} element
 * @param {typeof LAMPS[number]} name
 * @param {Stage | null} stage
 */
function lightLamp(element, name, stage) {
  const reached = stage !== null && stage !== 'refused' && stage !== 'expired';
  const on = reached && STAGES.indexOf(stage) >= STAGES.indexOf(name);
  const lamp = t(`lamp_${name}`);
  setAttribute(element, 'data-on', String(on));
  setAttribute(element, 'aria-label', t(on ? 'lamp_on' : 'lamp_off', { lamp }));
  setText(element, lamp);
}

/** Why the last cue did not go through, in words; empty when it did. @param {Session} session */
function lampProblem({ view: { lamp } }) {
  if (!lamp) return '';
  const cue = t(`cue_${lamp.cue}`);
  if (lamp.stage === 'waiting') return t('lamp_waiting');
  if (lamp.stage === 'expired') return t('lamp_expired', { cue });
  if (lamp.stage !== 'refused') return '';
  return first(`lamp_refused_${lamp.code}`) || t('lamp_refused', { cue });
}

/** How well the two are connected, the worse of both links. @param {Session} session */
function linkLevel({ view, state, role }) {
  const peer = state.peers[other(role)];
  if (view.link === 'lost' || peer === 'lost' || peer === 'away') return 'lost';
  if (view.link !== 'here' || peer !== 'here') return 'late';
  return view.go ? 'go' : 'here';
}

/** @param {Session} session */
function linkText({ view, state, role }) {
  if (view.link === 'lost') return t('link_lost');
  if (view.link === 'connecting') return t('link_connecting');
  if (view.link === 'late') return t('link_late');
  const peer = other(role);
  const name = state.names[peer];
  const status = state.peers[peer];
  return status === 'here' && name ? t('named_here', { name }) : t(`peer_${peer}_${status}`);
}

/** @param {Session} session */
function activityText({ state, view, relayNow, role }) {
  const stay = view.go && state.cue?.cue === 'stay' ? state.cue : null;
  if (stay && role === 'receiver') return `${t('cue_stay')} · ${clock(relayNow - stay.at)}`;
  const doing = t(role === 'receiver' ? 'receiving' : 'helping');
  return state.live_since === null || !view.go ? doing : `${doing} · ${clock(relayNow - state.live_since)}`;
}

/** The line under the stop: how far this device's own stop got. @param {Session} session */
function stopText(session) {
  const { view, state } = session;
  if (view.alarm === 'not_delivered') return t('stop_not_delivered');
  const lamp = view.lamp?.cue === 'stop' && isStop(session) ? view.lamp : null;
  if (lamp?.stage === 'waiting' || lamp?.stage === 'sent') return t('stop_sending');
  if (lamp && state.hold && !state.hold.acknowledged) {
    return t(lamp.stage === 'relayed' ? 'stop_relayed' : 'stop_shown');
  }
  return lamp && state.hold?.acknowledged ? t('stop_acknowledged') : t('stop_hint');
}
