//! The join screen: a person types the code, or opens the link and taps once. The tap also turns the sound
//! on.

import { t } from '../i18n/index.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { readTyped } from '../device/typed.js';
import { languageChooser } from './language.js';
import { onPress } from '../input/press.js';
import { liveRegion } from '../ui/region.js';
import { nameField, troubleLine } from './start.js';

/** @import { Act, Screen } from './types.d.ts' */

/** @param {Act} act @returns {Screen} */
export function join(act) {
  const title = h('h1', { tabindex: '-1' });
  const code = h('input', {
    type: 'text',
    class: 'field code-field',
    dir: 'ltr',
    name: 'code',
    id: 'code-input',
    autocapitalize: 'characters',
    autocomplete: 'off',
    autocorrect: 'off',
    spellcheck: 'false',
    enterkeyhint: 'go',
    placeholder: 'K7M-2QX4R',
    'aria-describedby': 'code-hint',
  });
  const hint = h('p', { class: 'hint', id: 'code-hint' });
  const codeLabel = h('label', { class: 'labelled' }, h('span', {}, t('join_code')), code);
  const heard = liveRegion('polite');
  const elsewhere = h('p', { class: 'hint', role: 'status' });
  const name = nameField();
  const submit = h('button', { type: 'submit', class: 'primary', 'data-action': 'join' });
  const back = h('button', { type: 'button', class: 'quiet-button', 'data-action': 'back' });
  const trouble = troubleLine();
  const form = h('form', { class: 'page join', novalidate: true }, title, trouble.element, elsewhere, codeLabel, hint, heard.element, name.element, submit, back, languageChooser(act, 'named'));
  let invited = false;
  let wasInvited = false;
  let busy = false;

  code.addEventListener('input', () => {
    const atEnd = code.selectionEnd === code.value.length;
    const typed = readTyped(code.value);
    if (typed.secret !== null) {
      code.value = '';
      act.invited(typed.secret);
      return;
    }
    // While a person edits the middle of the text, it is not reformatted, so that the cursor does not jump.
    if (atEnd && !code.value.endsWith('-')) code.value = typed.text;
    setText(hint, typed.wrong === '' ? t('join_hint') : t('join_wrong', { what: typed.wrong }));
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (busy) return;
    if (invited) {
      act.joinByLink(name.input.value);
      return;
    }
    const { text, missing, wrong } = readTyped(code.value);
    if (wrong !== '') refuse(t('join_wrong', { what: wrong }));
    else if (missing > 0) refuse(t('join_short', { n: missing }));
    else if (missing < 0) refuse(t('join_long', { n: -missing }));
    else act.joinByCode(text, name.input.value);
  });
  /** @param {string} words */
  const refuse = (words) => {
    setText(hint, words);
    heard.say(words);
    code.focus();
  };
  onPress(back, () => (busy ? act.leave() : act.route('start')));

  return {
    element: form,
    update(model) {
      invited = model.invited;
      busy = model.device !== null && model.device.view.link === 'connecting';
      setText(title, t(invited ? 'join_link_title' : 'join_title'));
      setText(submit, t(invited ? 'join_link_do' : 'join_do'));
      setAttribute(submit, 'aria-disabled', String(busy));
      setAttribute(form, 'data-invited', String(invited));
      setText(back, t(busy ? 'cancel' : 'back'));
      show(codeLabel, !invited);
      show(elsewhere, model.elsewhere);
      setText(elsewhere, model.elsewhere ? t('join_elsewhere') : '');
      name.update(model);
      if (invited) setText(hint, t('join_link_hint'));
      else if (wasInvited || hint.textContent === '') setText(hint, t('join_hint'));
      wasInvited = invited;
      trouble.update(model);
      return [];
    },
  };
}
