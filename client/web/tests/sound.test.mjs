// Whether a page that was tapped plays sound, and what the page says about it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { capabilities, thisBrowser } from '../output/capabilities.js';
import { Sound } from '../output/sound.js';

// Newer versions of Node.js have their own `navigator`.
Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { userAgent: '', maxTouchPoints: 0 } });

/** An audio context with a loudspeaker, or without one. */
class FakeContext extends EventTarget {
  static works = true;
  state = 'suspended';
  destination = {};
  createGain = () => ({ gain: { value: 0 }, connect: (to) => to });
  createDynamicsCompressor = () => ({ connect: (to) => to });
  resume() {
    if (!FakeContext.works) return new Promise(() => {});
    this.become('running');
    return Promise.resolve();
  }
  become(state) {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

/** A sound after a tap, the changes that it reported, and its context. */
function tapped(context, { works }) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  FakeContext.works = works;
  let made = null;
  globalThis.AudioContext = class extends FakeContext {
    constructor() {
      super();
      made = this;
    }
  };
  context.after(() => delete globalThis.AudioContext);
  const told = [];
  const sound = new Sound(1, () => told.push(sound.silent));
  assert.equal(sound.silent, false, 'nobody can know before a tap');
  sound.unlock();
  return { sound, told, made };
}

test('sound that does not begin after a tap is silent, and that is told', (context) => {
  const { sound, told } = tapped(context, { works: false });
  assert.equal(sound.silent, false, 'it may still begin');
  context.mock.timers.tick(2_000);
  assert.equal(sound.silent, true);
  assert.deepEqual(told, [true]);
});

test('sound that is taken away is silent until it is back', (context) => {
  const { sound, made } = tapped(context, { works: true });
  context.mock.timers.tick(2_000);
  assert.equal(sound.silent, false);
  made.become('interrupted');
  assert.equal(sound.silent, true);
  made.become('running');
  assert.equal(sound.silent, false);
});

test('a browser without a voice does not claim to speak', (context) => {
  const speaks = (voices) => {
    globalThis.speechSynthesis = { getVoices: () => voices, speak: () => {} };
    globalThis.document = { createElement: () => ({ canPlayType: () => '' }) };
    globalThis.matchMedia = () => ({ matches: false });
    globalThis.location = { protocol: 'http:' };
    const line = capabilities(thisBrowser(), { awake: 'off', hearing: 'yes', kept: false }).find(({ name }) => name === 'can_speech');
    return line.line;
  };
  context.after(() => ['speechSynthesis', 'document', 'matchMedia', 'location'].forEach((name) => delete globalThis[name]));
  assert.equal(speaks([]), 'can_speech_no');
  assert.equal(speaks([{ lang: 'en-GB' }]), 'can_speech_yes');
  assert.equal(speaks([{ lang: 'de-DE' }]), 'can_speech_voice');
});

test('where no voice says the words, the siren of a stop sounds all the same, and its alarm repeats', (context) => {
  const { sound, made } = tapped(context, { works: true });
  const said = [];
  let notes = 0;
  globalThis.speechSynthesis = { getVoices: () => [{ lang: 'de-DE' }], speak: (words) => said.push(words), cancel: () => {} };
  context.after(() => delete globalThis.speechSynthesis);
  const ramp = { value: 0, setValueAtTime: () => {}, linearRampToValueAtTime: () => {} };
  made.currentTime = 0;
  made.createGain = () => ({ gain: ramp, connect: (to) => to });
  made.createOscillator = () => ({ frequency: {}, connect: (to) => to, start: () => (notes += 1), stop: () => {} });
  sound.shout();
  assert.ok(notes > 0, 'the shout at the tap');
  let every = null;
  const { setInterval } = globalThis;
  globalThis.setInterval = (again) => (every = again);
  context.after(() => (globalThis.setInterval = setInterval));
  for (const alarm of ['stop', 'not_delivered', 'not_acknowledged']) {
    notes = 0;
    sound.alarm(alarm);
    const first = notes;
    assert.ok(first > 0, alarm);
    every();
    assert.ok(notes > first, `${alarm} repeats`);
  }
  sound.alarm(null);
  assert.deepEqual(said, [], 'in no other language');
});
