//! Codes, names and invitations that people type and paste, as keyboards and chat programs change them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { readInvitation, readTyped, tidyName } from '../device/typed.js';

const table = (name) => JSON.parse(readFileSync(new URL(`../../../shared/written/${name}.json`, import.meta.url), 'utf8'));
const SECRET = 'aB3_-x9Qz0LmNoPqRsTuVw';

test('codes are read as people write them: the table of the relay and the terminal client', () => {
  const { read, unread } = table('codes');
  for (const [written, code] of read) {
    const { secret, text, missing, wrong } = readTyped(written);
    assert.deepEqual([secret, text.replace('-', ''), missing, wrong], [null, code, 0, ''], JSON.stringify(written));
    assert.equal(readTyped(text).text, text, 'once more changes nothing');
  }
  for (const written of unread) {
    const { secret, missing, wrong } = readTyped(written);
    assert.ok(secret === null && (missing !== 0 || wrong !== ''), JSON.stringify(written));
  }
});

test('what is no code yet says what it lacks, and what is in none stays to be mended', () => {
  for (const [written, missing] of [['3CG-8V2', 2], ['3C', 6], ['', 8], ['--', 8], ['3CG-8V22QX', -1]]) {
    assert.deepEqual([readTyped(written).missing, readTyped(written).wrong], [missing, ''], written);
  }
  for (const [written, wrong] of [['3CU-8V22Q', 'U'], ['3CG-8VÜ2Q', 'Ü'], ['ЗСG-8V22Q', 'ЗС']]) {
    const typed = readTyped(written);
    assert.deepEqual([typed.wrong, typed.text], [wrong, written]);
  }
  assert.equal(readTyped('Code (192.168.1.7:8080): 3CG-8V22Q').text, '3CG-8V22Q');
  assert.equal(readTyped('The phone says 3CG-8V22Q, join me there!').text, '3CG-8V22Q');
});

test('a code is read the same at each character that is typed', () => {
  let field = '';
  for (const one of 'k7m2qx4r') field = readTyped(field + one).text;
  assert.equal(field, 'K7M-2QX4R');
});

for (const { typed, name } of table('names')) {
  test(`a name as somebody has it: ${JSON.stringify(typed)}`, () => assert.equal(tidyName(typed), name));
}

test('half a character is none', () => {
  assert.equal(tidyName('An\ud83dna'), 'Anna');
});

test('a name is as long as the relay takes', () => {
  assert.equal([...tidyName('😀'.repeat(60))].length, 40);
});

test('an invitation is read as chat programs change it', () => {
  for (const changed of [
    `#join=${SECRET}`,
    `#join=${SECRET}.`,
    `#join=${SECRET},`,
    `#join=${SECRET}!`,
    `#join=${SECRET}…`,
    `#join=${SECRET}。`,
    `#join=${SECRET}>`,
    `#join=<${SECRET}>`,
    `#join=${SECRET})`,
    `#join=${SECRET}”`,
    `#join=${SECRET}**`,
    `#join=${SECRET}_`,
    `#JOIN=${SECRET}`,
    `#Join=${SECRET}`,
    `#join%3D${SECRET}`,
    `#join%253D${SECRET}`,
    `#%6Aoin=${SECRET}%2E`,
    `#join=${SECRET}%E2%80%8B`,
    `#join=${SECRET}\u200b`,
    `#\u2060join=${SECRET.slice(0, 9)}\u00ad${SECRET.slice(9)}`,
    `#join=${SECRET}&utm_source=chat&fbclid=IwAR0`,
    `#join=${SECRET}?utm_source=chat`,
    `#join=${SECRET}#more`,
    `#/join=${SECRET}`,
    `#join=%20${SECRET}`,
    `#join:${SECRET}`,
    `#join=${SECRET}%`,
    `＃ｊｏｉｎ＝${SECRET}`,
    `Join me on Tapcue http://192.168.1.7:8080/#join=${SECRET} (good for an hour)`,
    `<http://tapcue.local/#join=${SECRET}>`,
  ]) {
    assert.deepEqual(readInvitation(changed), { secret: SECRET }, changed);
  }
});

test('two dashes that became one are two again', () => {
  const dashed = 'aB3--x9Qz0LmNoPqRsTuVw';
  assert.deepEqual(readInvitation(`#join=${dashed.replace('--', '—')}`), { secret: dashed });
  assert.deepEqual(readInvitation(`#join=${SECRET.replace('-', '–')}`), { secret: SECRET });
});

test('an invitation without a secret to read is said to be broken, and other addresses are none', () => {
  for (const broken of ['#join=', '#join', '#join=S', '#join=S.', '#JOIN=abc', `#join=${SECRET.slice(1)}`, `#join=${SECRET}abc`, '#join=%', '#join=…', '#join=[redacted]']) {
    assert.equal(readInvitation(broken), 'broken', broken);
  }
  for (const other of ['', '#', '#other=x', '#joinery', `#x=${SECRET}`, 'join me', `http://host/join=${SECRET}`]) {
    assert.equal(readInvitation(other), null, other);
  }
});

test('an invitation that is pasted where a code goes is one', () => {
  assert.equal(readTyped(`http://192.168.1.7:8080/#join=${SECRET}`).secret, SECRET);
  assert.equal(readTyped('http://192.168.1.7:8080/#join=S').secret, null);
});
