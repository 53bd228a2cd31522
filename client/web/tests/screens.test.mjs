//! What the page shows, case by case: the screen, the colour, the reason of a hold and what is missing.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { alarmOf } from '../output/alarms.js';
import { Gestures, READY_MS, SAME_HAND_MS, STILL_PX } from '../input/gestures.js';
import { Grip, TAP_MS } from '../input/grip.js';
import * as logic from '../screens/logic.js';
import { padLook, practice, practised, wayOutIsOpen } from '../screens/pad-logic.js';
import { thumbTone } from '../screens/thumb-logic.js';
import { HOLD, LIVE, session } from './fixture.mjs';

const STOP = { ...HOLD, id: 's', reason: 'stop', by: 'receiver', count: 1 };
const held = (hold, more = {}) => session(more.role ?? 'helper', { ...more, state: { hold: { ...HOLD, ...hold }, ...more.state } });
const screen = (device, route = 'start') => logic.screenOf({ route, device });
const COLOURS = {
  stop: 'stop', ready: 'go', slower: 'slow', ease_up: 'slow', more_pressure: 'more', stay: 'stay', left: 'dir', right: 'dir', good: 'go', check_in: 'ask',
};

test('each has another', () => {
  assert.deepEqual(['receiver', 'helper'].map(logic.other), ['helper', 'receiver']);
});

test('a place that is lost before the session was known says by what', () => {
  const blank = (link, more) => ({ ...session('helper', { view: { link } }), state: null, role: null, ...more });
  assert.equal(screen(blank('superseded')), 'superseded');
  assert.equal(screen(blank('refused', { resuming: true }), 'join'), 'join');
  assert.equal(screen(blank('lost', { resuming: true })), 'lost');
});

test('a stop that no state carries yet goes before set-up, rehearsal and go', () => {
  const stopped = { stopped: true };
  const nothing = { receiver: false, helper: false, warning_signs: null };
  assert.equal(screen(session('receiver', { state: { confirmed: nothing } })), 'setup');
  assert.equal(screen(session('receiver', { state: { confirmed: nothing }, view: stopped })), 'held');
  assert.equal(screen(session('receiver', { state: { rehearsed: false }, view: stopped })), 'held');
  assert.equal(screen(session('helper', { ...LIVE, view: { go: true, ...stopped } })), 'held');
  assert.equal(logic.colourOf(session('helper', { ...LIVE, view: { go: true, ...stopped } })), 'stop');
});

test('set-up is asked of whoever has not answered all of it', () => {
  const mine = (role, confirmed, options) => logic.setUpIsMine(session(role, { state: { confirmed }, options }));
  const both = { receiver: true, helper: true };
  assert.equal(mine('receiver', { ...both, warning_signs: null }), true, 'the list alone is not all');
  assert.equal(mine('helper', { ...both, warning_signs: null }), false, 'the question is the receiver’s');
  assert.equal(mine('receiver', { ...both, warning_signs: false }), false);
  assert.equal(mine('helper', { receiver: true, helper: false, warning_signs: false }), true);
  for (const role of ['receiver', 'helper']) {
    assert.equal(mine(role, { ...both, warning_signs: true }), true, 'the advice is for both');
    assert.equal(mine(role, { ...both, warning_signs: true }, { setup: false }), true, 'waived or not');
    assert.equal(mine(role, { receiver: false, helper: false, warning_signs: null }, { setup: false }), false);
  }
  const done = (receiver, helper, warning_signs) => logic.setUpIsDone(session('helper', { state: { confirmed: { receiver, helper, warning_signs } } }));
  assert.equal(done(true, true, false), true);
  for (const missing of [[false, true, false], [true, false, false], [true, true, null], [true, true, true]]) {
    assert.equal(done(...missing), false);
  }
});

test('the list of what is missing ticks itself', () => {
  const needs = (one) => Object.fromEntries(logic.needs(one).map(({ id, done }) => [id, done]));
  const stopped = needs(session('helper', { view: { stopped: true }, state: { ready: { receiver: true, helper: true } }, beenLive: true }));
  assert.deepEqual(stopped, { hands_off: false, link: true, receiver_ready: false, helper_ready: false });
  assert.equal(needs(session('helper', { view: { link: 'late' } })).link, true);
  assert.equal(needs(session('helper', { view: { link: 'lost' } })).link, false);
  for (const [peer, up] of [['here', true], ['late', true], ['lost', false], ['away', false]]) {
    assert.equal(needs(session('helper', { state: { peers: { receiver: peer, helper: 'here' } } })).link, up);
    assert.equal(needs(session('helper', { state: { peers: { receiver: 'here', helper: peer } } })).link, up);
  }
  const ready = { receiver: true, helper: true };
  assert.equal(needs(session('helper', { state: { ready } })).helper_ready, true);
  assert.equal(needs(session('helper', { state: { phase: 'live', hold: null, ready } })).helper_ready, false, 'said, and used up');
});

test('ready is to be said while held, by the helper after “hands off”', () => {
  const may = (role, state, view) => logic.mayBeReady(session(role, { state, view }));
  for (const role of ['receiver', 'helper']) {
    assert.equal(may(role, {}), true, 'before the first go there is no hands off');
    assert.equal(may(role, { hold: { ...STOP, acknowledged: true } }), true);
    assert.equal(may(role, { phase: 'live', hold: null }), false);
    assert.equal(may(role, { ready: { receiver: true, helper: true } }), false);
    assert.equal(may(role, {}, { stopped: true }), false);
  }
  assert.equal(may('receiver', { hold: STOP }), true);
  assert.equal(may('helper', { hold: STOP }), false);
});

test('a page that does not know yet what was agreed asks for nothing', () => {
  const one = session('receiver', { welcome: null, state: { confirmed: { receiver: false, helper: false, warning_signs: null }, rehearsed: false } });
  assert.equal(logic.setUpIsMine(one), false);
  assert.equal(screen(one), 'held');
  assert.deepEqual(logic.needs(one).map(({ id }) => id), ['link', 'receiver_ready', 'helper_ready']);
  assert.equal(practice(one, 'rehearse', 0), null);
});

test('why it is held, and whose stop it is', () => {
  const lamp = (cue, stage) => ({ id: 'l', cue, stage });
  const why = (role, view, hold) => logic.whyHeld(session(role, { view: { stopped: true, ...view }, state: { hold } }));
  assert.equal(why('receiver', { lamp: lamp('stop', 'sent') }, HOLD), 'held_stop_you');
  assert.equal(why('receiver', { lamp: lamp('stop', 'sent') }, null), 'held_stop_you');
  assert.equal(why('receiver', { lamp: lamp('stop', 'acknowledged') }, null), 'held_stop_helper', 'its own is dealt with');
  assert.equal(why('receiver', { lamp: lamp('slower', 'sent') }, null), 'held_stop_helper');
  assert.equal(why('helper', { lamp: null }, null), 'held_stop_receiver');
  assert.equal(why('helper', { lamp: null }, STOP), 'held_stop_receiver');
  assert.equal(why('receiver', { lamp: lamp('slower', 'sent') }, STOP), 'held_stop_you', 'the state knows whose');
  assert.equal(why('helper', { stopped: false }, { ...HOLD, reason: 'link_lost', by: null }), 'held_link_lost_nobody');
  assert.equal(why('helper', { stopped: false }, null), 'wait_hint');
  assert.equal(logic.holdReason(session('helper', { view: { stopped: true } })), 'stop');
  assert.equal(logic.holdReason(held({ reason: 'released' }, { view: { stopped: true } })), 'released');
  assert.equal(logic.holdReason(held({ reason: 'away' })), 'away');
  assert.equal(logic.holdReason(session('helper', { state: { hold: null } })), 'start');
  assert.equal(logic.isStop(session('helper', { state: { phase: 'ended', hold: STOP } })), false, 'it is over');
});

test('each cue has its colour, and “stay” keeps it when it is seen', () => {
  for (const [name, colour] of Object.entries(COLOURS)) {
    const cue = { id: 'c', cue: name, at: 0, shown: 1, acknowledged: null };
    const shows = (cue) => logic.colourOf(session('helper', { ...LIVE, state: { ...LIVE.state, cue } }));
    assert.equal(shows(cue), colour);
    assert.equal(shows({ ...cue, acknowledged: 2 }), name === 'stay' ? 'stay' : 'go');
  }
});

test('a time is read as it is written', () => {
  assert.equal(logic.clock(65_000), '1:05');
});

test('the pad’s colour and symbol', () => {
  const look = (on, one) => padLook(one, on);
  assert.deepEqual(look('lost', held(STOP)), { tone: 'stop', symbol: 'lost' });
  assert.deepEqual(look('held', held(STOP)), { tone: 'stop', symbol: 'stop' });
  assert.deepEqual(look('lost', held({})), { tone: 'held', symbol: 'lost' });
  assert.deepEqual(look('rehearse', held({ reason: 'away' })), { tone: null, symbol: 'held' });
  assert.deepEqual(look('held', held({})), { tone: null, symbol: 'held' });
  for (const [reason, symbol] of [['link_lost', 'lost'], ['away', 'lost'], ['no_answer', 'held']]) {
    assert.deepEqual(look('held', held({ reason })), { tone: 'held', symbol });
  }
  const question = { id: 'q' };
  assert.deepEqual(look('live', session('receiver', { ...LIVE, state: { ...LIVE.state, check_in: question } })), { tone: 'ask', symbol: 'check_in' });
  assert.deepEqual(look('live', session('receiver', { state: LIVE.state })), { tone: 'held', symbol: 'held' }, 'live, and no proof of it');
});

test('the practice knows a phone that lies the other way round', () => {
  for (const [asked, opposite] of [['left', 'good'], ['right', 'slower'], ['up', 'ease_up'], ['down', 'more_pressure']]) {
    assert.equal(practised(asked, opposite), 'opposite');
  }
  const one = session('receiver', { beenLive: false });
  assert.equal(practice(one, 'held', 0), 'left');
  assert.equal(practice(one, 'lost', 0), null, 'only where it can be answered');
  assert.equal(wayOutIsOpen(session('receiver', { state: { hold: null } }), 'held', 0), true);
});

test('the thumb’s screen asks while a question is open', () => {
  const live = (state) => session('receiver', { ...LIVE, state: { ...LIVE.state, ...state } });
  assert.equal(thumbTone(live({ check_in: { id: 'q' } })), 'ask');
  assert.equal(thumbTone(live({})), 'go');
});

test('a link that is late sounds as one that is here, and an end does not', () => {
  const gone = (view, state) => {
    const hold = { ...HOLD, reason: 'link_lost', by: 'helper' };
    return alarmOf(session('receiver', { view, state: { hold, peers: { receiver: 'here', helper: 'lost' }, ...state } }));
  };
  assert.equal(gone({ link: 'late' }), 'helper_gone');
  assert.equal(gone({ link: 'over' }), null);
  assert.equal(gone({}, { phase: 'ended' }), null);
});

test('at the very edge a touch is what the edge says', () => {
  const grip = new Grip();
  const touch = (type, at, id) => grip.step({ type, at, id, counts: true });
  touch('down', 1_000, 1);
  assert.equal(touch('up', 1_000 + TAP_MS, 1), 'lifted', 'no tap any more');
  touch('down', 5_000, 1);
  assert.equal(touch('up', 5_000 + TAP_MS - 1, 1), 'stop', 'counted from where it began');
  const said = (inputs, ready = true) => {
    const pad = new Gestures(() => ready);
    const out = inputs.flatMap(([type, at, x = 100, y = 300, id = 1]) => pad.step({ type, at, x, y, id }));
    return out.filter(({ kind }) => kind === 'cue').map(({ cue }) => cue);
  };
  assert.deepEqual(said([['down', 0], ['up', READY_MS]]), ['ready']);
  assert.deepEqual(said([['down', 0], ['up', READY_MS - 1]]), ['stop']);
  const hand = (gap) => [['down', 0], ['down', 100, 0, 0, 2], ['up', 110, 0, 0, 2], ['down', 100 + gap, 0, 0, 2]];
  assert.deepEqual(said(hand(SAME_HAND_MS)), ['stop', 'stop']);
  assert.deepEqual(said(hand(SAME_HAND_MS - 1)), ['stop']);
  // A press that moves away stops sounding. A press while ready may not be said never sounds.
  const signals = (inputs, ready) => {
    const pad = new Gestures(() => ready);
    return inputs.flatMap(([type, at, x = 100, y = 300, id = 1]) => pad.step({ type, at, x, y, id })).map(({ kind }) => kind);
  };
  assert.deepEqual(signals([['down', 0], ['move', 100, 180], ['tick', 700]], true), []);
  assert.deepEqual(signals([['down', 0], ['tick', 499]], false), []);
  assert.deepEqual(signals([['down', 1_000], ['tick', 1_000 + 349]], true), [], 'counted from where it began');
  assert.deepEqual(signals([['down', 1_000], ['tick', 1_000 + 700]], true), ['pressing', 'pressing', 'pressing']);
  // The limits of a swipe backwards and sideways, and the limit of a still finger.
  assert.deepEqual(said([['down', 0, 200, 400], ['move', 100, 100, 450], ['up', 200, 100, 450]]), ['slower']);
  assert.deepEqual(said([['down', 0, 200, 400], ['move', 100, 100, 451], ['up', 200, 100, 451]]), ['stop']);
  assert.deepEqual(said([['down', 0, 100], ['move', 100, 100 + STILL_PX], ['up', READY_MS, 100 + STILL_PX]]), ['stop']);
  assert.deepEqual(said([['down', 0, 200], ['move', 100, 100], ['move', 150, 120], ['up', 200, 120]]), ['slower']);
  assert.deepEqual(said([['down', 0, 200], ['move', 100, 100], ['move', 150, 121], ['up', 200, 121]]), ['stop']);
});
