//! Saves a record in four formats or on paper, checks it, and deletes it.

import { language, t } from '../../i18n/index.js';
import { erase, FORMATS, record, Refused, relayKey } from '../records.js';
import { verify } from '../verify.js';
import { h, setText, show } from '../../ui/dom.js';
import { onPress } from '../../input/press.js';
import { symbol } from '../../ui/symbols.js';

/** @import { Format } from '../records.js' */
/** @import { Finding, Verdict } from '../verify.js' */
/** @import { Context } from './review.js' */

/** How long a download may take to begin, in milliseconds. */
const DOWNLOAD_MS = 60_000;

/** @param {Context} context */
export function keep(context) {
  const said = h('p', { class: 'hint', role: 'status' });
  const formats = /** @type {Format[]} */ (Object.keys(FORMATS));
  const exports = formats.map((format) => {
    const button = h('button', { type: 'button', class: 'pill', 'data-export': format }, t(`export_${format}`));
    onPress(button, () => orSay(said, context, async () => {
      const name = await download(context, format);
      setText(said, t('export_done', { name }));
    }));
    return button;
  });
  const paper = h('button', { type: 'button', class: 'pill', 'data-action': 'print' }, t('print'));
  onPress(paper, () => print());
  return h(
    'section',
    { class: 'panel keep', 'aria-labelledby': 'keep-title' },
    h('h2', { id: 'keep-title' }, t('keep_title')),
    h('p', { class: 'hint' }, t('keep_hint')),
    h('div', { class: 'pills' }, ...exports, paper),
    said,
    ...checking(context),
    ...deleting(context),
  );
}

/** Does work that the relay may refuse, and says why if it does.
 * @param {HTMLElement} line @param {Context} context @param {() => Promise<void>} work */
async function orSay(line, context, work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    setText(line, context.fail(error.trouble));
  }
}

/** @param {Context} context @param {Format} format @returns {Promise<string>} The file's name. */
async function download({ place, transcript }, format) {
  const opened = new Date(transcript.header.opened_at);
  const file = await record(place, format, -opened.getTimezoneOffset(), language());
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const day = [opened.getFullYear(), two(opened.getMonth() + 1), two(opened.getDate())].join('-');
  const name = `tapcue-${day}-${two(opened.getHours())}${two(opened.getMinutes())}.${FORMATS[format]}`;
  const url = URL.createObjectURL(file);
  const link = h('a', { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_MS);
  return name;
}

/** @param {Context} context */
function checking({ text }) {
  const { subtle } = /** @type {{ subtle?: SubtleCrypto }} */ (crypto);
  if (!subtle) return [h('p', { class: 'cannot-check' }, t('check_cannot'))];
  const found = h('ul', { class: 'found', 'aria-live': 'polite' });
  const key = h('p', { class: 'hint relay-key' });
  const own = h('button', { type: 'button', class: 'pill', 'data-action': 'check' }, t('check_do'));
  const file = h('input', { type: 'file', class: 'unseen', accept: '.json,application/json', tabindex: '-1', 'aria-hidden': 'true' });
  const other = h('button', { type: 'button', class: 'pill', 'data-action': 'check-file' }, t('check_file'));
  const run = async (/** @type {string} */ name, /** @type {() => Promise<string>} */ read) => {
    found.replaceChildren(h('li', {}, t('check_busy')));
    const relay = await relayKey();
    const verdict = await verify(await read(), relay?.public_key ?? null, subtle);
    show(found, true);
    found.dataset['standing'] = verdict.standing;
    found.replaceChildren(h('li', { class: 'file-name' }, name), ...lines(verdict));
    setText(key, relay ? t('check_key', { key: relay.fingerprint }) : '');
  };
  onPress(own, () => void run(t('check_here'), async () => text));
  onPress(other, () => file.click());
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) void run(chosen.name, () => chosen.text());
    file.value = '';
  });
  return [h('div', { class: 'pills' }, own, other, file), found, key];
}

/** @param {Verdict} verdict */
function lines({ words }) {
  return words.map((/** @type {Finding} */ { ok, key, blanks }) =>
    h('li', { 'data-ok': String(ok) }, symbol(ok ? 'ready' : ok === false ? 'warning' : 'more'), h('span', {}, t(key, blanks))),
  );
}

/** @param {Context} context */
function deleting(context) {
  const open = h('button', { type: 'button', class: 'pill danger', 'data-action': 'delete' }, t('delete_do'));
  const said = h('p', { class: 'hint', role: 'status' });
  const not = h('button', { type: 'button', class: 'secondary', 'data-action': 'delete-cancel' }, t('delete_no'));
  const yes = h('button', { type: 'button', class: 'primary danger', 'data-action': 'delete-confirm' }, t('delete_yes'));
  const ask = h(
    'dialog',
    { class: 'confirm', 'aria-labelledby': 'delete-title', 'aria-describedby': 'delete-ask' },
    h('h2', { id: 'delete-title' }, t('delete_title')),
    h('p', { id: 'delete-ask' }, t('delete_ask')),
    h('div', { class: 'row' }, not, yes),
  );
  onPress(open, () => {
    ask.showModal();
    not.focus();
  });
  onPress(not, () => ask.close());
  onPress(yes, () => {
    ask.close();
    void orSay(said, context, async () => {
      await erase(context.place);
      context.erased();
    });
  });
  return [h('div', { class: 'pills deleting' }, open), said, ask];
}
