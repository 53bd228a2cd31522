//! The pure parts of the eyes-free layout, late stops and the repetition of alarms.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ALARMS, REPEAT_AT_LEAST_MS, alarmOf, soundOf } from '../output/alarms.js';
import { changes } from '../screens/changes.js';
import { SWIPES } from '../input/gestures.js';
import { words as en } from '../i18n/en.js';
import { ready } from '../i18n/index.js';
import { CUES } from '../device/cues.js';
import { TUNES, lengthOf } from '../output/tunes.js';
import { LATE_MS, lateStop, lateText } from '../screens/late.js';
import * as pad from '../screens/pad-logic.js';

await ready;
const HOLD = { id: 'h', reason: 'start', by: null, since: 0, tapped_at: null, shown: null, acknowledged: false, count: 0 };
const STOP = { ...HOLD, id: 's', reason: 'stop', by: 'receiver', count: 1 };

/** A receiver's session that is set up, rehearsed and waiting for ready. */
function session({ state = {}, view = {}, ...rest } = {}) {
  return {
    now: 0,
    relayNow: 0,
    role: 'receiver',
    state: {
      phase: 'held',
      hold: HOLD,
      ready: { receiver: false, helper: false },
      peers: { receiver: 'here', helper: 'here' },
      rehearsed: true,
      confirmed: { receiver: true, helper: true, warning_signs: false, cleared: false },
      cue: null,
      earlier: [],
      check_in: null,
      ...state,
    },
    view: { link: 'here', go: false, stopped: false, lamp: null, alarm: null, ...view },
    welcome: { session: 'x', options: { rehearsal: true, setup: true } },
    beenLive: false,
    ...rest,
  };
}
const LIVE = { state: { phase: 'live', hold: null }, view: { go: true } };
const held = (hold, more = {}) => session({ state: { hold, ...more } });

test('the pad is the whole screen wherever cues go out, for the receiver who chose it', () => {
  const on = (screen, more, device = session()) => pad.padIsOn({ eyesFree: true, ending: false, device, ...more }, screen);
  for (const screen of ['rehearse', 'live', 'held', 'lost']) {
    assert.equal(on(screen), true);
    assert.equal(on(screen, { eyesFree: false }), false);
    assert.equal(on(screen, { ending: true }), false);
    assert.equal(on(screen, {}, session({ role: 'helper' })), false);
    assert.equal(on(screen, {}, null), false);
  }
  for (const screen of ['start', 'join', 'pair', 'setup', 'superseded', 'end']) assert.equal(on(screen), false);
});

test('the way out is not there while hands may be on', () => {
  const open = (one, screen = 'held', lostFor = 0) => pad.wayOutIsOpen(one, screen, lostFor);
  assert.equal(open(session(LIVE), 'live'), false);
  assert.equal(open(session({ state: LIVE.state })), false);
  for (const reason of ['stop', 'link_lost', 'away', 'no_answer', 'released']) {
    assert.equal(open(held({ ...HOLD, reason })), false, reason);
    assert.equal(open(held({ ...HOLD, reason, acknowledged: true })), true, reason);
  }
  assert.equal(open(session()), true);
  assert.equal(open(session(), 'rehearse'), true);
  assert.equal(open(session({ view: { stopped: true } })), false);
  assert.equal(open(session(), 'lost', pad.HOPELESS_MS - 1), false);
  assert.equal(open(session(), 'lost', pad.HOPELESS_MS), true);
  assert.equal(open(session({ view: { stopped: true } }), 'lost', pad.HOPELESS_MS), false);
});

test('the rehearsal asks for each swipe once, what asks for less first', () => {
  assert.deepEqual(new Set(pad.PRACTICE), new Set(Object.keys(SWIPES)));
  assert.equal(pad.PRACTICE.at(-1), 'up');
  assert.deepEqual(pad.PRACTICE.map((_, done) => pad.practice(session(), 'rehearse', done)), pad.PRACTICE);
  assert.equal(pad.practice(session(), 'rehearse', pad.PRACTICE.length), null);
});

test('who stops in the middle of the practice goes on with it before saying ready', () => {
  const stopped = held({ ...STOP, acknowledged: true });
  assert.equal(pad.practice(stopped, 'held', 1), pad.PRACTICE[1]);
  assert.equal(pad.mayPressReady(stopped, 'held', 'down'), false);
  assert.equal(pad.mayPressReady(stopped, 'held', null), true);
  assert.equal(pad.practice(session({ view: { stopped: true } }), 'held', 1), null);
});

test('no practice without a rehearsal, nor once it was live', () => {
  const waived = { welcome: { options: { rehearsal: false, setup: true } } };
  assert.equal(pad.practice(session(waived), 'held', 0), null);
  assert.equal(pad.practice(session({ beenLive: true }), 'held', 0), null);
  assert.equal(pad.practice(session(LIVE), 'live', 0), null);
});

test('a long press is ready only where ready can be read and said', () => {
  assert.equal(pad.mayPressReady(session(LIVE), 'live', null), false);
  assert.equal(pad.mayPressReady(session(), 'rehearse', null), false);
  assert.equal(pad.mayPressReady(session(), 'lost', null), false);
  assert.equal(pad.mayPressReady(session({ view: { stopped: true } }), 'held', null), false);
  assert.equal(pad.mayPressReady(held(HOLD, { ready: { receiver: true, helper: false } }), 'held', null), false);
});

test('the practice notices a phone that lies the other way round', () => {
  assert.equal(pad.practised('down', 'ease_up'), 'right');
  assert.equal(pad.practised('down', 'more_pressure'), 'opposite');
  assert.equal(pad.practised('left', 'good'), 'opposite');
  assert.equal(pad.practised('left', 'ease_up'), 'other');
});

test('green only with go; a stop is red wherever it is seen', () => {
  assert.deepEqual(pad.padLook(session(LIVE), 'live'), { tone: 'go', symbol: 'ready' });
  assert.notEqual(pad.padLook(session({ state: LIVE.state }), 'held').tone, 'go');
  for (const screen of ['held', 'lost', 'rehearse']) {
    assert.equal(pad.padLook(session({ view: { stopped: true } }), screen).tone, 'stop');
    assert.equal(pad.padLook(held(STOP), screen).tone, 'stop');
    assert.notEqual(pad.padLook(session(LIVE), screen).tone, 'go');
  }
  const asked = session({ ...LIVE, state: { ...LIVE.state, check_in: { id: 'q' } } });
  assert.equal(pad.padLook(asked, 'live').tone, 'ask');
});

test('every swipe has words for its practice', () => {
  for (const way of Object.keys(SWIPES)) assert.ok(en[`pad_try_${way}`], way);
  for (const how of ['opposite', 'other']) assert.ok(en[`pad_was_${how}`], how);
});

/** A vibration as a hand feels it: a tick, short, long, very long. */
const rhythm = ({ buzz }) =>
  buzz.filter((_, index) => index % 2 === 0).map((ms) => (ms < 40 ? 't' : ms < 100 ? 's' : ms < 300 ? 'l' : 'x')).join('');

test('no two answers feel or sound alike', () => {
  const answers = [...Object.keys(CUES), 'shown', 'acknowledged', 'refused', 'armed', 'live', 'held'];
  const different = (of) => assert.equal(new Set(answers.map((name) => of(TUNES[name]))).size, answers.length);
  different(rhythm);
  different(({ notes, wave, pan }) => JSON.stringify([notes, wave, pan]));
});

test('a receipt waits for what it answers, is told apart from it and is short', () => {
  for (const name of ['shown', 'acknowledged', 'refused']) assert.equal(TUNES[name].follows, true);
  for (const name of ['shown', 'acknowledged']) assert.ok(lengthOf(TUNES[name]) <= 250, name);
  assert.equal(TUNES.stop.follows, undefined);
});

const lamp = (stage) => session({ ...LIVE, view: { go: true, lamp: { id: 'a', cue: 'more_pressure', stage } } });

test('a cue that was not taken is heard, once', () => {
  const kinds = (before, after) => changes(before, after).map(({ kind }) => kind);
  assert.deepEqual(kinds(lamp('sent'), lamp('refused')), ['not_taken']);
  assert.deepEqual(kinds(lamp('waiting'), lamp('expired')), ['not_taken']);
  assert.deepEqual(kinds(lamp('refused'), lamp('refused')), []);
  assert.deepEqual(kinds(lamp('sent'), lamp('relayed')), []);
});

test('every alarm repeats within ten seconds, and says its words within ten seconds', () => {
  for (const [name, { every, words, wordsEach, tune }] of Object.entries(ALARMS)) {
    assert.ok(every <= REPEAT_AT_LEAST_MS, name);
    assert.ok(every * wordsEach <= REPEAT_AT_LEAST_MS, name);
    assert.ok(lengthOf(TUNES[tune]) < every, `${name} is over before it begins again`);
    assert.ok(en[words], name);
    assert.equal(soundOf(name, 0).words, words, 'at once');
    assert.equal(soundOf(name, 1).words, wordsEach === 1 ? words : null);
    assert.equal(soundOf(name, wordsEach).words, words);
  }
});

test('the alarms of the device itself come first', () => {
  for (const alarm of ['not_delivered', 'link_lost', 'not_acknowledged', 'check_in']) {
    assert.equal(alarmOf(session({ view: { alarm } })), alarm);
    assert.ok(alarm in ALARMS);
  }
});

test('the receiver’s device sounds when the helper’s may not: its link is down', () => {
  for (const helper of ['lost', 'away']) {
    for (const reason of ['link_lost', 'away', 'no_answer']) {
      const gone = held({ ...HOLD, reason, by: 'helper' }, { peers: { receiver: 'here', helper } });
      assert.equal(alarmOf(gone), 'helper_gone');
      assert.equal(alarmOf({ ...gone, role: 'helper' }), null, 'the helper has alarms of its own');
      assert.equal(alarmOf({ ...gone, view: { ...gone.view, link: 'superseded' } }), null);
    }
  }
});

test('and when nobody says hands off for three seconds', () => {
  const hold = { ...HOLD, reason: 'no_answer', since: 1_000 };
  const at = (relayNow, more) => alarmOf(session({ state: { hold: { ...hold, ...more } }, relayNow }));
  assert.equal(at(3_999), null);
  assert.equal(at(4_000), 'not_hands_off');
  assert.equal(at(60_000, { acknowledged: true }), null);
  assert.equal(at(60_000, { reason: 'start' }), null);
  assert.equal(at(60_000, { reason: 'stop' }), null, 'a stop has its own alarm');
  assert.equal(alarmOf(session({ ...LIVE, relayNow: 60_000 })), null);
});

test('a stop that was long under way tells its age, from its tap on', () => {
  const stop = (tapped, at, hold = {}) => {
    const cue = { id: 's', cue: 'stop', at, tapped_at: tapped, shown: null, acknowledged: null };
    return session({ relayNow: 20_000, state: { hold: { ...STOP, since: at, tapped_at: tapped, ...hold }, cue } });
  };
  assert.equal(lateStop(stop(8_000, 19_500)), 12_000);
  assert.equal(lateText(stop(8_000, 19_500)), 'Arrived late: sent 12 s ago');
  assert.equal(lateText(stop(-100_500, 19_500)), 'Arrived late: sent 2 min ago');
  assert.equal(lateStop(stop(10_000, 10_000 + LATE_MS)), 10_000, 'late stays late');
  assert.equal(lateStop(stop(10_000, 10_000 + LATE_MS - 1)), null, 'old by now, but not late');
  assert.equal(lateStop(stop(null, 19_500)), null, 'its device does not know the relay’s clock');
  assert.equal(lateText(session()), '');
});

test('of several stops the newest one’s age counts, even when it is small on the screen by now', () => {
  const hold = { ...STOP, since: 1_000, tapped_at: 5_000, count: 2 };
  const slower = { id: 'c', cue: 'slower', at: 19_000, tapped_at: null };
  const one = { id: 's', cue: 'stop', at: 18_000, tapped_at: 5_000 };
  const at = (cue, earlier) => lateStop(session({ relayNow: 20_000, state: { hold, cue, earlier } }));
  assert.equal(at(slower, [one]), 15_000);
  assert.equal(at(slower, []), null, 'nobody knows any more when that one came');
});
