//! Fingers on the pad: the cue of each gesture, and that every unclear gesture is a stop.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as g from '../input/gestures.js';

const CUES = ['stop', 'ready', 'slower', 'ease_up', 'good', 'more_pressure'];
const said = (signals) => signals.filter(({ kind }) => kind === 'cue').map(({ cue }) => cue);
/** The cues of these inputs: `[type, at, x, y, finger]` each. */
function run(inputs, ready = false) {
  const pad = new g.Gestures(() => ready);
  return inputs.flatMap(([type, at, x = 100, y = 300, id = 1]) => pad.step({ type, at, x, y, id }));
}
/** The cues of a finger that moves along these points, `gap` milliseconds apart, and then lifts. */
function drag(points, { gap = 30, ready = false } = {}) {
  const [first, ...rest] = points;
  const moves = rest.map(([x, y], index) => ['move', (index + 1) * gap, x, y]);
  const last = points.at(-1);
  return said(run([['down', 0, ...first], ...moves, ['up', points.length * gap, ...last]], ready));
}
const line = (dx, dy, steps = 8) =>
  Array.from({ length: steps + 1 }, (_, i) => [200 + (dx * i) / steps, 400 + (dy * i) / steps]);

test('a tap is stop, also one that rolls', () => {
  assert.deepEqual(said(run([['down', 0], ['up', 60]])), ['stop']);
  assert.deepEqual(drag(line(10, 14)), ['stop']);
  assert.deepEqual(said(run([['down', 0], ['up', 60]], true)), ['stop']);
});

test('a clear swipe is its cue', () => {
  for (const ready of [false, true]) {
    assert.deepEqual(drag(line(-90, 10), { ready }), ['slower']);
    assert.deepEqual(drag(line(-20, 80), { ready }), ['ease_up']);
    assert.deepEqual(drag(line(64, 0), { ready }), ['good']);
    assert.deepEqual(drag(line(12, -120), { ready }), ['more_pressure']);
  }
});

test('more pressure wants a longer and straighter swipe than all others', () => {
  assert.deepEqual(drag(line(0, -80)), ['stop']);
  assert.deepEqual(drag(line(60, -130)), ['stop']);
  assert.deepEqual(drag(line(60, 130)), ['ease_up']);
});

test('what is too short, askew, turned back, bent or rubbed to and fro is stop', () => {
  assert.deepEqual(drag(line(-50, 0)), ['stop']);
  assert.deepEqual(drag(line(90, 90)), ['stop']);
  assert.deepEqual(drag(line(-100, -100)), ['stop']);
  assert.deepEqual(drag([...line(0, -150), ...line(0, -110)]), ['stop']);
  assert.deepEqual(drag([...line(0, 80), ...line(0, -160)]), ['stop']);
  assert.deepEqual(drag([...line(-120, 0), [80, 300]]), ['stop']);
  assert.deepEqual(drag([...line(90, 0, 3), ...line(20, 0, 3), ...line(120, 0, 3)]), ['stop']);
  // This path curves to the side and returns to where a straight one would end.
  assert.deepEqual(drag([[200, 400], [260, 350], [200, 280]]), ['stop']);
});

test('a long press says ready when it lifts, and sounds on the way', () => {
  const pad = new g.Gestures(() => true);
  const at = (type, ms, x = 100) => pad.step({ type, at: ms, x, y: 300, id: 1 });
  assert.deepEqual(at('down', 0), []);
  for (const [index, ms] of g.PRESS_STEPS_MS.entries()) {
    assert.equal(pad.deadline(), ms);
    assert.deepEqual(pad.step({ type: 'tick', at: ms }), [{ kind: 'pressing', step: index + 1 }]);
  }
  assert.equal(pad.deadline(), g.READY_MS);
  assert.deepEqual(pad.step({ type: 'tick', at: g.READY_MS }), [{ kind: 'armed' }]);
  assert.equal(pad.deadline(), g.READY_UNTIL_MS);
  assert.deepEqual(at('move', 900, 108), []);
  assert.deepEqual(at('up', 1_000), [{ kind: 'cue', cue: 'ready' }]);
  assert.equal(pad.deadline(), null);
});

test('a press that is too short, slides away or rests too long is stop and not ready', () => {
  assert.deepEqual(said(run([['down', 0], ['up', g.READY_MS - 1]], true)), ['stop']);
  assert.deepEqual(said(run([['down', 0], ['move', 1_200, 140], ['up', 1_300, 100]], true)), ['stop']);
  assert.deepEqual(said(run([['down', 0], ['tick', g.READY_UNTIL_MS], ['up', 9_000]], true)), ['stop']);
  assert.deepEqual(said(run([['down', 0], ['up', 60_000]], true)), ['stop']);
});

test('ready must be sayable when the finger comes down and when it lifts', () => {
  let may = true;
  const pad = new g.Gestures(() => may);
  pad.step({ type: 'down', at: 0, x: 0, y: 0, id: 1 });
  may = false;
  assert.deepEqual(said(pad.step({ type: 'up', at: 1_000, x: 0, y: 0, id: 1 })), ['stop']);
  pad.step({ type: 'down', at: 2_000, x: 0, y: 0, id: 1 });
  may = true;
  assert.deepEqual(said(pad.step({ type: 'up', at: 3_000, x: 0, y: 0, id: 1 })), ['stop']);
});

test('where ready may not be said, a finger that stays is stop before it lifts', () => {
  const pad = new g.Gestures(() => false);
  pad.step({ type: 'down', at: 0, x: 0, y: 0, id: 1 });
  assert.equal(pad.deadline(), g.STILL_MS);
  assert.deepEqual(said(pad.step({ type: 'tick', at: g.STILL_MS })), ['stop']);
  assert.deepEqual(said(pad.step({ type: 'up', at: 4_000, x: 0, y: 0, id: 1 })), []);
});

test('a finger that wanders and does not lift is stop', () => {
  const pad = new g.Gestures(() => true);
  pad.step({ type: 'down', at: 0, x: 0, y: 0, id: 1 });
  pad.step({ type: 'move', at: 200, x: 0, y: -200, id: 1 });
  assert.equal(pad.deadline(), g.MOVING_MS);
  assert.deepEqual(said(pad.step({ type: 'tick', at: g.MOVING_MS })), ['stop']);
});

test('a second finger is stop at its touch; a whole hand is one stop; later ones stop again', () => {
  const pad = new g.Gestures(() => true);
  const down = (at, id) => said(pad.step({ type: 'down', at, x: 0, y: 0, id }));
  assert.deepEqual([down(0, 1), down(20, 2), down(40, 3)], [[], ['stop'], []]);
  assert.deepEqual(down(1_000, 4), ['stop']);
  for (const id of [1, 2, 3, 4]) assert.deepEqual(said(pad.step({ type: 'up', at: 1_100, x: 0, y: 0, id })), []);
  assert.deepEqual([down(1_200, 1), said(pad.step({ type: 'up', at: 1_250, x: 0, y: 0, id: 1 }))], [[], ['stop']]);
});

test('a touch that the system takes away is stop', () => {
  assert.deepEqual(said(run([['down', 0], ['move', 50, 100, 150], ['cancel', 60]])), ['stop']);
  assert.deepEqual(said(run([['down', 0], ['cancel', 900]], true)), ['stop']);
});

/** A small repeatable random source. @param {number} seed */
function chance(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Random events in any order: fingers that were never down, twice down, never lifted, or nowhere. */
function anything(of) {
  const inputs = [];
  let at = 0;
  const length = 1 + of(24);
  for (let i = 0; i < length; i += 1) {
    at += of(4) === 0 ? of(3_000) : of(120);
    const type = ['down', 'move', 'move', 'up', 'cancel', 'tick'][of(6)];
    const x = of(40) === 0 ? NaN : of(400);
    inputs.push({ type, at, x, y: of(800), id: 1 + of(3) });
  }
  return inputs;
}

test('any events at all: every finger that comes down says something, and only stop twice', () => {
  for (let seed = 1; seed <= 20_000; seed += 1) {
    const of = chance(seed);
    const ready = of(2) === 0;
    const pad = new g.Gestures(() => ready);
    /** The cues since the pad was last free, and whether several fingers made them. */
    let spoken = [];
    let several = false;
    const inputs = anything(of);
    const end = inputs.at(-1).at;
    const lifts = [1, 2, 3].map((id) => ({ type: 'up', at: end + 10, x: 0, y: 0, id }));
    for (const input of [...inputs, ...lifts]) {
      const before = pad.fingers.length;
      const cues = said(pad.step(input));
      if (input.type === 'down' && before === 0) [spoken, several] = [[], false];
      else if (input.type === 'down') several = true;
      spoken.push(...cues);
      const why = `seed ${seed}`;
      for (const cue of cues) assert.ok(CUES.includes(cue), why);
      if (before > 0 && pad.fingers.length === 0) {
        assert.ok(spoken.length > 0, `${why}: a finger lifted and nothing was said`);
        if (several) assert.ok(spoken.every((cue, index) => cue === 'stop' || index === 0), why);
        else assert.equal(spoken.length, 1, why);
        if (!ready) assert.ok(!spoken.includes('ready'), why);
      }
      if (before === 0 && input.type !== 'down') assert.deepEqual(cues, [], `${why}: nobody touched`);
    }
    assert.deepEqual([pad.fingers, pad.deadline()], [[], null]);
  }
});

test('any path of one finger: more pressure only by a clear way up, and late is always stop', () => {
  for (let seed = 1; seed <= 20_000; seed += 1) {
    const of = chance(seed);
    const points = [[200, 400]];
    // Half of the paths have a direction, and half wander.
    const [dx, dy] = [of(81) - 40, of(81) - 40];
    for (let i = 1 + of(8); i > 0; i -= 1) {
      const [x, y] = points.at(-1);
      const jitter = () => of(of(2) === 0 ? 5 : 121) - 2;
      points.push([x + dx + jitter(), y + dy + jitter()]);
    }
    const gap = of(250);
    const cues = drag(points, { gap });
    assert.equal(cues.length, 1, `seed ${seed}`);
    const xs = points.map(([x]) => x - 200);
    const up = 400 - points.at(-1)[1];
    if (cues[0] === 'more_pressure') {
      assert.ok(up >= g.SWIPE_UP_PX, `seed ${seed}: too short`);
      assert.ok(Math.max(...xs.map(Math.abs)) <= up / 2, `seed ${seed}: askew`);
      assert.ok(Math.max(...points.map(([, y]) => y)) <= 400 + 20, `seed ${seed}: began downwards`);
    }
    if (gap * points.length >= g.MOVING_MS) assert.equal(cues[0], 'stop', `seed ${seed}: late`);
  }
});
