//! Notes and markers: those that were written, and a form for more, which also works on later days.

import { t } from '../../i18n/index.js';
import { NOTE_CHARS } from '../../device/limits.js';
import { addNote, Refused } from '../records.js';
import { noteOf, who } from '../review.js';
import { moment } from '../when.js';
import { h, setText, show } from '../../ui/dom.js';
import { onPress } from '../../input/press.js';

/** @import { Entry } from '../transcript.d.ts' */
/** @import { Context } from './review.js' */

/** @param {Context} context @param {(seq: number) => void} go Shows an entry. */
export function notes(context, go) {
  const { transcript, words: said, kept } = context;
  const written = transcript.entries.filter(({ recorded }) => recorded.what === 'noted');
  const over = transcript.header.ended_at !== null;
  const onWhat = h('p', { class: 'on-what' });
  const drop = h('button', { type: 'button', class: 'quiet-button', 'data-action': 'note-drop' }, t('note_about_drop'));
  const text = h('textarea', { class: 'field', name: 'note', rows: '3', dir: 'auto', maxlength: String(NOTE_CHARS) });
  const share = h('input', { type: 'checkbox', name: 'shared' });
  const save = h('button', { type: 'submit', class: 'secondary', 'data-action': 'save-note' }, t('note_add'));
  const became = h('p', { class: 'hint', role: 'status' }, kept.said);
  kept.said = '';
  const showAbout = () => {
    const entry = kept.about === null ? undefined : transcript.entries[kept.about - 1];
    setText(onWhat, entry ? t('note_about', { n: entry.recorded.seq, what: said.entries[entry.recorded.seq - 1]?.[1] ?? '' }) : t('note_about_none'));
    show(drop, entry !== undefined);
  };
  const about = (/** @type {number | null} */ seq) => {
    kept.about = seq;
    showAbout();
    text.focus();
    form.scrollIntoView({ block: 'nearest' });
  };
  onPress(drop, () => about(null));
  const form = h(
    'form',
    { class: 'note-form' },
    h('div', { class: 'about' }, onWhat, drop),
    h('label', { class: 'labelled' }, h('span', {}, t('note_label_review')), text),
    h('label', { class: 'check' }, share, h('span', {}, t('note_share'))),
    h('div', { class: 'row' }, save),
    became,
  );
  let busy = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const words = text.value.trim();
    const seq = kept.about;
    if (busy || (words === '' && seq === null)) {
      text.focus();
      return;
    }
    busy = true;
    try {
      await addNote(context.place, { text: words, shared: share.checked, ...(seq === null ? {} : { about: seq }) });
      Object.assign(kept, { about: null, said: t('note_kept') });
      await context.reload();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setText(became, context.fail(error.trouble));
    } finally {
      busy = false;
    }
  });
  showAbout();
  const element = h(
    'section',
    { class: 'panel notes', 'aria-labelledby': 'notes-title' },
    h('h2', { id: 'notes-title' }, t('notes_title')),
    written.length > 0 ? h('ol', { class: 'written' }, ...written.map((entry) => one(entry, go))) : null,
    written.length === 0 || !over ? h('p', { class: 'hint' }, t(over ? 'notes_none' : 'notes_not_yet')) : null,
    over ? form : null,
  );
  return { element, about };
}

/** @param {Entry} entry @param {(seq: number) => void} go */
function one(entry, go) {
  const { recorded } = entry;
  const { text, about } = noteOf(entry);
  const kind = t(recorded.shared ? 'note_is_shared' : 'note_is_private');
  const meta = h('p', { class: 'hint' }, [who(recorded.by), moment(recorded.at), kind].join(t('comma')));
  if (about !== null) {
    const link = h('button', { type: 'button', class: 'link-button' }, t('note_on', { n: about }).trim());
    onPress(link, () => go(about));
    meta.append(t('comma'), link);
  }
  const words = text === null ? t('note_hidden') : text.trim() === '' ? t('note_marked') : text;
  const mine = text === null || text.trim() === '' ? 'hint' : 'words';
  return h('li', {}, meta, h('p', { class: mine, dir: 'auto' }, words));
}
