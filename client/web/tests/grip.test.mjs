//! The pure parts of hold to consent: what holds, what the screen asks for, and that lifting is a stop
//! everywhere on the page.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { alarmOf } from '../output/alarms.js';
import { changes } from '../screens/changes.js';
import { Grip, SAME_HAND_MS, TAP_MS } from '../input/grip.js';
import { isThumbKey, keyAct } from '../device/keys.js';
import { lateStop } from '../screens/late.js';
import * as logic from '../screens/logic.js';
import { padIsOn } from '../screens/pad-logic.js';
import { askOf, mustBeTold, thumbIsOn, thumbTone } from '../screens/thumb-logic.js';

/** The results of these inputs: `[type, at, id, counts]` each. */
function run(inputs, grip = new Grip()) {
  return inputs.map(([type, at, id = 1, counts = true]) => grip.step({ type, id, at, counts })).filter((said) => said !== null);
}
const LATER = TAP_MS + 1;

test('a contact that stays is the thumb, and letting go lifts it', () => {
  assert.deepEqual(run([['down', 0], ['up', LATER]]), ['down', 'lifted']);
  assert.deepEqual(run([['down', 0], ['cancel', 10]]), ['down', 'lifted']);
});

test('a tap is stop', () => {
  assert.deepEqual(run([['down', 0], ['up', TAP_MS - 1]]), ['down', 'stop']);
});

test('what came down before it could be read is no thumb and no stop', () => {
  assert.deepEqual(run([['down', 0, 1, false], ['up', 60]]), ['lifted']);
});

test('a second contact is one stop, a hand too, and the grip begins anew only after all let go', () => {
  const grip = new Grip();
  assert.deepEqual(run([['down', 0, 1], ['down', 900, 2], ['down', 930, 3]], grip), ['down', 'stop']);
  assert.equal(grip.owner, null);
  assert.deepEqual(run([['up', 1_000, 1], ['down', 1_100, 4], ['up', 1_200, 2], ['up', 1_200, 3], ['up', 1_200, 4]], grip), []);
  assert.deepEqual(run([['down', 2_000, 1]], grip), ['down']);
});

test('a further finger after a stop stops again', () => {
  assert.deepEqual(run([['down', 0, 1], ['down', 900, 2], ['up', 950, 2], ['down', 900 + SAME_HAND_MS, 2]]), ['down', 'stop', 'stop']);
});

test('a key that repeats is no new contact; a key beside a finger is a second one', () => {
  assert.deepEqual(run([['down', 0, 'key KeyT'], ['down', 500, 'key KeyT'], ['up', 900, 'key KeyT']]), ['down', 'lifted']);
  assert.deepEqual(run([['down', 0, 1], ['down', 900, 'key KeyT']]), ['down', 'stop']);
});

test('what is forgotten says nothing any more', () => {
  const grip = new Grip();
  run([['down', 0]], grip);
  grip.forget();
  assert.deepEqual([run([['up', 900]], grip), grip.contacts, grip.owner], [[], [], null]);
});

/** A small repeatable random source. @param {number} seed */
function chance(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('any events at all: nothing is held once all have let go, and a second contact is one stop', () => {
  for (let seed = 1; seed <= 20_000; seed += 1) {
    const of = chance(seed);
    const grip = new Grip();
    const why = `seed ${seed}`;
    let at = 0;
    /** Whether the last result was that the thumb is down. */
    let held = false;
    const inputs = Array.from({ length: 1 + of(24) }, () => {
      at += of(3) === 0 ? of(2_000) : of(150);
      return { type: ['down', 'down', 'up', 'cancel'][of(4)], id: [1, 2, 3, 'key', 'button'][of(5)], at, counts: of(5) > 0 };
    });
    const rest = [1, 2, 3, 'key', 'button'].map((id) => ({ type: 'up', id, at: at + 10 }));
    let stopped = -Infinity;
    for (const input of [...inputs, ...rest]) {
      const before = grip.contacts;
      const said = grip.step(input);
      const fresh = input.type === 'down' && !before.includes(input.id);
      if (said === 'down') {
        assert.ok(fresh && before.length === 0 && input.counts, `${why}: put down by what was no fresh contact`);
        assert.equal(held, false, why);
        held = true;
      } else if (said !== null) held = false;
      if (fresh && before.length === 0) stopped = -Infinity;
      if (fresh && before.length > 0) {
        assert.equal(said, input.at - stopped < SAME_HAND_MS ? null : 'stop', `${why}: a second contact`);
        assert.equal(held, false, why);
        if (said === 'stop') stopped = input.at;
      }
      if (input.type === 'down' && !fresh) assert.equal(said, null, why);
      if (grip.contacts.length === 0) assert.equal(held, false, `${why}: nobody touches, and it is held`);
      if (held) assert.deepEqual(grip.contacts, [grip.owner], `${why}: held by more than one`);
    }
    assert.deepEqual([grip.contacts, grip.owner], [[], null], why);
  }
});

const HOLD = { id: 'h', reason: 'start', by: null, since: 0, tapped_at: null, shown: null, acknowledged: false, count: 0 };
const RELEASED = { ...HOLD, id: 'r', reason: 'released', by: 'receiver', count: 1 };

/** A session with hold to consent that is waiting for ready and the thumb. */
function session(role, { state = {}, view = {}, consent = true, ...rest } = {}) {
  return {
    now: 0,
    relayNow: 0,
    role,
    state: {
      phase: 'held',
      hold: HOLD,
      ready: { receiver: false, helper: false },
      thumb: false,
      peers: { receiver: 'here', helper: 'here' },
      rehearsed: true,
      confirmed: { receiver: true, helper: true, warning_signs: false, cleared: false },
      cue: null,
      earlier: [],
      check_in: null,
      ...state,
    },
    view: { link: 'here', go: false, stopped: false, thumb: false, lamp: null, alarm: null, ...view },
    welcome: { session: 'x', options: { rehearsal: true, setup: true, hold_to_consent: consent } },
    beenLive: true,
    ...rest,
  };
}
const LIVE = { state: { phase: 'live', hold: null, thumb: true }, view: { go: true, thumb: true } };
const released = (role, more = {}) => session(role, { ...more, state: { hold: RELEASED, ...more.state } });
const need = (of) => logic.needs(of).find(({ id }) => id === 'thumb');

test('the screen is the receiver’s thumb’s, in such a session, where it is held or live', () => {
  const on = (screen, device = session('receiver'), ending = false) => thumbIsOn({ ending, device }, screen);
  for (const screen of ['live', 'held']) {
    assert.equal(on(screen), true);
    assert.equal(on(screen, session('helper')), false);
    assert.equal(on(screen, session('receiver', { consent: false })), false);
    assert.equal(on(screen, session('receiver'), true), true, 'asking to end covers nothing');
    assert.equal(on(screen, null), false);
  }
  for (const screen of ['start', 'pair', 'setup', 'rehearse', 'lost', 'superseded', 'end']) assert.equal(on(screen), false);
});

test('the eyes-free pad is not there beside it', () => {
  const model = (consent) => ({ eyesFree: true, ending: false, device: session('receiver', { consent }) });
  assert.equal(padIsOn(model(true), 'held'), false);
  assert.equal(padIsOn(model(false), 'held'), true);
});

test('it asks for the thumb, for patience, or for a fresh one; live only with go', () => {
  assert.equal(askOf(session('receiver'), false), 'put');
  assert.equal(askOf(session('receiver', { view: { thumb: true } }), true), 'keep');
  assert.equal(askOf(session('receiver'), true), 'again');
  assert.equal(askOf(session('receiver', { view: { thumb: true, stopped: true } }), true), 'again');
  assert.equal(askOf(session('receiver', LIVE), true), 'live');
  assert.equal(askOf(session('receiver', { ...LIVE, view: { thumb: true } }), true), 'keep');
});

test('a thumb that does not count is told so, and not over an alarm', () => {
  assert.equal(mustBeTold(session('receiver'), 'again'), true);
  assert.equal(mustBeTold(session('receiver'), 'keep'), false);
  assert.equal(mustBeTold(session('receiver', { view: { alarm: 'not_acknowledged' } }), 'again'), false);
  assert.equal(mustBeTold(session('receiver', { view: { link: 'lost' } }), 'again'), false);
});

test('the thumb is among what is needed, for both, and on its own device only if it counts there', () => {
  assert.equal(need(session('helper', { consent: false })), undefined);
  for (const role of ['receiver', 'helper']) assert.deepEqual(need(session(role)), { id: 'thumb', done: false });
  assert.deepEqual(need(session('helper', { state: { thumb: true } })), { id: 'thumb', done: true });
  assert.deepEqual(need(session('receiver', { state: { thumb: true } })), { id: 'thumb', done: false });
  assert.deepEqual(need(session('receiver', { state: { thumb: true }, view: { thumb: true } })), { id: 'thumb', done: true });
  assert.deepEqual(need(session('helper', { state: { thumb: true }, view: { stopped: true } })), { id: 'thumb', done: false });
});

test('a lifted thumb is red, a stop to the ear, and has words of its own', () => {
  for (const role of ['receiver', 'helper']) {
    const one = released(role);
    assert.equal(logic.isStop(one), true);
    assert.equal(logic.colourOf(one), 'stop');
    assert.equal(thumbTone(one), 'stop');
    assert.equal(logic.holdReason(one), 'released');
    assert.deepEqual(changes(session(role, LIVE), one).map(({ kind }) => kind), ['stop']);
    const again = released(role, { state: { hold: { ...RELEASED, id: 'r2', count: 2 } } });
    assert.deepEqual(changes(one, again).map(({ kind }) => kind), ['stop']);
  }
  assert.equal(logic.whyHeld(released('receiver')), 'held_released_you');
  assert.equal(logic.whyHeld(released('helper')), 'held_released_receiver');
  assert.equal(logic.holdReason(session('helper', { ...LIVE, view: { stopped: true } })), 'stop');
});

test('its alarms are a stop’s: the receiver’s device adds none of a lesser hold', () => {
  assert.equal(alarmOf(released('receiver', { relayNow: 60_000 })), null);
  assert.equal(alarmOf(released('receiver', { view: { alarm: 'not_acknowledged' } })), 'not_acknowledged');
});

test('a lift that came late tells its age', () => {
  const hold = { ...RELEASED, since: 19_500, tapped_at: 8_000 };
  assert.equal(lateStop(released('helper', { relayNow: 20_000, state: { hold } })), 12_000);
});

test('green only with go', () => {
  assert.equal(thumbTone(session('receiver', LIVE)), 'go');
  assert.notEqual(thumbTone(session('receiver', { state: LIVE.state, view: { thumb: true } })), 'go');
  assert.equal(thumbTone(session('receiver')), null);
  assert.equal(thumbTone(session('receiver', { state: { hold: { ...HOLD, reason: 'away' } } })), 'held');
});

test('the keys of the thumb mean nothing else, and are not space', () => {
  const plain = { repeat: false, ctrlKey: false, metaKey: false, altKey: false };
  for (const key of ['t', 'T', 'f', 'j']) {
    assert.equal(isThumbKey({ ...plain, key }), true);
    for (const role of ['receiver', 'helper']) {
      for (const screen of ['live', 'held']) assert.equal(keyAct({ ...plain, key }, { role, screen, onControl: false, typing: false }), null);
    }
  }
  assert.equal(isThumbKey({ ...plain, key: ' ' }), false);
  assert.equal(isThumbKey({ ...plain, key: 't', ctrlKey: true }), false);
});
