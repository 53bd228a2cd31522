//! The parts that stay on every screen of a session: the bar with the link, the lamps of the last cue and the
//! stop button. The stop button is built once and never moves.

import { t } from '../i18n/index.js';
import { badge } from './badge.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { eyesFreeButton } from './cues.js';
import { languageChooser } from './language.js';
import { lampProblem, receipt } from './lamps.js';
import { isOver, isStop, secondsLeft, sessionOf } from './logic.js';
import { onPress, onStop } from '../input/press.js';
import { thumbIsOn } from './thumb-logic.js';
import { symbol } from '../ui/symbols.js';

/** @import { Act, Model, ScreenName, Session } from './types.d.ts' */

/** The screens that show the lamps: those that send cues. @type {ScreenName[]} */
const WITH_LAMPS = ['rehearse', 'live', 'held'];

/**
 * @param {Act} act
 * @param {HTMLElement} main The element for the screen.
 * @param {HTMLElement} instead The element that may take its place.
 */
export function shell(act, main, instead) {
  const link = badge();
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
  const cannot = h('button', { type: 'button', class: 'bar-button', 'data-action': 'thumb-instead' }, t('thumb_cannot'));
  const toPad = eyesFreeButton(act, 'bar-button', 'unseen');
  // This is shown only while the other device is absent, because a new language reloads the page. A reload
  // loses the link, and a lost link holds the session.
  const languages = languageChooser(act, 'small');
  const goOn = h('button', { type: 'button', class: 'bar-button', 'data-action': 'end-cancel' }, t('end_no'));
  const endNow = h('button', { type: 'button', class: 'bar-button sure', 'data-action': 'end-confirm' }, t('end_yes'));
  const ask = h('div', { id: 'end-ask', role: 'group', 'aria-label': t('end_ask') }, endNow, goOn);
  const bar = h('div', { id: 'bar' }, link.element, languages, cannot, more, toPad, ask, end);
  // One line of one height shows one of three things, so that no cue moves.
  const lamps = receipt();
  const lampNote = h('p', { id: 'lamp-note' });
  const left = h('span', { class: 'left' });
  const question = h('p', { class: 'question' }, h('b', {}, t('ask_title')), left);
  const line = h('div', { class: 'line' }, lamps.element, lampNote, question);

  const stopHint = h('small', { class: 'stop-hint' });
  const stop = h(
    'button',
    { type: 'button', id: 'stop', 'data-action': 'stop', 'data-cue': 'stop' },
    symbol('stop'),
    h('span', { class: 'stop-text' }, h('b', {}, t('stop_big')), stopHint),
  );

  onStop(stop, (began) => act.tap('stop', began));
  onPress(end, () => act.ending(true));
  onPress(cannot, () => act.thumbInstead());
  let drawerIsOpen = false;
  onPress(more, () => act.drawer(!drawerIsOpen));

  onPress(goOn, () => act.ending(false));
  onPress(endNow, () => {
    act.ending(false);
    act.say({ type: 'end' });
  });

  const top = h('header', { id: 'top' }, bar, line);
  const upper = h('div', { id: 'upper' }, top, main, instead);
  document.body.append(upper, h('footer', { id: 'foot' }, stop));

  return {
    /** @param {Model} model @param {ScreenName} screen */
    update(model, screen) {
      const session = sessionOf(model);
      const inSession = session !== null && screen !== 'end' && screen !== 'superseded';
      show(bar, inSession);
      const thumb = thumbIsOn(model, screen);
      const go = session?.view.go === true;
      const asking = inSession && model.ending && !isOver(session);
      const opened = asking && ask.hidden;
      const over = session !== null && isOver(session);
      // End is hidden without a link, because no device would receive it. It is hidden while a thumb holds
      // on, because a touch there is stop.
      show(end, !over && screen !== 'lost' && !(thumb && go) && !asking);
      show(cannot, thumb && !go);
      show(languages, screen === 'pair');
      show(stop, inSession || screen === 'lost');
      show(ask, asking);
      if (opened) goOn.focus();
      const receives = session?.role === 'receiver';
      const withLamps = inSession && receives && WITH_LAMPS.includes(screen);
      drawerIsOpen = model.drawer;
      const mayChange = inSession && receives && !thumb && !asking && !over;
      show(more, mayChange && screen === 'held');
      show(toPad, mayChange && (screen === 'held' || screen === 'live'));
      setAttribute(more, 'aria-expanded', String(model.drawer));
      setAttribute(more, 'aria-label', t(model.drawer ? 'fewer_cues' : 'more_cues'));
      setAttribute(dots, 'class', model.drawer ? 'symbol gone' : 'symbol');
      setAttribute(cross, 'class', model.drawer ? 'symbol' : 'symbol gone');
      const note = session && withLamps ? lampProblem(session.view.lamp) : '';
      const asked = withLamps && screen === 'live' && !thumb ? session.state.check_in : null;
      show(line, withLamps);
      show(lamps.element, note === '' && !asked);
      show(lampNote, note !== '' && !asked);
      show(question, asked !== null);
      if (session && asked) setText(left, t('ask_left', { n: secondsLeft(asked, session.relayNow) }));
      setText(lampNote, note);
      setAttribute(lampNote, 'data-stage', session?.view.lamp?.stage ?? '');
      if (!session) {
        setText(stopHint, t('stop_hint'));
        return;
      }
      lamps.update(session.view.lamp);
      link.update(session);
      setText(stopHint, thumb && go ? t('thumb_stop_hint') : stopText(session));
    },
  };
}

/** The line under the stop button: how far this device's own stop got. @param {Session} session */
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
