//! Announces each change: to the ear by a tune and words, and to a screen reader through live regions.

import { t } from '../i18n/index.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { lampProblem } from './lamps.js';
import { liveRegion } from '../ui/region.js';

/** @import { Change } from './changes.js' */
/** @import { Sound } from '../output/sound.js' */
/** @import { TuneName } from '../output/tunes.js' */

/** Changes that no voice announces, because it would only interrupt the two people.
 * @type {Change['kind'][]} */
const UNSPOKEN = ['shown', 'acknowledged', 'recorded_again', 'ready'];

/** The least time that a notice stays, and its time per letter if it is long, both in milliseconds. A person
 * has to look up and read it. */
const TOAST_MS = 4_000;
const LETTER_MS = 110;

/** @param {Sound} sound */
export function announcer(sound) {
  const urgent = liveRegion('assertive');
  const polite = liveRegion('polite');
  const toast = h('div', { id: 'toast', 'aria-hidden': 'true' });
  show(toast, false);
  document.body.append(urgent.element, polite.element, toast);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** Moves the notice to where it covers nothing. That is below the link's words in the bar or on the pad,
   * where it replaces other words, or else the foot of the page. */
  const place = () => {
    const frame = document.body.dataset['layout'] === 'pad' ? '#pad' : '#bar:not([hidden])';
    const to = document.querySelector(`${frame} .bar-text`) ?? document.body;
    if (toast.parentElement !== to) to.append(toast);
  };

  /** @param {string} words @param {string} [about] */
  const showToast = (words, about) => {
    setText(toast, words);
    setAttribute(toast, 'data-about', about ?? null);
    place();
    show(toast, true);
    clearTimeout(timer);
    timer = setTimeout(() => show(toast, false), Math.max(TOAST_MS, words.length * LETTER_MS));
  };

  return {
    /** Shows a line and gives it to screen readers, without sound.
     * @param {string} words @param {string} [about] Its subject; a badge that says the same hides. */
    notice(words, about) {
      polite.say(words);
      showToast(words, about);
    },
    place,
    /**
     * @param {Change} change
     * @param {boolean} sounded Whether an alarm already plays its own tune and words, which these would
     *   drown.
     */
    say(change, sounded) {
      const { tune, words, loud } = wordsOf(change);
      (loud ? urgent : polite).say(words);
      if (change.kind === 'joined') showToast(t('here_both'));
      if (change.kind === 'recorded_again') showToast(words);
      // A check-in has its own alarm, which starts softly.
      if (change.kind === 'check_in' || (sounded && loud)) return;
      if (tune) sound.play(tune);
      if (!UNSPOKEN.includes(change.kind)) sound.say(words);
    },
  };
}

/** @param {Change} change @returns {{ tune: TuneName | null, words: string, loud: boolean }} */
function wordsOf(change) {
  switch (change.kind) {
    case 'stop':
      return { tune: 'stop', words: t('say_stop'), loud: true };
    case 'held':
      return { tune: 'held', words: t('say_held'), loud: true };
    case 'lost':
      return { tune: 'lost', words: t('say_lost'), loud: true };
    case 'not_delivered':
      return { tune: 'stop', words: t('say_not_delivered'), loud: true };
    case 'back':
      return { tune: 'back', words: t('say_back'), loud: false };
    case 'joined':
      return { tune: 'joined', words: t('say_joined'), loud: false };
    case 'live':
      return { tune: 'live', words: t('say_live'), loud: false };
    case 'check_in':
      return { tune: 'check_in', words: t('cue_check_in'), loud: false };
    case 'shown':
      return { tune: 'shown', words: t('say_shown'), loud: false };
    case 'acknowledged':
      return { tune: 'acknowledged', words: t('say_seen'), loud: false };
    case 'not_taken':
      return { tune: 'refused', words: lampProblem(change.lamp), loud: false };
    case 'hands_off':
      return { tune: 'acknowledged', words: t('say_acknowledged'), loud: false };
    case 'ready':
      return { tune: null, words: `${t('ready_said')}. ${t('ready_said_hint')}`, loud: false };
    case 'ended':
      return { tune: null, words: t('say_ended'), loud: false };
    case 'recorded_again':
      return { tune: null, words: t('recorded_again'), loud: false };
    case 'cue':
      return { tune: change.cue, words: t(`cue_${change.cue}`), loud: false };
    case 'mark':
      return { tune: 'mark', words: t('say_mark', { n: change.seconds }), loud: false };
  }
}
