//! The panel of what each key does, for both roles. A person can try any key or pedal and choose what it
//! does. The module is loaded when the panel is opened.

import { t } from '../i18n/index.js';
import { CHOICES, choose, isFree, isThumbKey, keyName, keysOf, meaningOf } from '../device/keys.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { onPress } from '../input/press.js';

/** @import { KeyChoice, OwnKeys } from '../device/keys.js' */
/** @import { Role } from '../device/protocol.d.ts' */

/** The labels of keys, by the keys' names. @type {Record<string, string>} */
const CAPS = { Escape: 'Esc', ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', PageUp: 'Page ↑', PageDown: 'Page ↓' };

/** @param {OwnKeys} own @param {(own: OwnKeys) => void} keep */
export function keysPanel(own, keep) {
  /** @type {Role} */
  let role = 'receiver';
  /** The key that was pressed last. */
  let pressed = '';
  const roles = /** @type {const} */ (['receiver', 'helper']).map((one) => {
    const button = h('button', { type: 'button', class: 'quiet-button', 'data-role': one }, t(one === 'receiver' ? 'start_receive' : 'start_help'));
    onPress(button, () => {
      role = one;
      update();
    });
    return button;
  });
  const list = h('dl', { class: 'keys' });
  const line = h('b', { role: 'status' });
  const pad = h('div', { class: 'key-pad', tabindex: '0', role: 'application', 'aria-label': t('keys_try') }, line);
  const question = h('p', { id: 'key-question' });
  const choices = h('div', { class: 'key-choices', role: 'group', 'aria-labelledby': 'key-question' });
  const change = h('div', { class: 'key-change' }, question, choices);

  pad.addEventListener('keydown', (event) => {
    const name = keyName(event);
    if (name === 'Tab' || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (event.repeat || name === 'Shift') return;
    pressed = name;
    update();
  });
  // The release of a key must not act on the page or on the controls around the pad.
  pad.addEventListener('keyup', (event) => event.key !== 'Tab' && event.preventDefault());
  // Only the line changes here: a choice button must stay under the finger that takes the focus.
  for (const name of ['focus', 'blur']) pad.addEventListener(name, () => prompt());

  /** @param {KeyChoice | null} choice */
  const pick = (choice) => {
    own = choose(own, role, pressed, choice);
    keep(own);
    update();
    pad.focus();
  };

  function prompt() {
    const waiting = t(document.activeElement === pad ? 'keys_listening' : 'keys_try');
    setText(line, pressed === '' ? waiting : said(pressed));
  }

  function update() {
    for (const button of roles) setAttribute(button, 'aria-pressed', String(button.dataset.role === role));
    list.replaceChildren(
      ...keysOf(role, own).flatMap(({ choice, keys }) => [
        h('dt', {}, wordFor(choice)),
        h('dd', {}, ...keys.map((key) => h('kbd', { 'data-own': own[role]?.[key] !== undefined }, capOf(key)))),
      ]),
    );
    prompt();
    const free = pressed !== '' && isFree(pressed);
    show(change, free);
    if (!free) return;
    setText(question, t('keys_change', { key: capOf(pressed) }));
    const now = meaningOf(pressed, role, own);
    const buttons = CHOICES[role].map((choice) => {
      const button = h('button', { type: 'button', class: 'quiet-button', 'data-choice': choice, 'aria-pressed': String(choice === now) }, wordFor(choice));
      onPress(button, () => pick(choice));
      return button;
    });
    if (own[role]?.[pressed] !== undefined) {
      const reset = h('button', { type: 'button', class: 'quiet-button', 'data-choice': 'reset' }, t('keys_reset'));
      onPress(reset, () => pick(null));
      buttons.push(reset);
    }
    choices.replaceChildren(...buttons);
  }

  /** @param {string} name */
  function said(name) {
    const key = capOf(name);
    const thumb = isThumbKey({ key: name, ctrlKey: false, metaKey: false, altKey: false });
    if (thumb && role === 'receiver') return t('keys_pressed', { key, meaning: t('keys_thumb') });
    const meant = meaningOf(name, role, own);
    if (isFree(name)) return t('keys_pressed', { key, meaning: wordFor(meant) });
    return t(meant === 'stop' ? 'keys_stays' : 'keys_not_free', { key });
  }

  update();
  return h(
    'div',
    { class: 'keys-panel' },
    h('p', { class: 'hint' }, t('keys_hint')),
    h('div', { class: 'row' }, ...roles),
    pad,
    change,
    list,
    h('p', { class: 'hint' }, t('keys_none')),
  );
}

/** @param {string} name */
function capOf(name) {
  if (name === ' ') return t('key_space');
  return CAPS[name] ?? (name.length === 1 ? name.toUpperCase() : name);
}

/** @param {KeyChoice | 'end'} choice */
function wordFor(choice) {
  if (choice === 'end') return t('keys_end');
  if (choice === 'acknowledge') return t('keys_acknowledge');
  return choice === 'nothing' ? t('keys_nothing') : t(`cue_${choice}`);
}
