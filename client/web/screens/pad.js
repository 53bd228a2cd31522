//! The receiver's eyes-free layout: the whole screen is the pad. A tap anywhere is stop, a swipe is another
//! cue, and a long press is ready. Each has its own tune and buzz as an answer.
//! For a glance the pad shows the state, the cue of each direction and how far the last cue got.

import { Gestures, SWIPES } from '../input/gestures.js';
import { first, t } from '../i18n/index.js';
import { keepPractised, practisedIn } from '../device/store.js';
import { armedFor } from '../ui/armed.js';
import { badge } from './badge.js';
import { compassOf, lastCue } from './compass.js';
import { contact } from '../input/contact.js';
import { cueButtons } from './cues.js';
import { TILED } from '../ui/cues.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { shownIds, showNeeds, whyLine } from './held.js';
import { lateText } from './late.js';
import { clock, isStop, needs, secondsLeft, sessionOf } from './logic.js';
import { mayPressReady, padIsOn, padLook, practice, practised, wayOutIsOpen } from './pad-logic.js';
import { onPress } from '../input/press.js';
import { draw, symbol } from '../ui/symbols.js';

/** @import { Cue } from '../device/protocol.d.ts' */
/** @import { Signal } from '../input/gestures.js' */
/** @import { Direction } from '../ui/cues.js' */
/** @import { Act, Model, ScreenName, Session, Shown } from './types.d.ts' */

/** The pad. It is made when it is first shown, because most sessions never show it.
 * @param {Act} act */
export function pad(act) {
  const element = h('div', { id: 'pad', role: 'region', 'aria-label': t('pad_name') });
  show(element, false);
  document.body.append(element);
  /** @type {ReturnType<typeof make> | null} */
  let made = null;
  return {
    /**
     * Shows the pad if it is to be the whole screen now.
     * @param {Model} model @param {ScreenName} screen
     * @returns {Shown[] | null} What the pad shows, for the receipts; null if the pad is hidden.
     */
    update(model, screen) {
      if (!made && !padIsOn(model, screen)) return null;
      made ??= make(element, act);
      return made.update(model, screen);
    },
  };
}

/** @param {HTMLElement} element @param {Act} act */
function make(element, act) {
  const surface = h('button', { type: 'button', class: 'pad-surface', 'aria-describedby': 'pad-help', 'aria-label': t('cue_stop') });
  const help = h('p', { id: 'pad-help', class: 'unseen' }, t('pad_help'));
  const link = badge();
  const picture = symbol('held', 'symbol pad-symbol');
  const word = h('h1', { class: 'pad-word' });
  const line = h('p', { class: 'pad-line' });
  const late = h('p', { class: 'late' });
  const list = h('ul', { class: 'needs', 'data-many': 'true', 'aria-label': t('held_missing') });
  const pressWord = h('span', {});
  const press = h('p', { class: 'pad-press' }, symbol('ready'), pressWord);
  const compass = compassOf(press);
  const last = lastCue();
  const view = h(
    'div',
    { class: 'pad-view' },
    h('div', { class: 'pad-top' }, link.element),
    h('div', { class: 'pad-state' }, picture, h('div', {}, word, line, late)),
    list,
    compass.element,
    last.element,
  );
  const out = h('button', { type: 'button', class: 'pad-out', 'data-action': 'eyes-free-off' }, t('pad_out'));
  const hiddenOut = h('button', { type: 'button', class: 'secondary', 'data-action': 'eyes-free-leave' }, t('pad_out_long'));
  const buttons = h('div', { class: 'pad-buttons' }, h('div', { class: 'cues' }, ...cueButtons(act, TILED)), hiddenOut);
  setText(pressWord, t('pad_press'));
  element.append(surface, help, view, out, buttons);

  /** @type {{ session: Session, screen: ScreenName, asked: Direction | null } | null} */
  let now = null;
  let done = 0;
  /** @type {number | null} */
  let lostSince = null;
  let hint = '';
  let prompted = '';
  /** Whether a stop from here has no effect: the session is over, or another device has its place. */
  let over = false;
  const armed = armedFor();
  const mayBeReady = () => now !== null && armed.ready() && mayPressReady(now.session, now.screen, now.asked);
  const touches = contact(surface, new Gestures(mayBeReady), heard);
  // A screen reader or a key only clicks; a finger acts as it touches.
  surface.addEventListener('click', () => act.tap('stop'));
  let began = 0;
  surface.addEventListener('pointerdown', (event) => event.isPrimary && (began = event.timeStamp));
  onPress(out, () => act.eyesFree(false));
  // If the session goes live, this button hides under the finger; the tap is then a stop, and not lost.
  for (const lift of ['pointerup', 'pointercancel']) out.addEventListener(lift, () => out.hidden && act.tap('stop'));
  onPress(hiddenOut, () => act.eyesFree(false));

  /** @param {Signal} signal */
  function heard(signal) {
    if (over) return;
    setAttribute(element, 'data-press', signal.kind === 'pressing' ? String(signal.step) : signal.kind === 'armed' ? 'armed' : null);
    setText(pressWord, t(signal.kind === 'armed' ? 'pad_lift' : 'pad_press'));
    if (signal.kind !== 'cue') act.play(signal.kind);
    else if (now?.asked && signal.cue !== 'stop') exercise(now.session, now.asked, signal.cue);
    else say(signal.cue);
  }

  /** @param {Cue} cue */
  function say(cue) {
    // The alarm already sounds this device's own stop.
    if (cue !== 'stop') act.play(cue);
    // A cue for more pressure is always spoken, because the phone may lie the other way round.
    if (cue === 'more_pressure') act.speak(t('cue_more_pressure'));
    // Only the long press of one finger says ready, so `began` is when that finger came down.
    act.tap(cue, cue === 'ready' ? began : undefined);
  }

  /** Judges a practice swipe, which is never sent.
   * @param {Session} session @param {Direction} asked @param {Cue} cue */
  function exercise({ welcome }, asked, cue) {
    act.play(cue);
    const how = practised(asked, cue);
    hint = how === 'right' ? '' : t(`pad_was_${how}`, { cue: t(`cue_${cue}`) });
    if (how === 'right') done += 1;
    else prompted = '';
    if (welcome) keepPractised(welcome.session, done);
    act.refresh();
  }

  /** Says once, aloud, what to practise now.
   * @param {Session} session @param {Direction | null} asked @param {ScreenName} screen */
  function prompt({ welcome }, asked, screen) {
    const words = asked ? wordsOf(asked) : screen === 'rehearse' ? t('pad_try_stop') : '';
    const key = `${welcome?.session} ${words}`;
    if (words !== '' && prompted !== key) act.speak(`${hint} ${words}`.trim());
    if (words !== '') prompted = key;
  }

  return {
    /** The pad's `update`. @param {Model} model @param {ScreenName} screen @returns {Shown[] | null} */
    update(model, screen) {
      const session = padIsOn(model, screen) ? sessionOf(model) : null;
      const entered = session !== null && element.hidden;
      show(element, session !== null);
      over = sessionOf(model) === null || screen === 'end' || screen === 'superseded';
      if (!session) {
        now = null;
        touches.cancel();
        return null;
      }
      if (entered || now?.session.welcome?.session !== session.welcome?.session) {
        done = session.welcome ? practisedIn(session.welcome.session) : 0;
        hint = '';
      }
      lostSince = screen === 'lost' ? (lostSince ?? session.now) : null;
      const asked = practice(session, screen, done);
      now = { session, screen, asked };
      armed.shows(`${screen} ${session.state.hold?.id} ${asked}`);
      if (entered) surface.focus({ preventScroll: true });
      const lostFor = lostSince === null ? 0 : session.now - lostSince;
      const open = wayOutIsOpen(session, screen, lostFor);
      show(out, open);
      setAttribute(element, 'data-out', String(open));

      const look = padLook(session, screen);
      setAttribute(element, 'data-look', look.tone ?? 'calm');
      setAttribute(element, 'data-practice', String(asked !== null));
      draw(picture, asked ? SWIPES[asked] : look.symbol);
      link.update(session);
      setText(word, stateWord(session, screen, asked));
      const told = hint === '' || !asked ? stateLine(session, screen, asked, lostFor) : hint;
      setText(line, told);
      const lateness = lateText(session);
      setText(late, lateness);
      show(late, lateness !== '');
      const held = screen === 'held' && asked === null;
      show(list, held);
      if (held) showNeeds(list, needs(session), session);
      show(press, mayBeReady());
      compass.update(asked, screen);
      last.update(session, asked !== null);
      prompt(session, asked, screen);
      if (screen === 'lost' || screen === 'rehearse') return [];
      return screen === 'held' ? shownIds(session) : session.state.check_in ? [session.state.check_in.id] : [];
    },
  };
}

/** @param {Direction} asked */
function wordsOf(asked) {
  return t(`pad_try_${asked}`, { cue: t(`cue_${SWIPES[asked]}`) });
}

/** @param {Session} session @param {ScreenName} screen @param {Direction | null} asked */
function stateWord(session, screen, asked) {
  if (asked) return wordsOf(asked);
  if (screen === 'lost') return t('lost_title');
  if (screen === 'rehearse') return t('pad_try_stop');
  if (isStop(session)) return t('held_stop');
  if (screen === 'live') return t(session.state.check_in ? 'ask_title' : 'live_title');
  return session.state.phase === 'live' ? t('wait_receiver') : first(`held_${session.state.hold?.reason}`);
}

/** @param {Session} session @param {ScreenName} screen @param {Direction | null} asked
 * @param {number} lostFor */
function stateLine(session, screen, asked, lostFor) {
  const { state, relayNow, view } = session;
  if (view.alarm === 'not_delivered') return t('stop_not_delivered');
  if (asked) return t('pad_practice');
  if (screen === 'lost') return `${t('lost_do_receiver')} · ${t('lost_for', { time: clock(lostFor) })}`;
  if (screen === 'rehearse') return t('rehearse_receiver_hint');
  if (screen === 'held') return state.hold?.reason === 'start' ? t('held_do_start') : whyLine(session);
  if (!state.check_in) return t('pad_live');
  return `${t('pad_ask')} · ${t('ask_left', { n: secondsLeft(state.check_in, relayNow) })}`;
}
