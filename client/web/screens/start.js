//! The start page: the choice of a role, what this device can do, and the way back into a recent session.

import { t } from '../i18n/index.js';
import { NAME_CHARS } from '../device/limits.js';
import { lastName } from '../device/store.js';
import { blocked, keysSection, relayLine } from './device.js';
import { days, timeOfDay } from '../history/when.js';
import { timeText } from './before.js';
import { afterPaint, h, setAttribute, setText, show } from '../ui/dom.js';
import { deletedLine } from './end.js';
import { languageChooser } from './language.js';
import { pastSection } from '../history/view/past.js';
import { onPress } from '../input/press.js';
import { liveRegion } from '../ui/region.js';
import { symbol } from '../ui/symbols.js';

/** @import { Role } from '../device/protocol.d.ts' */
/** @import { Key } from '../i18n/index.js' */
/** @import { Act, Model, Screen } from './types.d.ts' */
/** @import { Capability } from '../output/capabilities.js' */
/** @import { Place } from '../device/store.js' */
/** @import { SymbolName } from '../ui/symbols.js' */

/** After more than this many attempts to connect the page says that no relay answers. */
export const SLOW_ATTEMPTS = 3;
/** A session is offered again for this long after this device last entered it, in milliseconds: a day. */
const GO_ON_WITHIN_MS = 24 * 3_600_000;
/** The intervals to choose from for check-ins, in seconds, the default first; 0 is never. */
const CHECK_IN_S = [90, 180, 300, 0];
/** The days to choose from for keeping a record, the default first; 0 is not at all. */
const KEEP_DAYS = [30, 7, 1, 0];

/** @param {Act} act @returns {Screen} */
export function start(act) {
  const receive = choice('create-receiver', 'receive', 'start_receive', 'start_receive_hint');
  const help = choice('create-helper', 'help', 'start_help', 'start_help_hint');
  const join = choice('join', 'join', 'start_join', 'start_join_hint');
  const name = nameField();
  const rehearsal = checkbox('option_rehearsal');
  const setup = checkbox('option_setup');
  const consent = checkbox('option_consent', false);
  const checkIn = checkInChoice();
  const keep = keepChoice();
  const eyesFree = checkbox('option_eyes_free');
  eyesFree.input.addEventListener('change', () => act.eyesFree(eyesFree.input.checked));
  const trouble = troubleLine();
  const relay = relayLine(act);
  const cancel = h('button', { type: 'button', class: 'quiet-button', 'data-action': 'cancel' }, t('cancel'));
  const open = h('section', { class: 'past' });
  const past = pastSection(act);
  const device = deviceSection(act);
  /** @param {Role} role */
  const create = (role) =>
    act.create(role, name.input.value, {
      rehearsal: rehearsal.input.checked,
      setup: setup.input.checked,
      hold_to_consent: consent.input.checked,
      keep: keep.select.value,
      check_in_every_s: Number(checkIn.select.value),
    });
  onPress(receive, () => create('receiver'));
  onPress(help, () => create('helper'));
  onPress(join, () => act.route('join'));
  onPress(cancel, () => act.leave());

  const element = h(
    'div',
    { class: 'page start' },
    h(
      'header',
      { class: 'masthead' },
      h('div', { class: 'masthead-line' }, h('h1', { tabindex: '-1' }, symbol('stop', 'logo'), t('name')), languageChooser(act, 'named')),
      h('p', { class: 'idea' }, t('idea')),
    ),
    relay.element,
    trouble.element,
    cancel,
    h('div', { class: 'choices' }, receive, help, join),
    open,
    past.element,
    h(
      'details',
      { class: 'panel options', 'data-panel': 'options' },
      h('summary', {}, t('start_options')),
      name.element,
      rehearsal.element,
      setup.element,
      h('p', { class: 'hint' }, t('option_waived')),
      consent.element,
      h('p', { class: 'hint' }, t('option_consent_hint')),
      checkIn.element,
      h('p', { class: 'hint' }, t('option_check_in_hint')),
      keep.element,
      h('p', { class: 'hint' }, t('option_keep_hint')),
      eyesFree.element,
      h('p', { class: 'hint' }, t('option_eyes_free_hint')),
    ),
    device.element,
    keysSection(act).element,
    h('p', { class: 'hint aid' }, t('aid')),
  );
  /** @type {Place[] | null} */
  let shownPast = null;
  return {
    element,
    update(model) {
      const busy = model.device !== null && model.device.view.link === 'connecting';
      for (const button of [receive, help, join]) setAttribute(button, 'aria-disabled', String(busy));
      relay.update(model);
      trouble.update(model);
      name.update(model);
      show(cancel, busy);
      if (shownPast !== model.recent) {
        shownPast = model.recent;
        showOpen(open, model.recent, act);
        past.update(model.recent);
      }
      device.update(model);
      eyesFree.input.checked = model.eyesFree;
      return [];
    },
  };
}

/** One line that says what is in progress or what went wrong. */
export function troubleLine() {
  const line = h('p', { class: 'trouble' });
  const heard = liveRegion('assertive');
  return {
    element: h('div', { class: 'contents' }, line, heard.element),
    /** @param {Model} model */
    update({ device, error, field, deleted, problem, relay }) {
      const busy = device !== null && device.view.link === 'connecting';
      const slow = busy && device.attempts > SLOW_ATTEMPTS;
      const connecting = slow ? blocked(relay) || t('still_connecting') : t('connecting');
      const refused = error === 'deleted' && deleted ? deletedLine(deleted) : error ? t(`error_${error}`) : '';
      // The refusal of a name stands beside the name field instead.
      const why = field === 'name' ? '' : field !== null && error === 'bad_message' ? fieldLine(field) : refused;
      const text = busy ? connecting : problem ? t(problem) : why;
      setAttribute(line, 'data-kind', busy ? 'busy' : 'error');
      if (line.textContent !== text) heard.say(text);
      setText(line, text);
      show(line, text !== '');
    },
  };
}

/** What to do about a field of the hello that the relay refused. @param {string} field */
function fieldLine(field) {
  return t(field === 'code' || field === 'secret' ? 'error_unknown_code' : 'field_other');
}

/** The field for a name, filled with the name typed last. */
export function nameField() {
  const input = h('input', {
    type: 'text',
    class: 'field',
    name: 'name',
    autocomplete: 'nickname',
    dir: 'auto',
    maxlength: String(NAME_CHARS),
  });
  input.value = lastName();
  const wrong = h('p', { class: 'trouble', 'data-kind': 'error', role: 'alert' });
  show(wrong, false);
  let shown = false;
  return {
    input,
    element: h('div', { class: 'name-field' }, h('label', { class: 'labelled' }, h('span', {}, t('start_name')), input), wrong),
    /** Shows the relay's refusal of a name beside the field. @param {Model} model */
    update({ field }) {
      const refused = field === 'name';
      if (refused === shown) return;
      shown = refused;
      setAttribute(input, 'aria-invalid', refused ? 'true' : null);
      setText(wrong, refused ? t('field_name') : '');
      show(wrong, refused);
      if (!refused) return;
      const folded = input.closest('details');
      if (folded) folded.open = true;
      input.focus();
    },
  };
}

/** @param {string} action @param {SymbolName} name @param {Key} word @param {Key} hint */
function choice(action, name, word, hint) {
  return h(
    'button',
    { type: 'button', class: 'choice', 'data-action': action },
    symbol(name),
    h('span', {}, h('b', {}, t(word)), h('small', {}, t(hint))),
  );
}

/** @param {Key} word @param {boolean} [checked] */
function checkbox(word, checked = true) {
  const input = h('input', { type: 'checkbox', checked, name: word });
  return { input, element: h('label', { class: 'check' }, input, h('span', {}, t(word))) };
}

/** The choice of the check-in interval. */
function checkInChoice() {
  const options = CHECK_IN_S.map((s) =>
    h('option', { value: String(s) }, s === 0 ? t('check_in_off') : t('check_in_every', { time: timeText(s) })),
  );
  const select = h('select', { class: 'field', name: 'check_in' }, ...options);
  return { select, element: h('label', { class: 'labelled' }, h('span', {}, t('option_check_in')), select) };
}

/** The choice of how long the record of a session is kept, with values as the protocol writes them. */
function keepChoice() {
  const options = KEEP_DAYS.map((n) => h('option', { value: n === 0 ? 'none' : `${n}d` }, n === 0 ? t('keep_none') : null));
  // A browser needs time before it can write a number of days, and these options are folded away.
  afterPaint(() => options.forEach((option, index) => KEEP_DAYS[index] && setText(option, days(KEEP_DAYS[index]))));
  const select = h('select', { class: 'field', name: 'keep' }, ...options);
  return { select, element: h('label', { class: 'labelled' }, h('span', {}, t('option_keep')), select) };
}

/** @param {HTMLElement} section @param {Place[]} recent @param {Act} act */
function showOpen(section, recent, act) {
  const open = recent.filter(({ at, ended }) => !ended && Date.now() - at < GO_ON_WITHIN_MS);
  const buttons = open.slice(0, 2).map((place) => {
    const when = timeOfDay(place.at);
    const button = h(
      'button',
      { type: 'button', class: 'go-on', 'data-action': 'resume' },
      h('b', {}, t('past_go_on', { when })),
      h('small', {}, t('past_role', { role: t(place.role) })),
    );
    onPress(button, () => act.resume(place));
    return button;
  });
  section.replaceChildren(...buttons);
  show(section, buttons.length > 0);
}

/** @param {Act} act */
function deviceSection(act) {
  const list = h('ul', { class: 'can' });
  const volume = h('input', { type: 'range', class: 'volume', min: '0', max: '1', step: '0.05' });
  const tryIt = h('button', { type: 'button', class: 'quiet-button', 'data-action': 'try-sound' }, t('try_sound'));
  volume.addEventListener('input', () => act.volume(volume.valueAsNumber));
  onPress(tryIt, () => act.trySound());
  const element = h(
    'details',
    { class: 'panel device' },
    h('summary', {}, t('start_device'), h('span', { class: 'can-marks', 'aria-hidden': 'true' })),
    list,
    h('label', { class: 'labelled' }, h('span', {}, t('volume')), volume),
    h('div', { class: 'row' }, tryIt),
    h('p', { class: 'hint' }, t('volume_hint')),
  );
  const marks = element.querySelector('.can-marks');
  /** @type {Capability[] | null} */
  let shown = null;
  return {
    element,
    /** @param {Model} model */
    update(model) {
      if (document.activeElement !== volume) volume.value = String(model.volume);
      if (shown === model.can) return;
      shown = model.can;
      list.replaceChildren(...model.can.map(capabilityLine));
      marks?.replaceChildren(...model.can.map(({ ok }) => h('i', { 'data-ok': String(ok) })));
    },
  };
}

/** @param {Capability} capability */
function capabilityLine({ name, line, ok, href }) {
  const words = href ? h('a', { href }, t(line)) : t(line);
  return h(
    'li',
    { 'data-ok': String(ok) },
    symbol(ok ? 'ready' : 'warning'),
    h('span', {}, h('b', {}, t(name)), h('span', { class: 'unseen' }, ` ${t(ok ? 'yes' : 'no')}. `), h('small', {}, words)),
  );
}
