//! The language chooser, with each language in its own name.

import { LANGUAGES, isLanguage, language, t } from '../i18n/index.js';
import { afterPaint, h } from '../ui/dom.js';
import { symbol } from '../ui/symbols.js';

/** @import { Act } from './types.d.ts' */

/** @param {Act} act @param {'named' | 'small'} size `small` shows only a globe. */
export function languageChooser(act, size) {
  const options = Object.entries(LANGUAGES).map(([value, { name, html, dir }]) =>
    h('option', { value, lang: html, dir, selected: value === language() }, name),
  );
  const select = h('select', { 'aria-label': t('language'), 'data-action': 'language', title: t('language') });
  select.append(...options.filter(({ selected }) => selected));
  // A browser is slow to find the letters of other scripts, so other languages come after the first paint.
  afterPaint(() => select.replaceChildren(...options));
  select.addEventListener('change', () => isLanguage(select.value) && act.language(select.value));
  return h('span', { class: `language ${size}` }, symbol('globe'), select);
}
