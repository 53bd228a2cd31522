//! Verification of an export in the page: the relay's export passes, and no edit passes. The sample is a
//! sealed session as `shared` exports it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ready, reviewWords, t } from '../i18n/index.js';
import { strictJson } from '../history/strict-json.js';
import { canonical, fingerprint, verify } from '../history/verify.js';

await ready;
await reviewWords();

const SAMPLE = readFileSync(new URL('data/session.json', import.meta.url), 'utf8');
const GUIDE = readFileSync(new URL('../../../docs/transcript.md', import.meta.url), 'utf8');
const KEY = JSON.parse(SAMPLE).seals[0].public_key;

/** The verdict on the sample after an edit. */
async function edited(edit) {
  const file = JSON.parse(SAMPLE);
  edit(file);
  return verify(JSON.stringify(file), KEY);
}

async function hashOf(value) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical(value)));
  return Buffer.from(digest).toString('hex');
}

/** The key of the first line, and the entry that it names. */
const first = ({ words: [{ key, blanks }] }) => [key, blanks?.n];

test('a sealed export holds, and says by whom it is signed', async () => {
  const verdict = await verify(SAMPLE, KEY);
  assert.equal(verdict.standing, 'sealed');
  const keys = verdict.words.map(({ key }) => key);
  assert.deepEqual(keys.slice(0, 4), ['check_whole', 'check_order', 'check_unchanged', 'check_signed_here']);
  assert.ok(verdict.words.every(({ ok }) => ok !== false));
  for (const { key, blanks } of verdict.words) assert.doesNotMatch(t(key, blanks), /[{}]|undefined/);
});

test('a file of the version before holds, and says what of it nobody checks', async () => {
  assert.equal(JSON.parse(SAMPLE).version, 1);
  const { standing, words } = await verify(SAMPLE, KEY);
  assert.equal(standing, 'sealed');
  assert.equal(words.at(-1).key, 'check_earlier');
  const { words: newer } = await verify(SAMPLE.replace('"version": 1', '"version": 2'), KEY);
  assert.equal(newer.at(-1).key, 'check_rest');
});

test('a key that is not this relay’s, or not known, is never called its own', async () => {
  const other = await verify(SAMPLE, KEY.replace(/^../, '00'));
  assert.ok(other.words.some(({ key, ok }) => key === 'check_signed_other' && ok === null));
  const unknown = await verify(SAMPLE, null);
  assert.ok(unknown.words.some(({ key, ok }) => key === 'check_signed_unknown' && ok === null));
});

test('the example of the guide holds, with the fingerprint that stands there', async () => {
  const example = /```json\n([^]+?)```/.exec(GUIDE)?.[1] ?? '';
  const verdict = await verify(example, null);
  assert.equal(verdict.standing, 'sealed');
  assert.ok(GUIDE.includes(verdict.seals[0].fingerprint));
  assert.equal(await fingerprint(verdict.seals[0].public_key), verdict.seals[0].fingerprint);
});

test('every single field of every entry is covered: no edit of one passes', async () => {
  const { entries } = JSON.parse(SAMPLE);
  for (const [index, { recorded }] of entries.entries()) {
    for (const name of Object.keys(recorded)) {
      const verdict = await edited((file) => {
        const value = file.entries[index].recorded[name];
        file.entries[index].recorded[name] = typeof value === 'number' ? value + 1 : `${value}x`;
      });
      assert.deepEqual(first(verdict), ['check_changed', index + 1], `${name} of entry ${index + 1}`);
    }
  }
});

test('what was taken out, put in, repeated, moved or is of another session is named with its place', async () => {
  const cases = [
    [(f) => f.entries.splice(5, 1), 'check_missing', 6],
    [(f) => f.entries.splice(0, 1), 'check_missing', 1],
    [(f) => f.entries.pop(), 'check_cut', JSON.parse(SAMPLE).entries.length],
    [(f) => (f.entries = []), 'check_missing', 1],
    [(f) => f.entries.splice(6, 0, f.entries[5]), 'check_repeated', 7],
    [(f) => f.entries.splice(6, 0, ...f.entries.splice(5, 1)), 'check_out_of_order', 6],
    [(f) => (f.session = f.session.replace(/.$/, '9')), 'check_foreign', 1],
  ];
  for (const [edit, key, place] of cases) assert.deepEqual(first(await edited(edit)), [key, place]);
});

test('an entry rewritten with its hash is found by its neighbour', async () => {
  const verdict = await edited((file) => file);
  assert.equal(verdict.standing, 'sealed');
  const file = JSON.parse(SAMPLE);
  file.entries[7].recorded.at += 1;
  file.entries[7].hash = await hashOf(file.entries[7].recorded);
  assert.deepEqual(first(await verify(JSON.stringify(file), KEY)), ['check_neighbour', 8]);
});

test('a whole chain rewritten is not what was sealed', async () => {
  const file = JSON.parse(SAMPLE);
  let prev = null;
  for (const entry of file.entries) {
    if (prev !== null) entry.recorded.prev = prev;
    if (entry.recorded.seq === 8) entry.recorded.at += 1;
    prev = entry.hash = await hashOf(entry.recorded);
  }
  file.head = prev;
  assert.equal(first(await verify(JSON.stringify(file), KEY))[0], 'check_seal_head');
  file.seals = [];
  const bare = await verify(JSON.stringify(file), KEY);
  assert.equal(bare.standing, 'prefix');
  assert.ok(bare.words.some(({ key }) => key === 'check_prefix'), 'nobody vouches for it, and it says so');
});

test('no part of a seal can be edited', async () => {
  const { seals } = JSON.parse(SAMPLE);
  for (const [index, seal] of seals.entries()) {
    for (const [name, value] of Object.entries(seal)) {
      const other = typeof value === 'number' ? value - 1 : value.replace(/.$/, (c) => (c === '0' ? '1' : '0'));
      const verdict = await edited((file) => (file.seals[index][name] = other));
      assert.equal(verdict.standing, 'broken', `${name} of seal ${index + 1}`);
    }
  }
});

test('the words of a private note are those that were written', async () => {
  const own = JSON.parse(SAMPLE).entries.findIndex(({ note }) => note !== undefined);
  assert.notEqual(own, -1);
  const verdict = await edited((file) => (file.entries[own].note.text += '!'));
  assert.deepEqual(first(verdict), ['check_note', own + 1]);
});

test('what is no transcript is called so, whatever it is', async () => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  const ours = (rest) => `{"format":"tapcue.transcript","version":1,"session":"s",${rest}}`;
  for (const [text, key] of [
    ['', 'check_not_json'],
    ['{', 'check_not_json'],
    ['null', 'check_not_ours'],
    ['[]', 'check_not_ours'],
    [deep, 'check_not_ours'],
    ['{"format":"tapcue.transcript","version":3}', 'check_version'],
    [ours('"entries":[null],"seals":[]'), 'check_changed'],
    [ours(`"entries":[{"recorded":${deep}}],"seals":[]`), 'check_not_ours'],
    [ours('"entries":[{}],"seals":[null]'), 'check_changed'],
    [SAMPLE.replace('"version": 1', '"version": 1, "version": 1'), 'check_not_json'],
    [SAMPLE.replace('"version": 1', '"version": 1, "vers\\u0069on": 1'), 'check_not_json'],
  ]) {
    assert.equal(first(await verify(text, null))[0], key, text.slice(0, 60));
  }
});

test('without Ed25519 the chain is checked, and that the signatures are not is said', async () => {
  const subtle = {
    digest: (...all) => crypto.subtle.digest(...all),
    importKey: () => Promise.reject(new DOMException('', 'NotSupportedError')),
  };
  const verdict = await verify(SAMPLE, KEY, subtle);
  assert.equal(verdict.standing, 'unsigned');
  assert.ok(verdict.words.some(({ key }) => key === 'check_no_ed25519'));
  assert.deepEqual(verdict.seals, []);
});

test('names in strings and in other objects are no repetition', () => {
  assert.deepEqual(strictJson('{"a":{"a":"a:\\"a\\":"},"b":[{"a":1},{"a":2}]}'), { a: { a: 'a:"a":' }, b: [{ a: 1 }, { a: 2 }] });
  assert.equal(strictJson('{"a":1,"b":{"c":1,"c":2}}'), undefined);
  assert.deepEqual(strictJson('\uFEFF{"a":1}'), { a: 1 });
});
