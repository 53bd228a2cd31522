//! Only one module uses the features that a browser may lack, forbid or break, and no error leaves it.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import * as optional from '../device/optional.js';

const WEB = new URL('..', import.meta.url);

/** Names that only optional.js may use: sound, speech, vibration, storage and the like. */
const OPTIONAL = [
  /\b(localStorage|sessionStorage|speechSynthesis|SpeechSynthesisUtterance|BroadcastChannel|matchMedia)\b/,
  /\bnew (webkit)?AudioContext\b/,
  /\bnavigator\.(vibrate|share|clipboard|wakeLock|locks|serviceWorker|mediaSession|audioSession|userActivation|onLine|permissions)\b/,
  /\bhistory\.\w/,
  /\b(requestFullscreen|exitFullscreen|execCommand|requestPointerLock|getRandomValues|randomUUID)\b/,
  /\bAbortSignal\.timeout\b/,
  /'(vibrate|share|clipboard|wakeLock|locks|serviceWorker|speechSynthesis|AudioContext|webkitAudioContext)' in\b/,
];

/** @param {URL} folder @returns {[string, string][]} */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'tests', 'worker'].includes(entry.name)) return [];
    if (entry.isDirectory()) return sources(new URL(`${entry.name}/`, folder));
    return entry.name.endsWith('.js') ? [[entry.name, readFileSync(new URL(entry.name, folder), 'utf8')]] : [];
  });
}

test('no other module touches an optional part of the browser', () => {
  const found = [];
  for (const [name, text] of sources(WEB)) {
    if (name === 'optional.js') continue;
    const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    for (const [line, words] of code.split('\n').entries()) {
      for (const pattern of OPTIONAL) {
        if (pattern.test(words)) found.push(`${name}: ${words.trim()} (${line})`);
      }
    }
  }
  assert.deepEqual(found, []);
});

const BROKEN = {
  throws: () => {
    throw new DOMException('no', 'SecurityError');
  },
  'throws nothing': () => {
    throw undefined;
  },
  rejects: () => Promise.reject(new Error('no')),
  'gives a promise that throws': () => ({ then: () => { throw new Error('no'); } }),
  'is null': () => null,
  'is undefined': () => undefined,
};

for (const [how, use] of Object.entries(BROKEN)) {
  test(`what ${how} is as good as not there`, async () => {
    const unhandled = [];
    const note = (error) => unhandled.push(error);
    process.on('unhandledRejection', note);
    const given = optional.attempt(use, 'instead');
    assert.ok(given === 'instead' || typeof given.then === 'function');
    assert.equal(await optional.answerOf(use, 50), null);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    assert.deepEqual(unhandled, []);
  });
}

test('what never answers is not waited for', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const answer = optional.answerOf(() => new Promise(() => {}));
  context.mock.timers.tick(4_000);
  assert.equal(await answer, null);
});

test('where nothing is there, everything still answers', async () => {
  const names = ['navigator', 'sessionStorage', 'localStorage', 'speechSynthesis', 'history', 'crypto', 'fetch', 'matchMedia', 'BroadcastChannel', 'document', 'AbortSignal'];
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  const broken = {
    configurable: true,
    get() {
      throw new DOMException('no', 'SecurityError');
    },
  };
  for (const name of names) Object.defineProperty(globalThis, name, broken);
  try {
    optional.buzz([1]);
    optional.speak('stop', { volume: 1, after: false });
    optional.onVoices(() => {});
    optional.pushStep({});
    optional.stepBack();
    optional.shareLock('x', Promise.resolve());
    assert.deepEqual(
      [optional.voices(), optional.newAudioContext(), optional.wakeLock(), optional.serviceWorkers(), optional.channel('x'), optional.presentStep()],
      [[], null, null, null, null, null],
    );
    for (const no of [optional.canBuzz, optional.canSound, optional.canSpeak, optional.canShare, optional.canFetch, optional.isOffline]) assert.equal(no(), false);
    assert.equal(optional.matches('print'), false);
    assert.equal(optional.replaceAddress('/'), false);
    assert.equal(optional.keep('tab', 'x', 'y'), false);
    assert.equal(optional.kept('device', 'x'), null);
    assert.equal(await optional.copy('x'), false);
    assert.equal(await optional.shareWith({}), 'failed');
    assert.equal(await optional.ask('/'), null);
    assert.equal(optional.randomBytes(16).length, 16);
  } finally {
    for (const [name, was] of before) {
      if (was) Object.defineProperty(globalThis, name, was);
      else delete globalThis[name];
    }
  }
});

test('a storage that keeps nothing says so', () => {
  const storage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
  globalThis.sessionStorage = storage;
  try {
    assert.equal(optional.keep('tab', 'x', 'y'), false);
    assert.equal(optional.keep('tab', 'x', null), true);
  } finally {
    delete globalThis.sessionStorage;
  }
});
