//! Two parts of the start page: whether a relay answers, and the keys of this device.

import { t } from '../i18n/index.js';
import * as store from '../device/store.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { onPress } from '../input/press.js';

/** @import { Reach } from '../device/update.js' */
/** @import { Act, Model } from './types.d.ts' */

/** Why the relay cannot be reached; empty if it can or if that is not known yet. @param {Reach} relay */
export function blocked(relay) {
  switch (relay) {
    case 'unknown':
    case 'here':
      return '';
    case 'no_fetch':
      return t('relay_lacks', { what: 'fetch' });
    case 'no_socket':
      return t('relay_lacks', { what: 'WebSocket' });
    case 'gone':
    case 'other':
    case 'offline':
    case 'foreign':
    case 'busy':
    case 'blocked':
      return t(`relay_${relay}`, { host: location.host });
  }
}

/** Says that no relay answers, or that the relay has another version. @param {Act} act */
export function relayLine(act) {
  const words = h('p', {});
  const again = h('button', { type: 'button', class: 'quiet-button', 'data-action': 'ask-relay' }, t('relay_again'));
  onPress(again, () => act.askRelay());
  const element = h('div', { class: 'trouble relay', role: 'alert' }, words, again);
  return {
    element,
    /** @param {Model} model */
    update({ relay, device }) {
      const why = blocked(relay);
      // While the device connects to a session, `troubleLine` says that no relay answers.
      show(element, relay === 'other' || (why !== '' && device === null));
      setAttribute(element, 'data-relay', relay);
      if (why !== '') setText(words, why);
    },
  };
}

/** The section of what each key does, loaded when it is first opened. @param {Act} act */
export function keysSection(act) {
  const body = h('div', {}, h('p', { class: 'hint', role: 'status' }, t('keys_loading')));
  const element = h('details', { class: 'panel', 'data-panel': 'keys' }, h('summary', {}, t('keys_title')), body);
  let loaded = false;
  element.addEventListener('toggle', async () => {
    if (!element.open || loaded) return;
    try {
      const { keysPanel } = await import('./keys.js');
      loaded = true;
      body.replaceChildren(keysPanel(store.ownKeys(), (own) => act.ownKeys(own)));
    } catch {
      body.replaceChildren(h('p', { class: 'hint', role: 'status' }, t('keys_failed')));
    }
  });
  return { element };
}
