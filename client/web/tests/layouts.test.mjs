//! Keys on keyboards of other scripts, with dead keys and with input methods.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isThumbKey, keyAct, keyName } from '../device/keys.js';

const PLAIN = { repeat: false, ctrlKey: false, metaKey: false, altKey: false };
const LIVE = { role: 'receiver', screen: 'live', onControl: false, typing: false };
const HELD = { ...LIVE, screen: 'held' };

/** What the keys R, S, B, E, M and T write, by layout. */
const LAYOUTS = {
  Arabic: { KeyR: 'ق', KeyS: 'س', KeyB: 'لا', KeyE: 'ث', KeyM: 'ة', KeyT: 'ف' },
  Persian: { KeyR: 'ق', KeyS: 'س', KeyB: 'ذ', KeyE: 'ث', KeyM: 'پ', KeyT: 'ف' },
  Russian: { KeyR: 'к', KeyS: 'ы', KeyB: 'и', KeyE: 'у', KeyM: 'ь', KeyT: 'е' },
  Greek: { KeyR: 'ρ', KeyS: 'σ', KeyB: 'β', KeyE: 'ε', KeyM: 'μ', KeyT: 'τ' },
  Hebrew: { KeyR: 'ר', KeyS: 'ד', KeyB: 'נ', KeyE: 'ק', KeyM: 'צ', KeyT: 'א' },
  Thai: { KeyR: 'พ', KeyS: 'ห', KeyB: 'ิ', KeyE: 'ำ', KeyM: 'ท', KeyT: 'ะ' },
  Hindi: { KeyR: 'ी', KeyS: 'े', KeyB: 'व', KeyE: 'ा', KeyM: 'स', KeyT: 'ू' },
  Korean: { KeyR: 'ㄱ', KeyS: 'ㄴ', KeyB: 'ㅠ', KeyE: 'ㄷ', KeyM: 'ㅡ', KeyT: 'ㅅ' },
  Georgian: { KeyR: 'რ', KeyS: 'ს', KeyB: 'ბ', KeyE: 'ე', KeyM: 'მ', KeyT: 'ტ' },
  'an input method': { KeyR: 'Process', KeyS: 'Process', KeyB: 'Process', KeyE: 'Process', KeyM: 'Process', KeyT: 'Process' },
  'dead keys': { KeyR: 'Dead', KeyS: 'Dead', KeyB: 'Dead', KeyE: 'Dead', KeyM: 'Dead', KeyT: 'Dead' },
  'no names': { KeyR: 'Unidentified', KeyS: 'Unidentified', KeyB: 'Unidentified', KeyE: '', KeyM: '', KeyT: '' },
  'full width': { KeyR: 'ｒ', KeyS: 'Ｓ', KeyB: 'ｂ', KeyE: 'Ｅ', KeyM: 'ｍ', KeyT: 'Ｔ' },
};

for (const [layout, keys] of Object.entries(LAYOUTS)) {
  test(`with ${layout} the keys act by their place`, () => {
    const act = (code, where) => keyAct({ ...PLAIN, code, key: keys[code] }, where);
    assert.deepEqual(act('KeyB', LIVE), { tap: 'stop' });
    assert.deepEqual(act('KeyS', LIVE), { tap: 'slower' });
    assert.deepEqual(act('KeyE', LIVE), { tap: 'ease_up' });
    assert.deepEqual(act('KeyM', LIVE), { tap: 'more_pressure' });
    assert.deepEqual(act('KeyR', HELD), { tap: 'ready' });
    assert.equal(isThumbKey({ ...PLAIN, code: 'KeyT', key: keys.KeyT }), true);
    assert.equal(act('KeyS', { ...LIVE, typing: true }), null, 'letters are letters in a field');
  });
}

test('a Latin letter is what it says, wherever its key is', () => {
  const name = (key, code) => keyName({ key, code });
  assert.equal(name('a', 'KeyQ'), 'a', 'French');
  assert.equal(name('z', 'KeyY'), 'z', 'German');
  assert.equal(name('s', 'Semicolon'), 's', 'Dvorak, Colemak');
  assert.equal(name('é', 'Digit2'), 'é');
  assert.equal(name('ß', 'Minus'), 'ß');
  assert.equal(name('B', 'KeyN'), 'b');
  for (const named of ['Enter', 'F5', 'PageDown', 'ArrowUp', 'MediaTrackNext', 'Tab', 'Shift']) assert.equal(name(named, 'KeyR'), named);
  assert.equal(name('Unidentified', 'F20'), 'F20');
  assert.equal(name('5', 'Digit5'), '5');
  assert.equal(name('٥', 'Digit5'), '٥');
});

test('a space and a full stop of any kind are stop, whatever an input method makes of them', () => {
  for (const event of [
    { key: ' ', code: 'Space' },
    { key: '\u00a0', code: 'Space' },
    { key: '\u00a0', code: '' },
    { key: '\u3000', code: '' },
    { key: '\u202f', code: '' },
    { key: 'Spacebar', code: '' },
    { key: 'Process', code: 'Space' },
    { key: 'Unidentified', code: 'Space' },
    { key: '´', code: 'Space' },
    { key: 'Dead', code: 'Space' },
    { key: '.', code: 'Period' },
    { key: '。', code: 'Period' },
    { key: '．', code: '' },
    { key: '｡', code: '' },
    { key: 'ю', code: 'Period' },
    { key: 'Process', code: 'Period' },
    { key: 'Escape', code: 'Escape' },
    { key: 'Process', code: 'Escape' },
    { key: 'Esc', code: '' },
  ]) {
    for (const role of ['receiver', 'helper']) {
      for (const screen of ['pair', 'setup', 'rehearse', 'live', 'held', 'lost']) {
        assert.deepEqual(keyAct({ ...PLAIN, ...event }, { ...LIVE, role, screen }), { tap: 'stop' }, JSON.stringify(event));
      }
    }
  }
});

test('an Escape that ends a composition in a field is stop all the same', () => {
  assert.deepEqual(keyAct({ ...PLAIN, key: 'Process', code: 'Escape' }, { ...LIVE, typing: true }), { tap: 'stop' });
});
