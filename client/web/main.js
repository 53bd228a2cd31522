//! Connects the parts of the page: the device, the screens, the sounds and the keys. screens/logic.js decides
//! what to show, and link.js decides what may be shown.

import { alarmOf } from './output/alarms.js';
import { changes } from './screens/changes.js';
import { Elsewhere } from './device/elsewhere.js';
import { ready, t } from './i18n/index.js';
import { Invitation, clearAddress } from './device/invitation.js';
import { keyAct } from './device/keys.js';
import { presentStep, pushStep, stepBack } from './device/optional.js';
import { CLIENT, Device } from './device/socket.js';
import { senses } from './output/senses.js';
import * as store from './device/store.js';
import { readInvitation, tidyName } from './device/typed.js';
import { Relay } from './device/update.js';
import { announcer } from './screens/announce.js';
import { calm } from './output/calm.js';
import { colourOf, holdsToConsent, screenOf, sessionOf } from './screens/logic.js';
import { painter } from './ui/painter.js';
import { guard } from './ui/guard.js';
import { h, isTyping, setAttribute } from './ui/dom.js';
import { pad } from './screens/pad.js';
import { padIsOn, padLook } from './screens/pad-logic.js';
import { hasActed, isRepeat, spendKey } from './input/press.js';
import { screens, titleOf } from './screens/screens.js';
import { share } from './screens/share.js';
import { shell } from './screens/shell.js';
import { thumbIsOn, thumbTone } from './screens/thumb-logic.js';
import { thumb } from './screens/thumb.js';

/** @import { ToRelay } from './device/protocol.d.ts' */
/** @import { Place } from './device/store.js' */
/** @import { Act, Model, Screen, ScreenName, Session } from './screens/types.d.ts' */

await ready;

/** How often ages and countdowns are updated, in milliseconds. */
const REFRESH_MS = 250;

/** For this long after its own shout a device does not announce the same stop, in milliseconds. */
const SHOUT_MS = 1_200;

/** The number of attempts to connect after which the page asks again for the relay's protocol. */
const ASK_EACH = 3;

/** @type {Device | null} */
let device = null;
/** The number of attempts when this was last checked. */
let asked = 0;
/** Whether the device joins by the invitation. */
let byLink = false;
const invitation = new Invitation();
const elsewhere = new Elsewhere(() => device !== null && before !== null && before.state.phase !== 'ended', () => device || render());
const { sound, awake, can } = senses(store.volume(), found);
const relay = new Relay(isIdle, reached);
let ownKeys = store.ownKeys();
/** @type {Omit<Model, 'device' | 'colour' | 'invited' | 'problem' | 'elsewhere'>} */
const local = {
  route: 'start',
  review: null,
  error: null,
  field: null,
  deleted: null,
  recent: store.recentPlaces(),
  relay: 'unknown',
  can: can(relay),
  volume: store.volume(),
  eyesFree: store.eyesFree(),
  drawer: false,
  ending: false,
  note: 'none',
  shared: null,
};

const main = h('main', { id: 'screen' });

/** @type {Act} */
const act = {
  create(role, name, options) {
    begin(withName({ type: 'create', role, options: { ...defaults, ...options }, client: CLIENT }, name));
  },
  joinByCode(code, name) {
    begin(withName({ type: 'join', code, client: CLIENT }, name));
  },
  joinByLink(name) {
    const { secret } = invitation;
    if (secret === null) return;
    begin(withName({ type: 'join', secret, client: CLIENT }, name));
    byLink = true;
  },
  invited(secret) {
    invitation.put(secret);
    local.error = null;
    render();
  },
  resume(place) {
    store.remember({ ...place, at: Date.now() });
    begin({ type: 'resume', token: place.token, client: CLIENT });
  },
  route(to) {
    Object.assign(local, { route: to, error: null, field: null, review: null });
    uninvited();
    render();
  },
  review(place) {
    // The address does not change, because a token must not be in it. The browser's "back" works too.
    pushStep({ review: place.session });
    lookAt(place);
  },
  closeReview() {
    const stepped = reviewed(presentStep()) !== undefined;
    act.route('start');
    if (stepped) stepBack();
  },
  forgetSession(session) {
    store.forgetSession(session);
    local.recent = store.recentPlaces();
  },
  leave() {
    quit();
    store.leaveTab();
    local.route = 'start';
    uninvited();
    render();
  },
  takeBack() {
    const place = store.tabPlace();
    if (place) act.resume(place);
    else act.leave();
  },
  tap: (cue, began) => device?.tap(cue, began),
  thumb: (down, began) => device?.thumb(down, began),
  acknowledge: (began) => device?.acknowledge(began),
  say: (message) => device?.say(message),
  note(text, shared) {
    const link = device?.snapshot().view.link;
    device?.say({ type: 'note', text, shared });
    local.note = link === 'here' || link === 'late' ? 'saved' : 'lost';
    render();
  },
  async share() {
    const link = device?.snapshot().pairing?.link;
    if (!link) return;
    local.shared = { link, became: await share(link), at: performance.now() };
    render();
  },
  drawer(open) {
    local.drawer = open;
    render();
  },
  ending(open) {
    local.ending = open;
    render();
  },
  volume(loud) {
    local.volume = loud;
    sound.setVolume(loud);
    store.keepVolume(loud);
    render();
  },
  eyesFree(on) {
    local.eyesFree = on;
    store.keepEyesFree(on);
    act.drawer(false);
    if (!on && current) focusTitle(current.screen.element);
  },
  thumbInstead: () => hold.instead(),
  play: (tune) => sound.play(tune),
  speak: (words) => sound.say(words, true),
  refresh: () => render(),
  language(language) {
    store.keepLanguage(language);
    // The reload loses the code on screen, so the new page has to ask for a new one.
    if (device?.snapshot().pairing) store.renewLater();
    location.reload();
  },
  trySound() {
    sound.unlock();
    sound.shout();
  },
  askRelay: () => relay.ask(),
  ownKeys(own) {
    ownKeys = own;
    store.keepOwnKeys(own);
  },
  forgetRecent() {
    store.forgetRecent();
    local.recent = [];
    render();
  },
};
/** The default options of a session, the same as the relay's. */
const defaults = /** @type {const} */ ({ check_in_every_s: 90, hold_to_consent: false, keep: '30d', rehearsal: true, setup: true });

const hold = thumb(act);
const frame = shell(act, main, hold.element);
const eyesFree = pad(act);
const announce = announcer(sound);
const colours = calm();
const cover = guard();
const paint = painter((id, acknowledged) => device?.painted(id, acknowledged));
/** @type {{ name: ScreenName, role: string, screen: Screen } | null} */
let current = null;
/** @type {Session | null} */
let before = null;
let lastShout = -SHOUT_MS;
/** Whether a change of the language lost the code that was on screen. */
let renew = store.takeRenew();

/** @param {ToRelay} hello */
function begin(hello) {
  quit();
  Object.assign(local, { error: null, field: null, note: 'none', shared: null });
  byLink = false;
  invitation.problem = null;
  device = new Device(hello, {
    changed,
    shout() {
      lastShout = performance.now();
      sound.shout();
    },
    tooSoon: () => announce.notice(t('notice_too_soon'), 'too_soon'),
    welcomed({ session, role, token }) {
      if (invitation.secret !== null) invitation.drop();
      store.remember({ session, role, token, at: Date.now() });
    },
    failed(code) {
      if (local.note === 'saved') local.note = 'lost';
      // The lamps cannot show these, because they are not about a tap on this device.
      if (code === 'unavailable') announce.notice(t('notice_unavailable'), code);
      else if (code === 'nearly_full') announce.notice(t('notice_nearly_full'), code);
      else if (code === 'shutting_down') announce.notice(t('notice_shutting_down'), code);
    },
  });
  device.start();
}

/** Leaves the session on this device only. The session continues. */
function quit() {
  device?.leave();
  device = null;
  before = null;
  Object.assign(local, { drawer: false, ending: false, recent: store.recentPlaces() });
  sound.alarm(null);
  awake.keep(false);
}

/** Handles a change of what this device can do: updates the list, and in a session shows a notice. */
function found() {
  local.can = can(relay);
  // The list on the start page is not visible in a session.
  if (device && sound.silent) announce.notice(t(sound.hearing === 'interrupted' ? 'notice_sound_interrupted' : 'notice_sound_no'));
  else if (device && awake.state === 'refused') announce.notice(t('notice_awake_refused'));
  if (!device) render();
}

/** Handles a change of what is known about the relay: whether it answers, can be trusted, or the page is
 * stored. */
function reached() {
  Object.assign(local, { relay: relay.reach, can: can(relay) });
  if (!device) render();
}

/** Drops the invitation and any message about it. */
function uninvited() {
  if (invitation.secret !== null) invitation.drop();
  invitation.problem = null;
}

/** Whether a reload would lose nothing: there is no session, no invitation, no typing and no error on the
 * screen. */
function isIdle() {
  const waits = device !== null || invitation.secret !== null || invitation.problem !== null || local.error !== null;
  return !waits && local.route === 'start' && !isTyping(document.activeElement);
}

/** Shows a past session. @param {Place} place */
function lookAt(place) {
  quit();
  store.leaveTab();
  Object.assign(local, { route: 'review', review: place, error: null });
  render();
}

/** The past session of an entry in the browser's history, if this device still has it.
 * @param {unknown} state @returns {Place | undefined} */
function reviewed(state) {
  const session = /** @type {{ review?: unknown } | null} */ (state)?.review;
  return store.recentPlaces().find((place) => place.session === session);
}

/** Handles a change of the device. A refused device leaves the session; every other change is shown. */
function changed() {
  const snapshot = device?.snapshot();
  if (!snapshot) return;
  const { view, state, error, field, welcome, deletedBy, attempts } = snapshot;
  if (attempts !== asked) {
    asked = attempts;
    // A relay that speaks another protocol refuses without a reason.
    if (attempts % ASK_EACH === 0) relay.ask(true);
  }
  const gone = view.link === 'refused' || (view.link === 'over' && !state);
  if (gone) {
    const place = store.tabPlace();
    if (error === 'bad_token' && place) store.forgetToken(place.token);
    else if (error === 'deleted' && place) store.forgetSession(place.session);
    else if (view.link === 'over' && place) store.over(place.session);
    store.leaveTab();
    // With these errors the invitation can never work again. With any other error it may work later.
    if (byLink && (!field || field === 'secret') && (error === 'unknown_code' || error === 'taken' || error === 'ended' || error === 'deleted')) invitation.refused();
    quit();
    Object.assign(local, { error, field });
    local.deleted = error === 'deleted' && place ? { by: deletedBy, role: place.role } : null;
  } else if (error === 'deleted' && welcome) {
    store.forgetSession(welcome.session);
  } else if (state?.phase === 'ended' && welcome && store.tabPlace()) {
    store.over(welcome.session);
  }
  if (renew && view.link === 'here') {
    renew = false;
    device?.say({ type: 'renew_code' });
  }
  render();
}

function render() {
  /** @type {Model} */
  const model = { ...local, device: device?.snapshot() ?? null, colour: null, invited: invitation.secret !== null, problem: invitation.problem, elsewhere: elsewhere.found };
  const session = sessionOf(model);
  model.colour = session && colours.shows(colourOf(session), performance.now());
  const name = screenOf(model);
  const role = session?.role ?? '';
  const heard = changes(before, session);
  // Nothing may cover a stop, a hold or a lost link.
  if (heard.some(({ kind }) => kind === 'stop' || kind === 'held' || kind === 'lost')) {
    model.ending = local.ending = false;
  }
  let entered = false;
  if (current?.name !== name || current.role !== role) {
    const screen = screens[name](act, session?.role ?? 'receiver');
    const hadFocus = current?.screen.element.contains(document.activeElement) ?? false;
    current = { name, role, screen };
    model.drawer = local.drawer = false;
    main.replaceChildren(screen.element);
    entered = hadFocus || document.activeElement === document.body;
    // On the start screen the page may be updated.
    if (name === 'start') relay.ask();
    if (name === 'join') elsewhere.ask();
  }
  const { body } = document;
  setAttribute(body, 'data-screen', name);
  setAttribute(body, 'data-role', role || null);
  const consent = session?.role === 'receiver' && holdsToConsent(session) && name !== 'end';
  setAttribute(body, 'data-consent', consent ? 'true' : null);
  setAttribute(body, 'data-go', String(session?.view.go ?? false));
  setAttribute(body, 'data-layout', padIsOn(model, name) ? 'pad' : thumbIsOn(model, name) ? 'thumb' : null);
  setAttribute(body, 'data-tone', session && toneOf(session, model, name));
  const titled = `${titleOf(name)} · ${t('name')}`;
  if (document.title !== titled) document.title = titled;

  const shown = current.screen.update(model);
  frame.update(model, name);
  cover.update(session?.view.go ?? false, model.device?.freshUntil ?? 0, model.device?.now ?? 0, session?.role ?? 'helper');
  // The focus forces a layout, so it is set once, after all updates of the screen.
  if (entered) focusTitle(current.screen.element);
  const onPad = eyesFree.update(model, name);
  paint(hold.update(model, name) ?? onPad ?? shown);
  const alarm = session && alarmOf(session);
  const shouted = performance.now() - lastShout < SHOUT_MS;
  for (const change of heard) announce.say(change, alarm !== null || shouted);
  announce.place();
  setAttribute(body, 'data-alarm', alarm);
  sound.alarm(alarm);
  const inSession = session !== null && name !== 'end';
  awake.keep(inSession);
  relay.inSession(inSession);
  before = session;
}

/** The background colour. @param {Session} session @param {Model} model @param {ScreenName} name */
function toneOf(session, model, name) {
  if (padIsOn(model, name)) return padLook(session, name).tone;
  if (thumbIsOn(model, name)) return thumbTone(session);
  if (name === 'end' || name === 'superseded') return null;
  const { colour } = model;
  if (colour === 'stop') return 'stop';
  if (name === 'lost') return 'held';
  if (name === 'held') return session.state.hold?.reason === 'start' ? null : 'held';
  return name === 'live' && session.role === 'helper' ? colour : null;
}

/** @param {HTMLElement} screen */
function focusTitle(screen) {
  screen.querySelector('h1')?.focus({ preventScroll: true });
}

/** @param {Extract<ToRelay, { name?: string }>} hello @param {string} name @returns {ToRelay} */
function withName(hello, name) {
  const tidy = tidyName(name);
  store.keepName(tidy);
  return tidy === '' ? hello : { ...hello, name: tidy };
}

/** @param {KeyboardEvent} event */
function key(event) {
  const target = event.target instanceof HTMLElement ? event.target : document.body;
  const where = {
    role: before?.role ?? null,
    screen: current?.name ?? 'start',
    typing: isTyping(target),
    own: ownKeys,
    onControl: target.matches('button, summary, a[href]'),
  };
  const { key: name, code, ctrlKey, metaKey, altKey } = event;
  const meant = keyAct({ key: name, code, ctrlKey, metaKey, altKey, repeat: isRepeat(event) }, where);
  if (meant === null) return;
  // Stop counts from a repeat too, unless this key press has already acted.
  const again = isRepeat(event) && hasActed(event);
  spendKey(event);
  if (again) return;
  if (meant === 'end') act.ending(true);
  else if (meant !== 'acknowledge') device?.tap(meant.tap, event.timeStamp);
  else device?.acknowledge(event.timeStamp);
}

addEventListener('keydown', key, { capture: true });
addEventListener('contextmenu', (event) => before && event.preventDefault());
setInterval(() => device && render(), REFRESH_MS);

function open() {
  invitation.take();
  const invited = invitation.secret !== null;
  // An invitation that cannot be read also opens the page where a code can be typed.
  if (invited || invitation.problem) local.route = 'join';
  const place = store.tabPlace();
  const past = invited ? undefined : reviewed(presentStep());
  if (place && !invited) begin({ type: 'resume', token: place.token, client: CLIENT });
  else if (past) lookAt(past);
  else render();
}
addEventListener('hashchange', () => {
  if (readInvitation(location.hash) === null) return;
  if (device && !isOver()) {
    clearAddress();
    announce.notice(t('notice_invited'));
    return;
  }
  quit();
  store.leaveTab();
  Object.assign(local, { error: null, field: null, review: null });
  open();
});

/** Whether the device's session is over and none of its alarms is active. */
function isOver() {
  const session = before;
  if (!session) return false;
  const over = session.state.phase === 'ended' || session.view.link === 'over' || session.view.link === 'superseded';
  return over && alarmOf(session) === null;
}

addEventListener('popstate', ({ state }) => {
  if (device) return;
  const place = reviewed(state);
  if (place) lookAt(place);
  else if (local.route === 'review') act.route('start');
});
open();
relay.start();
