//! Hands a link to another app, or to the clipboard.

import { t } from '../i18n/index.js';
import { h } from './dom.js';

/** @param {string} link */
export function share(link) {
  if ('share' in navigator) {
    navigator.share({ title: t('name'), text: t('pair_text'), url: link }).catch(() => {});
    return;
  }
  const { clipboard } = /** @type {Partial<Navigator>} */ (navigator);
  if (clipboard) {
    clipboard.writeText(link).catch(() => {});
    return;
  }
  // Plain http has no clipboard: the old way still works there.
  const field = h('textarea', { class: 'unseen', readonly: true });
  field.value = link;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
