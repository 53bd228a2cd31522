//! What the page needs from its device: a screen that stays on, sound that returns after a call, and keys
//! that can be chosen. Also when a stored page is updated.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { capabilities } from '../output/capabilities.js';
import { KeepAwake } from '../output/keepawake.js';
import { CHOICES, choose, isFree, keyAct, keysOf, meaningOf, ownKeysFrom } from '../device/keys.js';
import { Sound } from '../output/sound.js';
import { verdict, versionIn, versionOf } from '../device/update.js';

/** Runs all pending promise callbacks. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A browser that grants wake locks and plays videos, or does not. */
function phone({ locks = true, plays = true, both = false } = {}) {
  const is = { visible: true, locks, plays, granted: [], plays_: 0 };
  const video = {
    paused: true,
    currentTime: 0,
    duration: 6,
    ontimeupdate: null,
    async play() {
      if (!is.plays) throw new DOMException('no', 'NotAllowedError');
      video.paused = false;
      is.plays_ += 1;
    },
    pause() {
      video.paused = true;
      video.onpause?.();
    },
  };
  const wakeLock = {
    async request() {
      if (is.locks !== true) throw new DOMException('low battery', 'NotAllowedError');
      const lock = new EventTarget();
      lock.release = async () => lock.dispatchEvent(new Event('release'));
      is.granted.push(lock);
      return lock;
    },
  };
  const hands = { wakeLock: locks === null ? null : wakeLock, both, makeVideo: async () => video, visible: () => is.visible };
  const states = [];
  const awake = new KeepAwake(hands, () => states.push(awake.state));
  return { is, video, awake, states };
}

test('the wake lock is asked for, asked for again when the system takes it, and given back', async () => {
  const { is, awake } = phone();
  awake.keep(true);
  await settled();
  assert.equal(awake.state, 'lock');
  is.granted[0].release();
  await settled();
  assert.equal(is.granted.length, 2, 'still seen: at once');
  is.visible = false;
  is.granted[1].release();
  await settled();
  assert.equal(is.granted.length, 2, 'nobody sees it');
  is.visible = true;
  awake.again();
  awake.again();
  await settled();
  assert.equal(is.granted.length, 3, 'seen again, and asked for once');
  let released = false;
  is.granted[2].addEventListener('release', () => (released = true));
  awake.keep(false);
  await settled();
  assert.ok(released);
  assert.equal(is.granted.length, 3);
  assert.equal(awake.state, 'off');
});

test('without a wake lock a video plays, that a tap has primed, and goes on after a pause', async () => {
  const { is, video, awake } = phone({ locks: null });
  await awake.prepare();
  awake.touched();
  await settled();
  assert.ok(video.paused, 'played inside the tap, and waits');
  awake.keep(true);
  await settled();
  assert.deepEqual([awake.state, video.paused], ['video', false]);
  video.currentTime = 4.5;
  video.ontimeupdate();
  assert.equal(video.currentTime, 0, 'it never ends');
  const before = is.plays_;
  video.pause();
  await settled();
  assert.ok(is.plays_ > before && !video.paused, 'a call paused it');
  awake.keep(false);
  assert.ok(video.paused);
});

test('what is refused is said, and asked for again at the next tap', async () => {
  const { is, awake, states } = phone({ locks: 'refused', plays: false });
  awake.keep(true);
  await settled();
  assert.equal(awake.state, 'refused');
  is.locks = true;
  awake.touched();
  await settled();
  assert.equal(awake.state, 'lock');
  assert.deepEqual(states, ['asked', 'refused', 'lock']);
});

test('where a granted lock may do nothing the video plays too', async () => {
  const { video, awake } = phone({ both: true });
  awake.keep(true);
  await settled();
  assert.deepEqual([awake.state, video.paused], ['lock', false]);
});

/** An audio context like Safari's, which the test interrupts. */
class FakeContext extends EventTarget {
  static all = [];
  state = 'suspended';
  currentTime = 0;
  resumes = 0;
  closed = false;
  constructor() {
    super();
    FakeContext.all.push(this);
  }
  become(state) {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
  async resume() {
    this.resumes += 1;
    if (this.state === 'interrupted') throw new DOMException('in a call', 'InvalidStateError');
    this.become('running');
  }
  async close() {
    this.closed = true;
  }
  createGain = () => ({ gain: { value: 1 }, connect: (to) => to });
  createDynamicsCompressor = () => ({ connect: (to) => to });
}

test('sound that a call interrupted is said to be, and the next tap makes it anew', async () => {
  FakeContext.all = [];
  const heard = [];
  const sound = new Sound(1, () => heard.push(sound.hearing), () => new FakeContext());
  sound.unlock();
  await settled();
  assert.equal(sound.hearing, 'yes');
  const [first] = FakeContext.all;
  first.become('interrupted');
  assert.equal(sound.hearing, 'interrupted');
  const { resumes } = first;
  sound.wake();
  assert.equal(first.resumes, resumes, 'it would never sound again');
  sound.unlock();
  await settled();
  assert.equal(FakeContext.all.length, 2);
  assert.ok(first.closed);
  assert.deepEqual(heard, ['yes', 'interrupted', 'yes']);
});

test('sound comes back by itself when the browser says that the call is over', async () => {
  FakeContext.all = [];
  const sound = new Sound(1, () => {}, () => new FakeContext());
  sound.unlock();
  await settled();
  const [context] = FakeContext.all;
  context.become('interrupted');
  context.become('suspended');
  await settled();
  assert.deepEqual([sound.hearing, FakeContext.all.length], ['yes', 1]);
});

test('a context that says it runs and stands still is replaced', async (t) => {
  FakeContext.all = [];
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const sound = new Sound(1, () => {}, () => new FakeContext());
  sound.unlock();
  await settled();
  const [context] = FakeContext.all;
  context.currentTime = 2;
  for (now of [100, 200]) sound.unlock();
  assert.equal(FakeContext.all.length, 1, 'two taps in quick succession');
  now = 1_500;
  sound.unlock();
  assert.equal(FakeContext.all.length, 2);
});

test('a line says what became of sound and screen', () => {
  const browser = { audio: true, speech: true, vibration: true, wakeLock: true, video: true, secure: true, ios: false, installed: false };
  const line = (found, name) => capabilities(browser, { awake: 'off', hearing: 'yes', kept: true, trust: false, ...found }).find((one) => one.name === name);
  assert.deepEqual(line({ hearing: 'interrupted' }, 'can_sound'), { name: 'can_sound', ok: false, line: 'can_sound_interrupted' });
  assert.deepEqual(line({ awake: 'refused' }, 'can_awake'), { name: 'can_awake', ok: false, line: 'can_awake_refused' });
  assert.equal(line({ awake: 'video' }, 'can_awake').line, 'can_awake_video');
  assert.equal(line({ kept: false }, 'can_install').line, 'can_install_no');
});

test('over plain http a relay that can be trusted says where', () => {
  const line = (secure, trust) =>
    capabilities({ secure }, { awake: 'off', hearing: 'yes', kept: true, trust }).find(({ name }) => name === 'can_https');
  assert.deepEqual(line(true, true), { name: 'can_https', ok: true, line: 'can_https_yes' });
  assert.equal(line(false, false).href, undefined);
  assert.equal(line(false, true).href, '/trust');
});

const press = (key, more = {}) => ({ key, repeat: false, ctrlKey: false, metaKey: false, altKey: false, ...more });
const live = (role, own = {}) => ({ role, screen: 'live', onControl: false, typing: false, own });

test('a clicker\'s key means what was chosen for it, for that role', () => {
  const own = choose({}, 'receiver', 'PageDown', 'stop');
  assert.deepEqual(keyAct(press('PageDown'), live('receiver', own)), { tap: 'stop' });
  assert.equal(keyAct(press('PageDown'), live('helper', own)), 'acknowledge');
  const media = choose(own, 'helper', 'MediaTrackNext', 'acknowledge');
  assert.equal(keyAct(press('MediaTrackNext'), live('helper', media)), 'acknowledge');
  assert.equal(keyAct(press('MediaTrackNext'), live('receiver', media)), null);
  assert.deepEqual(keyAct(press('Unidentified', { code: 'F20' }), live('receiver', choose({}, 'receiver', 'F20', 'good'))), { tap: 'good' });
  const again = choose(own, 'receiver', 'PageDown', null);
  assert.deepEqual(keyAct(press('PageDown'), live('receiver', again)), { tap: 'slower' });
  const quiet = choose({}, 'receiver', 'g', 'nothing');
  assert.equal(keyAct(press('G'), live('receiver', quiet)), null);
});

test('Enter that was made stop is stop on a button too; other meanings leave it to the button', () => {
  const where = { ...live('helper', choose({}, 'helper', 'Enter', 'stop')), onControl: true };
  assert.deepEqual(keyAct(press('Enter'), where), { tap: 'stop' });
  assert.equal(keyAct(press('Enter'), { ...where, own: {} }), null);
});

test('stop is always there: its keys cannot be taken, by no choice and by nothing that was kept', () => {
  for (const role of ['receiver', 'helper']) {
    for (const key of [' ', 'Escape', 'b', '.']) {
      assert.ok(!isFree(key));
      for (const choice of [...CHOICES[role], null]) assert.deepEqual(choose({}, role, key, choice), {});
      const kept = ownKeysFrom({ [role]: { [key]: 'nothing' } });
      assert.deepEqual(keyAct(press(key), live(role, kept)), { tap: 'stop' });
      assert.deepEqual(keyAct(press(key), live(role, { [role]: { [key]: 'nothing' } })), { tap: 'stop' });
    }
    assert.equal(keysOf(role, {})[0].choice, 'stop');
  }
});

test('what was kept is taken as far as it makes sense', () => {
  assert.deepEqual(ownKeysFrom(null), {});
  assert.deepEqual(ownKeysFrom({ receiver: 'x', helper: [] }), {});
  const kept = { receiver: { PageUp: 'stop', Tab: 'stop', F5: 'explode', t: 'stop' }, helper: { F7: 'slower' }, other: { a: 'stop' } };
  assert.deepEqual(ownKeysFrom(kept), { receiver: { PageUp: 'stop' } });
});

test('the list says what the keys do', () => {
  for (const role of ['receiver', 'helper']) {
    const own = choose({}, role, 'F13', 'ready');
    const listed = keysOf(role, own);
    for (const { choice, keys } of listed) for (const key of keys) assert.equal(meaningOf(key, role, own), choice);
    assert.ok(listed.find(({ choice }) => choice === 'ready')?.keys.includes('F13'));
  }
});

test('Escape stops while somebody types; letters do not', () => {
  const typing = { ...live('receiver'), typing: true };
  assert.deepEqual(keyAct(press('Escape'), typing), { tap: 'stop' });
  for (const key of [' ', 'b', 'g', 'q']) assert.equal(keyAct(press(key), typing), null);
});

test('a page is made new while nothing is lost, and once', () => {
  const same = { web: 'b', protocol: 'tapcue.v1' };
  const idle = { idle: true, tried: null };
  assert.equal(verdict('b', same, idle), 'stay');
  assert.equal(verdict('a', same, idle), 'renew');
  assert.equal(verdict('a', same, { ...idle, idle: false }), 'stay', 'somebody is in a session');
  assert.equal(verdict('a', same, { ...idle, tried: 'b' }), 'stay', 'it did not help');
  assert.equal(verdict(null, same, idle), 'stay', 'it does not know its own version');
});

test('a page that does not speak the relay\'s protocol is made new whatever it does, once', () => {
  const other = { web: 'b', protocol: 'tapcue.v2' };
  assert.equal(verdict('a', other, { idle: false, tried: null }), 'renew');
  assert.equal(verdict('a', other, { idle: false, tried: 'b' }), 'stuck');
});

test('versions are read from an address and an answer, and from nothing else', () => {
  assert.equal(versionOf('http://x:8080/v/0123abcd/update.js'), '0123abcd');
  assert.equal(versionOf('http://x:8080/update.js'), null);
  assert.deepEqual(versionIn('{"web":"a","protocol":"p","more":1}'), { web: 'a', protocol: 'p', trust: false });
  assert.equal(versionIn('{"web":"a","protocol":"p","trust":true}')?.trust, true);
  for (const none of ['', '<!doctype html>', 'null', '{}', '{"web":1,"protocol":"p"}']) {
    assert.throws(() => assert.ok(versionIn(none)));
  }
});
