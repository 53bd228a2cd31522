//! The pure parts: the screen, the colour, what is missing, keys, changes, ids and clocks.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { capabilities } from '../output/capabilities.js';
import { changes } from '../screens/changes.js';
import { Clock, RelayClock } from '../device/clock.js';
import { words as en } from '../i18n/en.js';
import { freshId } from '../device/ids.js';
import { keyAct } from '../device/keys.js';
import { whole } from '../device/link/state.js';
import * as logic from '../screens/logic.js';
import { HOLD, LIVE, session } from './fixture.mjs';

const screen = (device) => logic.screenOf({ route: 'start', device });
const cue = (name, more = {}) => ({ id: name, cue: name, at: 0, shown: null, acknowledged: null, ...more });

test('without a session the route is shown, and a page that comes back knows nothing yet', () => {
  assert.equal(screen(null), 'start');
  assert.equal(logic.screenOf({ route: 'join', device: null }), 'join');
  const blank = { ...session('helper', { view: { link: 'connecting' } }), state: null, role: null };
  assert.equal(screen(blank), 'start');
  assert.equal(screen({ ...blank, resuming: true }), 'lost');
  assert.equal(screen(session('helper', { view: { link: 'refused' } })), 'start');
});

test('each state has its screen', () => {
  for (const role of ['receiver', 'helper']) {
    const peers = { receiver: 'here', helper: 'here', [logic.other(role)]: 'absent' };
    assert.equal(screen(session(role, { state: { phase: 'waiting', hold: null, peers } })), 'pair');
    assert.equal(screen(session(role, { state: { confirmed: { receiver: false, helper: false, warning_signs: null } } })), 'setup');
    assert.equal(screen(session(role, { state: { rehearsed: false } })), 'rehearse');
    assert.equal(screen(session(role)), 'held');
    assert.equal(screen(session(role, LIVE)), 'live');
    assert.equal(screen(session(role, { view: { link: 'lost' } })), 'lost');
    assert.equal(screen(session(role, { view: { link: 'superseded' } })), 'superseded');
    assert.equal(screen(session(role, { view: { link: 'over' } })), 'end');
    assert.equal(screen(session(role, { state: { phase: 'ended' } })), 'end');
  }
});

test('live is never shown without go', () => {
  assert.equal(screen(session('helper', { state: LIVE.state })), 'held');
  assert.equal(screen(session('helper', { ...LIVE, view: { go: false, stopped: true } })), 'held');
});

test('a stop that waits for hands off comes before set-up and rehearsal', () => {
  const state = { hold: { ...HOLD, reason: 'stop', count: 1 }, rehearsed: false };
  assert.equal(screen(session('helper', { state })), 'held');
  assert.equal(screen(session('receiver', { state })), 'held');
});

test('a warning sign keeps both on the advice, even when the lists are waived', () => {
  const state = { confirmed: { receiver: true, helper: true, warning_signs: true } };
  for (const role of ['receiver', 'helper']) {
    assert.equal(screen(session(role, { state, options: { setup: false } })), 'setup');
  }
});

test('what was waived is neither asked nor missing', () => {
  const state = { rehearsed: false, confirmed: { receiver: false, helper: false, warning_signs: null } };
  const waived = session('helper', { state, options: { setup: false, rehearsal: false } });
  assert.equal(screen(waived), 'held');
  assert.deepEqual(logic.needs(waived).map(({ id }) => id), ['link', 'receiver_ready', 'helper_ready']);
});

test('the list of what is missing ticks itself', () => {
  const hold = { ...HOLD, reason: 'stop', count: 1 };
  const open = logic.needs(session('helper', { state: { hold, rehearsed: false } }));
  assert.deepEqual(open, [
    { id: 'hands_off', done: false },
    { id: 'link', done: true },
    { id: 'set_up', done: true },
    { id: 'rehearsal', done: false },
    { id: 'receiver_ready', done: false },
    { id: 'helper_ready', done: false },
  ]);
  const state = { hold: { ...hold, acknowledged: true }, ready: { receiver: true, helper: false }, peers: { receiver: 'lost', helper: 'here' } };
  const later = logic.needs(session('helper', { state, beenLive: true }));
  assert.deepEqual(later, [
    { id: 'hands_off', done: true },
    { id: 'link', done: false },
    { id: 'receiver_ready', done: true },
    { id: 'helper_ready', done: false },
  ]);
});

test('a stop under way unticks hands off and ready at once', () => {
  const state = { hold: { ...HOLD, reason: 'away', acknowledged: true }, ready: { receiver: true, helper: true } };
  const needs = logic.needs(session('receiver', { state, view: { stopped: true }, beenLive: true }));
  assert.deepEqual(needs.filter(({ done }) => done).map(({ id }) => id), ['link']);
});

test('the helper says hands off before ready; the receiver need not wait', () => {
  const state = { hold: { ...HOLD, reason: 'stop' } };
  assert.equal(logic.mayBeReady(session('helper', { state })), false);
  assert.equal(logic.mayBeReady(session('receiver', { state })), true);
  assert.equal(logic.mayBeReady(session('receiver', { state, view: { stopped: true } })), false);
});

test('green only with go, red whenever anybody said stop', () => {
  assert.equal(logic.colourOf(session('helper', LIVE)), 'go');
  assert.equal(logic.colourOf(session('helper', { state: LIVE.state })), 'held');
  assert.equal(logic.colourOf(session('helper', { ...LIVE, view: { go: false, stopped: true } })), 'stop');
  const acknowledged = { hold: { ...HOLD, reason: 'stop', acknowledged: true } };
  assert.equal(logic.colourOf(session('helper', { state: acknowledged })), 'stop');
});

test('a cue colours the screen until it is seen; stay goes on', () => {
  const with_ = (one, more) => session('helper', { ...LIVE, state: { ...LIVE.state, cue: one, ...more } });
  assert.equal(logic.colourOf(with_(cue('slower'))), 'slow');
  assert.equal(logic.colourOf(with_(cue('more_pressure'))), 'more');
  assert.equal(logic.colourOf(with_(cue('left'))), 'dir');
  assert.equal(logic.colourOf(with_(cue('slower', { acknowledged: 1 }))), 'go');
  assert.equal(logic.colourOf(with_(cue('stay', { acknowledged: 1 }))), 'stay');
  const asked = { id: 'q', by: 'helper', asked_at: 0, due_at: 1, again: false, shown: null };
  assert.equal(logic.colourOf(with_(cue('slower'), { check_in: asked })), 'ask');
});

test('why it is held has words for every reason and cause', () => {
  const causes = {
    start: [null],
    stop: ['receiver', 'helper'],
    link_lost: ['receiver', 'helper', null],
    away: ['receiver', 'helper'],
    no_answer: [null],
    released: ['receiver'],
  };
  for (const [reason, by] of Object.entries(causes).flatMap(([why, who]) => who.map((one) => [why, one]))) {
    for (const role of ['receiver', 'helper']) {
      const key = logic.whyHeld(session(role, { state: { hold: { ...HOLD, reason, by } } }));
      assert.ok(key in en, key);
    }
  }
});

test('a time is minutes and seconds', () => {
  assert.equal(logic.clock(278_400), '4:38');
});

const KEY = { repeat: false, ctrlKey: false, metaKey: false, altKey: false };
const key = (name, where) =>
  keyAct({ ...KEY, key: name }, { role: 'receiver', screen: 'live', onControl: false, typing: false, ...where });

test('stop keys stop on every screen of a session, and nowhere else', () => {
  for (const name of [' ', 'Escape', 'b', 'B', '.']) {
    for (const where of ['pair', 'setup', 'rehearse', 'live', 'held', 'lost']) {
      for (const role of ['receiver', 'helper']) {
        assert.deepEqual(key(name, { screen: where, role, onControl: true }), { tap: 'stop' });
      }
    }
    assert.equal(key(name, { screen: 'start', role: null }), null);
    assert.equal(key(name, { screen: 'end' }), null);
    if (name !== 'Escape') assert.equal(key(name, { typing: true }), null);
  }
});

test('a stop key stops with any other key held, and browser short cuts stay', () => {
  const where = { role: 'receiver', screen: 'live', onControl: false, typing: false };
  assert.deepEqual(keyAct({ ...KEY, key: ' ', ctrlKey: true }, where), { tap: 'stop' });
  assert.equal(keyAct({ ...KEY, key: 'b', ctrlKey: true }, where), null);
});

test('a held-down key is one tap, and only stop is taken by a repetition whose beginning went elsewhere', () => {
  const where = { role: 'receiver', screen: 'live', onControl: false, typing: false };
  for (const name of ['s', 'm', 'g', 'Enter']) assert.equal(keyAct({ ...KEY, key: name, repeat: true }, where), null);
  assert.equal(keyAct({ ...KEY, key: 'r', repeat: true }, { ...where, screen: 'held' }), null);
  assert.deepEqual(keyAct({ ...KEY, key: ' ', repeat: true }, where), { tap: 'stop' });
});

test('each role has its own keys', () => {
  assert.deepEqual(key('s'), { tap: 'slower' });
  assert.deepEqual(key('h'), { tap: 'left' });
  assert.deepEqual(key('ArrowRight'), { tap: 'right' });
  assert.equal(key('s', { role: 'helper' }), null);
  assert.deepEqual(key('c', { role: 'helper' }), { tap: 'check_in' });
  assert.equal(key('c'), null);
  assert.equal(key('Enter', { role: 'helper' }), 'acknowledge');
  assert.equal(key('Enter', { role: 'helper', onControl: true }), null);
  assert.equal(key('PageDown', { role: 'helper', onControl: true }), 'acknowledge');
  assert.deepEqual(key('PageDown'), { tap: 'slower' });
  assert.equal(key('r'), null);
  assert.deepEqual(key('r', { screen: 'held' }), { tap: 'ready' });
});

const kinds = (before, after) => changes(before, after).map(({ kind }) => kind);

test('a stop is told once, and a further one again', () => {
  const own = session('receiver', { ...LIVE, view: { go: false, stopped: true } });
  const hold = { ...HOLD, id: 's', reason: 'stop', by: 'receiver', count: 1 };
  const carried = session('receiver', { state: { hold } });
  const again = session('receiver', { state: { hold: { ...hold, id: 's2', count: 2 } } });
  assert.deepEqual(kinds(session('receiver', LIVE), own), ['stop']);
  assert.deepEqual(kinds(own, carried), []);
  assert.deepEqual(kinds(carried, again), ['stop']);
});

test('cues, questions, links and receipts are heard when they come', () => {
  const live = session('helper', LIVE);
  const slower = session('helper', { ...LIVE, state: { ...LIVE.state, cue: cue('slower') } });
  assert.deepEqual(changes(live, slower), [{ kind: 'cue', cue: 'slower' }]);
  assert.deepEqual(changes(slower, slower), []);
  const lost = session('helper', { ...LIVE, view: { link: 'lost' } });
  assert.deepEqual(kinds(live, lost), ['lost']);
  assert.deepEqual(kinds(lost, live), ['back']);
  const lamp = (stage) => session('receiver', { ...LIVE, view: { go: true, lamp: { id: 'a', cue: 'slower', stage } } });
  assert.deepEqual(kinds(lamp('relayed'), lamp('shown')), ['shown']);
  assert.deepEqual(kinds(lamp('shown'), lamp('acknowledged')), ['acknowledged']);
  const stay = { ...LIVE, state: { ...LIVE.state, cue: cue('stay') } };
  const at = (relayNow) => session('helper', { ...stay, relayNow });
  assert.deepEqual(changes(at(14_900), at(15_100)), [{ kind: 'mark', seconds: 15 }]);
});

test('ids are version 7 UUIDs that carry the time', () => {
  const id = freshId(0x0123456789ab, new Uint8Array(16).fill(0xff));
  assert.equal(id, '01234567-89ab-7fff-bfff-ffffffffffff');
  assert.match(freshId(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('sleep counts, and a clock set back does not run back', () => {
  let performance = 0;
  let wall = 1_000_000;
  const clock = new Clock(() => performance, () => wall);
  performance = 100;
  wall += 100;
  assert.deepEqual(clock.read(), { now: 100, jumped: false });
  performance = 150;
  wall += 60_050;
  assert.deepEqual(clock.read(), { now: 60_150, jumped: true });
  performance = 200;
  wall -= 86_400_000;
  assert.deepEqual(clock.read(), { now: 60_200, jumped: false });
});

test('short sleeps that a browser does not count add up', () => {
  let performance = 0;
  let wall = 1_000_000;
  const clock = new Clock(() => performance, () => wall);
  let now = 0;
  let jumps = 0;
  // The device is awake for 100 ms and asleep for 200 ms, ten times.
  for (let n = 0; n < 10; n += 1) {
    performance += 100;
    wall += 300;
    const read = clock.read();
    assert.ok(read.now >= now, 'it never runs backwards');
    now = read.now;
    if (read.jumped) jumps += 1;
  }
  assert.equal(now, 3_000);
  assert.equal(jumps, 5);
});

test('a clock that is slowly set right is no sleep', () => {
  let performance = 0;
  let wall = 1_000_000;
  const clock = new Clock(() => performance, () => wall);
  for (let n = 0; n < 400; n += 1) {
    performance += 1_000;
    wall += 1_000.5;
    assert.equal(clock.read().jumped, false);
  }
});

test('the relay clock trusts the least round trip', () => {
  const relay = new RelayClock();
  relay.heard(0, 400, 5_000);
  assert.equal(relay.at(400), 5_200);
  relay.heard(500, 510, 5_305);
  assert.equal(relay.at(510), 5_310);
  relay.heard(600, 1_400, 9_999);
  assert.equal(relay.at(1_400), 6_200);
});

test('every line on what a device can do has words', () => {
  for (const on of [true, false]) {
    for (const ios of [true, false]) {
      const browser = { audio: on, speech: on, voice: !ios, vibration: on, wakeLock: on, video: !on, secure: on, ios, installed: ios };
      for (const hearing of ['unknown', 'yes', 'interrupted', 'silent']) {
        for (const awake of ['off', 'asked', 'lock', 'video', 'refused']) {
          for (const { name, line } of capabilities(browser, { awake, hearing, kept: on })) assert.ok(en[name] && en[line], line);
        }
      }
    }
  }
});

test('no words are empty, and every error and cue has some', () => {
  for (const [name, words] of Object.entries(en)) assert.ok(words.length > 0, name);
});

test('a state reads what it leaves out as nothing: not acknowledged, not ready, not seen', () => {
  const least = { seq: 1, epoch: 1, phase: 'held', peers: { receiver: 'here', helper: 'here' } };
  const neither = { receiver: false, helper: false };
  assert.deepEqual(whole(least), {
    ...least,
    ready: neither,
    ready_expired: neither,
    thumb: false,
    names: { receiver: null, helper: null },
    rehearsed: false,
    confirmed: { ...neither, warning_signs: null, cleared: false },
    hold: null,
    cue: null,
    earlier: [],
    check_in: null,
    still_holding: null,
    live_since: null,
    ended: null,
  });
  const hold = { id: 'a', reason: 'stop', since: 1, count: 1 };
  const cue = { id: 'b', cue: 'slower', at: 1 };
  const unseen = { tapped_at: null, shown: null };
  const more = whole({ ...least, hold, cue, earlier: [cue], confirmed: { helper: true } });
  assert.deepEqual(more.hold, { ...hold, ...unseen, by: null, acknowledged: false });
  assert.deepEqual(more.cue, { ...cue, ...unseen, acknowledged: null });
  assert.deepEqual(more.earlier, [more.cue]);
  assert.deepEqual(more.confirmed, { receiver: false, helper: true, warning_signs: null, cleared: false });
  assert.deepEqual(whole(more), more, 'and nothing that it says is changed');
});
