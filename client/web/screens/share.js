//! Hands a link to another app, or to the clipboard.

import { t } from '../i18n/index.js';
import { canShare, copy, shareWith } from '../device/optional.js';

/** The result of sharing. @typedef {'shared' | 'copied' | 'cancelled' | 'failed'} Shared */

/** @param {string} link @returns {Promise<Shared>} */
export async function share(link) {
  if (canShare()) {
    const became = await shareWith({ title: t('name'), text: t('pair_text'), url: link });
    if (became !== 'failed') return became;
  }
  return (await copy(link)) ? 'copied' : 'failed';
}
