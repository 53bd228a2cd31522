//! A transcript in words: each entry and its outcome, the figures, and the phases of the session in order.

import { first, t } from '../i18n/index.js';
import { STOP_NOT_SHOWN_MS } from '../device/limits.js';

/** @import { Role } from '../device/protocol.d.ts' */
/** @import { Key } from '../i18n/index.js' */
/** @import { Band, Entry, Estimate, HoldBegun, LinkBand, Mark, Outcome, Spread, Transcript } from './transcript.d.ts' */

/** A duration: `120 ms`, `1.4 s`, `2:05 min`, `1:02:03 h`. @param {number} ms */
export function span(ms) {
  const s = Math.floor(ms / 1_000);
  if (ms < 1_000) return t('ms', { n: Math.round(ms) });
  if (s < 60) return t('seconds', { n: `${s}.${Math.floor((ms % 1_000) / 100)}` });
  if (s < 3_600) return t('span_min', { n: `${Math.floor(s / 60)}:${two(s % 60)}` });
  return t('span_h', { n: since(ms) });
}

/** The time since the beginning: `1:23`, `1:02:03`. @param {number} ms */
export function since(ms) {
  const s = Math.floor(Math.max(ms, 0) / 1_000);
  const minutes = Math.floor(s / 60);
  return s < 3_600 ? `${minutes}:${two(s % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

/** @param {number} n */
function two(n) {
  return String(n).padStart(2, '0');
}

/** The name of a role, or of the relay, with a capital letter. @param {Role | null | undefined} by */
export function who(by) {
  return t(by ? `who_${by}` : 'who_relay');
}

/** What an entry says. @param {Transcript} transcript @param {Entry} entry @returns {string} */
export function says({ entries }, entry) {
  const { recorded, outcome } = entry;
  const of = outcome.of === undefined ? undefined : entries[outcome.of - 1];
  switch (recorded.what) {
    case 'cue':
      return t(`cue_${recorded.cue ?? 'stop'}`);
    case 'stops':
      return t('says_stops', { n: recorded.count ?? 0 });
    case 'thumb':
      return t(recorded.down ? 'mark_thumb_down' : 'mark_thumb_lifted');
    case 'link':
      return t(`says_link_${recorded.status ?? 'here'}`);
    case 'shown':
      return of ? t('says_of', { what: t('says_shown'), of: short(of), n: of.recorded.seq }) : t('says_shown');
    case 'acknowledged': {
      const said = t(of && (of.outcome.hold || stops(of)) ? 'mark_hands_off' : 'mark_seen');
      return of ? t('says_of', { what: said, of: short(of), n: of.recorded.seq }) : said;
    }
    case 'confirmed':
      return t(`says_${recorded.item ?? 'set_up'}_${recorded.value ? 'yes' : 'no'}`);
    case 'due':
      return t(`says_due_${recorded.timer ?? 'check_in'}`);
    case 'noted':
      return noted(entry);
    default:
      return t(`says_${recorded.what}`);
  }
}

/** @param {Entry} entry */
function noted(entry) {
  const { text, about } = noteOf(entry);
  if (text === null) return t('note_hidden');
  const on = about === null ? '' : t('note_on', { n: about });
  if (text.trim() === '') return `${t('note_marker')}${on}`;
  return `${t(entry.recorded.shared ? 'note_shared' : 'note_private')}${on}: ${text}`;
}

/** The text of a note, null if this copy does not contain it, and the entry that the note is about.
 * @param {Entry} entry */
export function noteOf({ recorded, note }) {
  return { text: recorded.text ?? note?.text ?? null, about: recorded.about ?? note?.about ?? null };
}

/** @param {Entry} entry */
function stops({ recorded }) {
  if (recorded.what === 'cue') return recorded.cue === 'stop';
  return recorded.what === 'stops' || (recorded.what === 'thumb' && !recorded.down);
}

/** The entry that a receipt is for, in a word or two. @param {Entry} entry */
function short({ recorded }) {
  if (recorded.what === 'cue') return t(`cue_${recorded.cue ?? 'stop'}`);
  if (recorded.what === 'stops') return t('cue_stop');
  if (recorded.what === 'due') return t(recorded.timer === 'no_answer' ? 'reason_no_answer' : 'short_check_in');
  return first(`short_${recorded.what}`, 'short_hold');
}

/** The outcome of an entry; empty if there is nothing to add. @param {Entry} entry @returns {string} */
export function became({ recorded, outcome }) {
  const parts = [];
  const result = resultOf(outcome);
  if (result) parts.push(result);
  if (outcome.repeats) parts.push(t('became_repeats', { n: outcome.repeats + 1 }));
  if ((outcome.age_ms ?? 0) > STOP_NOT_SHOWN_MS) parts.push(t('became_late', { span: span(outcome.age_ms ?? 0) }));
  const from = outcome.relayed_at ?? recorded.at;
  if (outcome.shown_at !== undefined) {
    const wrong = outcome.shown_uncertainty_ms;
    const about = wrong === undefined ? '' : ` ±${span(wrong)}`;
    parts.push(t('became_shown', { span: span(outcome.shown_at - from) + about }));
  }
  if (outcome.acknowledged_at !== undefined) {
    parts.push(t('became_acknowledged', { span: span(outcome.acknowledged_at - from) }));
  }
  if (outcome.question) parts.push(asked(outcome.question));
  if (outcome.answers !== undefined) parts.push(t('became_answers', { n: outcome.answers }));
  if (outcome.hold) parts.push(held(outcome.hold));
  if (outcome.within !== undefined) parts.push(t('became_within', { n: outcome.within }));
  if (outcome.live) parts.push(t('became_live'));
  const words = parts.join(t('semicolon'));
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {Outcome} outcome */
function resultOf({ result, why, code, of }) {
  switch (result) {
    case 'taken':
      return '';
    case 'repeat':
      return t('became_repeat', { n: of ?? '' });
    case 'stale':
      return t('became_stale');
    case 'refused':
      return first(`became_refused_${code}`, 'became_refused');
    case 'ignored':
      return first(`became_ignored_${why}`, 'became_ignored_already');
  }
}

/** @param {NonNullable<Outcome['question']>} question */
function asked({ again_at, after_ms, answered_by, answer }) {
  const again = again_at === null ? '' : t('asked_again') + t('comma');
  if (answered_by === null) return again + t(`asked_${answer}`);
  return again + t('asked_answered_by', { span: span(after_ms ?? 0), n: answered_by });
}

/** @param {HoldBegun} hold */
function held({ reason, by, stops, live_again_after_ms: again, then }) {
  const whose = by ? ` ${t(isStop(reason) ? 'by_role' : 'of_role', { role: t(by) })}` : '';
  const several = stops > 1 ? t('comma') + t('held_times', { n: stops }) : '';
  const end =
    again !== null
      ? t(reason === 'start' ? 'hold_live' : 'hold_live_again', { span: span(again) })
      : t(then === null ? 'hold_lasts' : then === 'held' ? 'hold_then_held' : 'hold_not_live');
  return `${t('hold_was', { reason: t(`reason_${reason}`) })}${whose}${several}${t('semicolon')}${end}`;
}

/** @param {string | undefined} reason */
function isStop(reason) {
  return reason === 'stop' || reason === 'released';
}

/** The phase of a session. @param {Pick<Band, 'phase' | 'reason'>} band */
export function phase({ phase, reason }) {
  if (phase !== 'held') return t(`phase_${phase}`);
  return reason && reason !== 'start' ? t('phase_held', { reason: t(`reason_${reason}`) }) : t('phase_start');
}

/** The shortest name of a band. @param {Band} band */
export function phaseShort({ phase: name, reason }) {
  return name === 'held' && reason && reason !== 'start' ? capital(t(`reason_${reason}`)) : phase({ phase: name, reason: 'start' });
}

/** @param {string} words */
function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The phases of the session in order, one line each. @param {Transcript} transcript */
export function story({ timeline }) {
  return timeline.bands.flatMap((band) => {
    const ms = (band.to ?? timeline.to) - band.from;
    if (band.phase === 'ended' || ms <= 0) return [];
    const whose = band.by ? ` ${t(isStop(band.reason) ? 'by_role' : 'of_role', { role: t(band.by) })}` : '';
    const time = since(band.from - timeline.from);
    return [{ time, seq: band.began, words: t('story_line', { phase: phase(band) + whose, span: span(ms) }) }];
  });
}

/** The problems of the two links, in order of time. @param {Transcript} transcript */
export function linkStory({ timeline }) {
  const all = /** @type {Role[]} */ (['receiver', 'helper']).flatMap((role) =>
    timeline.links[role]
      .filter(({ status }) => status === 'late' || status === 'lost' || status === 'away')
      .map((band) => ({ at: band.from, words: linkWords(role, band, timeline) })),
  );
  return all.sort((one, two) => one.at - two.at).map(({ at, words }) => ({ time: since(at - timeline.from), words }));
}

/** @param {Role} role @param {LinkBand} band @param {Transcript['timeline']} timeline */
export function linkWords(role, { status, from, to }, timeline) {
  const line = t('story_line', { phase: t(`link_was_${status}`), span: span((to ?? timeline.to) - from) });
  return `${who(role)}: ${line}`;
}

/** One mark: "1:23 Receiver: Slower. Shown after 120 ms." @param {Transcript} transcript @param {Mark} mark */
export function tell(transcript, mark) {
  const entry = transcript.entries[mark.seq - 1];
  const said = entry ? says(transcript, entry) : '';
  const then = entry ? became(entry) : '';
  return `${since(mark.at - transcript.timeline.from)} ${who(mark.by)}: ${said}${then ? `. ${then}` : ''}`;
}

/** A median and the worst value. @param {Spread} spread */
export function spread({ median_ms, worst_ms }) {
  if (median_ms === worst_ms) return span(median_ms);
  return t('spread', { median: span(median_ms), worst: span(worst_ms) });
}

/** All figures, each with its name. @param {Transcript} transcript @returns {[string, string][]} */
export function figures({ figures: f }) {
  /** @type {[string, string][]} */
  const rows = [
    [t('figure_lasted'), span(f.lasted_ms)],
    [t('end_live'), f.went_live > 1 ? t('figure_stretches', { span: span(f.live_ms), n: f.went_live }) : span(f.live_ms)],
    [t('end_stops'), String(f.stops)],
  ];
  const add = (/** @type {Key} */ name, /** @type {Spread | null} */ of) => of && rows.push([t(name), spread(of)]);
  const estimate = (/** @type {Key} */ name, /** @type {Estimate | null} */ of) =>
    of && rows.push([t(name), `${spread(of)} (±${span(of.uncertainty_ms)})`]);
  add('end_shown', f.stop_shown);
  add('figure_acknowledged', f.stop_acknowledged);
  estimate('figure_tap_shown', f.tap_shown);
  estimate('figure_tap_acknowledged', f.tap_acknowledged);
  add('figure_cue_shown', f.cue_shown);
  for (const { reason, count, total_ms, longest_ms } of f.holds) {
    const several = t('figure_holds', { n: count, total: span(total_ms), longest: span(longest_ms) });
    const name = reason === 'start' ? t('figure_before') : phase({ phase: 'held', reason });
    rows.push([name, count === 1 ? t('figure_hold', { span: span(total_ms) }) : several]);
  }
  const { by_helper, by_relay, answered, answer } = f.check_ins;
  const asked = by_helper + by_relay;
  if (asked > 0) {
    const how = answer ? ` (${spread(answer)})` : '';
    // This includes questions that were dropped before an answer was due, and open ones.
    const unanswered = asked - answered;
    rows.push([t('figure_check_ins'), t('figure_check_ins_are', { by_helper, by_relay, answered, how, unanswered })]);
  }
  for (const role of /** @type {const} */ (['receiver', 'helper'])) {
    const { late, lost, away, gone_ms } = f.links[role];
    const troubles = Object.entries({ late, lost, away }).filter(([, n]) => n > 0);
    const list = troubles.map(([what, n]) => t(`figure_link_${/** @type {'late' | 'lost' | 'away'} */ (what)}`, { n })).join(t('comma'));
    const words = list === '' ? t('figure_link_up') : t('figure_link_gone', { list, span: span(gone_ms) });
    rows.push([t(`figure_link_${role}`), words]);
  }
  return rows;
}

/** What was agreed before the start, one line each. @param {Transcript} transcript */
export function before({ header }) {
  const { options, waived, answers, rehearsed_at, opened_at, relay, restarts } = header;
  const lines = [];
  if (options.rehearsal) {
    lines.push(rehearsed_at === null ? t('before_no_rehearsal') : t('before_rehearsal', { time: since(rehearsed_at - opened_at) }));
  }
  for (const { at, by, item, value } of answers) {
    lines.push(`${who(by)}${t('comma')}${since(at - opened_at)}: ${t(`says_${item}_${value ? 'yes' : 'no'}`)}`);
  }
  if (answers.length === 0 && options.setup) lines.push(t('before_no_answers'));
  lines.push(...waived.map((one) => t(`before_waived_${one}`)));
  if (options.check_in_every_s > 0) lines.push(t('before_check_in', { span: span(options.check_in_every_s * 1_000) }));
  if (options.hold_to_consent) lines.push(t('before_consent'));
  const days = /^(\d+)d$/.exec(options.keep)?.[1];
  lines.push(days ? t('before_keep', { n: days }) : t('before_keep_none'));
  lines.push(restarts > 0 ? t('before_relay_restarts', { version: relay, n: restarts }) : t('before_relay', { version: relay }));
  return lines;
}
