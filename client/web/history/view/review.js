//! The review of a past session. It fetches the record, or says that there is none any more. The rest is in
//! page.js, which is loaded only when it is needed.

import { language, reviewWords, t } from '../../i18n/index.js';
import { record, Refused } from '../records.js';
import { moment } from '../when.js';
import { afterPaint, h } from '../../ui/dom.js';
import { onPress } from '../../input/press.js';
import { symbol } from '../../ui/symbols.js';

/** @import { Place } from '../../device/store.js' */
/** @import { Trouble } from '../records.js' */
/** @import { Drawing, Transcript, Words } from '../transcript.d.ts' */
/** @import { Filter } from '../review.js' */
/** @import { Act, Screen } from '../../screens/types.d.ts' */

/**
 * What the parts of the page share.
 * @typedef {object} Context
 * @property {Place} place
 * @property {string} text The record as the relay sent it.
 * @property {Transcript} transcript The same record, parsed.
 * @property {Words} words
 * @property {Drawing | null} drawing For the width of the page; null if the relay did not send it.
 * @property {(width: number) => Promise<Drawing | null>} draw Fetches it for another width, in CSS pixels.
 * @property {Kept} kept What stays when the record is read again.
 * @property {() => Promise<void>} reload Reads the record again, after something was added.
 * @property {(trouble: Trouble) => string} fail Shows that the record is gone if it is; returns the trouble
 *   in words.
 * @property {() => void} erased Shows that the record was deleted from this page.
 */
/** @typedef {{ filter: Filter, about: number | null, said: string }} Kept */

const PRINT = 'styles/print.css';
const STYLES = ['styles/review.css', 'styles/review-timeline.css', PRINT];

/** @param {Act} act @returns {Screen} */
export function review(act) {
  const back = h('button', { type: 'button', class: 'bar-button review-back', 'data-action': 'review-back' }, symbol('back'), t('back'));
  onPress(back, () => act.closeReview());
  const body = h('div', { class: 'review-body' });
  const element = h('div', { class: 'page review' }, h('nav', { class: 'review-bar' }, back), body);
  /** @type {Place | null} */
  let shown = null;
  return {
    element,
    update(model) {
      if (model.review && model.review.session !== shown?.session) {
        shown = model.review;
        load(model.review, body, act);
      }
      return [];
    },
  };
}

/** @param {Place} place @param {HTMLElement} body @param {Act} act */
async function load(place, body, act) {
  body.replaceChildren(h('h1', { tabindex: '-1' }, t('past_title')), h('p', { class: 'hint', role: 'status' }, t('review_loading')));
  /** @type {Kept} */
  const kept = { filter: 'all', about: null, said: '' };

  const read = async (/** @type {'words' | 'drawing'} */ format, width = 0) =>
    JSON.parse(await (await record(place, format, 0, language(), width)).text());
  const reading = async () => {
    const parts = Promise.all([import('./page.js'), import('../verify.js'), reviewWords()]);
    const draw = (/** @type {number} */ width) => read('drawing', width).catch(() => null);
    // The style sheets decide how wide the page is.
    const drawn = styled().then(() => draw(body.clientWidth));
    const all = Promise.all([record(place, 'json'), read('words'), drawn]);
    const [[json, words, drawing], [{ page }, { VERSION }]] = await Promise.all([all, parts]);
    const text = await json.text();
    const transcript = /** @type {Transcript} */ (JSON.parse(text));
    if (transcript.version !== VERSION) throw new TypeError('another version');
    // A long record takes time to parse and to draw; a tap is handled between the two.
    await new Promise((done) => setTimeout(done));
    /** @type {Context} */
    const context = { place, text, transcript, words, drawing, draw, kept, reload, fail, erased };
    const scroller = body.closest('#screen');
    const top = scroller?.scrollTop ?? 0;
    const first = !body.querySelector('.review-page');
    const { element, below } = page(context);
    body.replaceChildren(element);
    if (first) {
      body.querySelector('h1')?.focus({ preventScroll: true });
      afterPaint(below);
    } else {
      below();
      if (scroller) scroller.scrollTop = top;
    }
  };
  const reload = async () => {
    try {
      await reading();
    } catch (error) {
      if (error instanceof Refused) showTrouble(fail(error.trouble));
      else showTrouble(t('review_unreadable'));
    }
  };
  const again = () => load(place, body, act);
  const fail = (/** @type {Trouble} */ trouble) => {
    if (trouble.why === 'deleted') {
      act.forgetSession(place.session);
      showGone(body, act, goneWords(trouble, place));
    } else if (trouble.why === 'bad_token') {
      act.forgetSession(place.session);
      showGone(body, act, t('review_bad_token'));
    }
    return troubleWords(trouble);
  };
  const erased = () => {
    act.forgetSession(place.session);
    showGone(body, act, t('gone_now'));
  };
  const showTrouble = (/** @type {string} */ words) => {
    // What is already shown stays, because only the relay did not answer.
    if (body.querySelector('.review-page, .review-gone')) return;
    const button = h('button', { type: 'button', class: 'secondary', 'data-action': 'review-again' }, t('review_again'));
    onPress(button, () => void again());
    body.replaceChildren(
      h('h1', { tabindex: '-1' }, t('past_title')),
      h('p', { class: 'trouble', role: 'alert' }, words),
      h('div', { class: 'row' }, button),
    );
  };
  await reload();
}

/** Loads the review's style sheets, when the first review is opened. */
function styled() {
  return Promise.all(STYLES.filter((href) => !document.querySelector(`link[href="${href}"]`)).map(sheet));
}

/** @param {string} href @returns {Promise<void>} */
function sheet(href) {
  return new Promise((resolve) => {
    const link = h('link', { rel: 'stylesheet', href, media: href === PRINT ? 'print' : 'all' });
    // A review without styles is better than none.
    for (const done of ['load', 'error']) link.addEventListener(done, () => resolve());
    document.head.append(link);
  });
}

/** @param {HTMLElement} body @param {Act} act @param {string} words */
function showGone(body, act, words) {
  const start = h('button', { type: 'button', class: 'primary', 'data-action': 'to-start' }, t('to_start'));
  onPress(start, () => act.closeReview());
  const title = h('h1', { tabindex: '-1' }, t('gone_title'));
  body.replaceChildren(
    h('div', { class: 'review-gone' }, title, h('p', { class: 'gone-line', role: 'alert' }, words), h('div', { class: 'row' }, start)),
  );
  title.focus();
}

/** @param {Extract<Trouble, { why: 'deleted' }>} deleted @param {Place} place */
function goneWords({ by, at }, { role }) {
  if (at === null) return t('error_deleted');
  const when = moment(at);
  if (by === null) return t('gone_time', { when });
  return t(by === role ? 'gone_you' : `gone_${by}`, { when });
}

/** @param {Trouble} trouble */
function troubleWords({ why }) {
  switch (why) {
    case 'no_answer':
      return t('review_no_answer');
    case 'too_fast':
      return t('review_too_fast');
    case 'unavailable':
      return t('review_unavailable');
    case 'open_stop':
      return t('delete_open_stop');
    case 'not_over':
      return t('notes_not_yet');
    case 'bad_note':
      return t('note_bad');
    case 'bad_token':
      return t('review_bad_token');
    case 'deleted':
      return t('error_deleted');
  }
}
