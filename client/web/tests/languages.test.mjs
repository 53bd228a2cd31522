//! The languages: texts that must not be confused differ, no text is unused, and texts on buttons fit. The
//! catalog's test covers that every language has every text.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { capabilities } from '../output/capabilities.js';
import { LANGUAGES, choose, localeOf, spoken } from '../i18n/index.js';
import { canSay, voiceFor } from '../output/voice.js';

const WEB = new URL('..', import.meta.url);
const OTHERS = Object.keys(LANGUAGES).filter((name) => name !== 'en');
const PARTS = ['', '-review'];

/** @type {Record<string, Record<string, Record<string, string>>>} */
const tables = {};
for (const language of Object.keys(LANGUAGES)) {
  tables[language] = {};
  for (const part of PARTS) tables[language][part] = (await import(`../i18n/${language}${part}.js`)).words;
}
const all = (language) => ({ ...tables[language][''], ...tables[language]['-review'] });

/** The values of a protocol type, as one pattern. @param {string} type */
function wire(type) {
  const types = readFileSync(new URL('device/protocol.d.ts', WEB), 'utf8');
  const [, values] = new RegExp(`export type ${type} =([^;]*);`).exec(types) ?? [];
  return [...(values ?? '').matchAll(/"(\w+)"/g)].map(([, value]) => value).join('|');
}

/** The texts that tell the helper to take the hands off. */
const ORDERS = ['wait_helper', 'lost_do_helper', 'held_do_helper', 'held_do_start', 'say_stop', 'say_held', 'say_lost'];

/** The texts that say that the hands are off. */
const REPORTS = ['hands_off', 'need_hands_off', 'stop_acknowledged', 'say_acknowledged', 'mark_hands_off'];

/** Words that would tell a person on the table to keep holding. */
const HOLD = { en: /\bhold/i, es: /mant(?:én|enga)|sujet/i, fr: /\btenez|maintenez/i, de: /\bhalten sie/i, zh: /按住|保持/, ar: /أمسك|استمر/ };

/** Keys that are composed at run time: their pattern, and the source text that composes them. */
const BUILT = [
  [new RegExp(`^error_(${wire('ErrorCode')})$`), 't(`error_${'],
  [/^who_(receiver|helper|relay)$/, '`who_${by}`'],
  [new RegExp(`^cue_(${wire('Cue')})$`), 't(`cue_${'],
  [/^relay_(gone|other|offline|foreign|busy|blocked)$/, 't(`relay_${relay}`'],
  [/^peer_(receiver|helper)_(here|late|lost|away|absent)$/, '`peer_${peer}_${status}`'],
  [/^gone_by_(receiver|helper)$/, '`gone_by_${by}`'],
  [/^gone_(receiver|helper)$/, '`gone_${by}`'],
  [/^held_(start|stop|link_lost|away|no_answer|released)$/, '`held_${reason}`'],
  [/^held_(stop|link_lost|away|released)_(you|receiver|helper)$/, '`held_${hold.reason}_${by}`'],
  [/^held_(start|link_lost|no_answer)_nobody$/, '`held_${state.hold?.reason}_nobody`'],
  [/^wait_(receiver|helper)$/, '`wait_${role}`'],
  [/^lost_do_(receiver|helper)$/, '`lost_do_${role}`'],
  [/^need_(hands_off|link|set_up|rehearsal|thumb|receiver_ready|helper_ready)$/, '`need_${id}`'],
  [/^lamp_(sent|relayed|shown|acknowledged)$/, '`lamp_${name}`'],
  [/^lamp_refused_(held|too_fast|stale)$/, '`lamp_refused_${lamp.code}`'],
  [/^pad_was_(opposite|other)$/, '`pad_was_${how}`'],
  [/^pad_try_(left|right|up|down)$/, '`pad_try_${asked}`'],
  [/^rehearse_(receiver|helper)(_hint)?$/, '`rehearse_${role}'],
  [/^filter_(all|people|cues|holds|notes)$/, '`filter_${filter}`'],
  [/^export_(html|text|csv|json)$/, '`export_${format}`'],
  [/^mark_(hands_off|seen|thumb_down|thumb_lifted|confirmed|joined|connected|restarted|ended)$/, '`mark_${name}`'],
  [/^advice_(receiver|helper)$/, '`advice_${role}`'],
  [/^thumb_(put|keep|again)$/, '`thumb_${ask}`'],
];

/** The longest text that fits at its place on the narrowest screen, in narrow characters. A Chinese character
 * counts as two. Observed at 360 pixels. */
const FITS = [
  [/^stop_big$/, 6],
  [new RegExp(`^cue_(?!more_pressure|check_in)(${wire('Cue')})$`), 20],
  [/^held_lifted$/, 8],
  [/^ask_title$/, 20],
  [/^advice_title$/, 24],
  [/^ready_said_hint$/, 42],
  [/^cue_more_pressure$/, 26],
  [/^cue_check_in$/, 26],
  [/^lamp_(sent|relayed|shown|acknowledged)$/, 12],
  [/^(end|pad_out)$/, 9],
  [/^thumb_cannot$/, 20],
  [/^pad_tap$/, 12],
  [/^hands_off$/, 18],
  [/^ready_when$/, 14],
  [/^(end_yes|end_no|pair_new|pair_share|pair_copy|pair_copied|signs_none|signs_apply)$/, 26],
  [/^need_/, 24],
  [/^(stop_hint|stop_relayed|stop_shown|stop_acknowledged)$/, 36],
  [/^thumb_stop_hint$/, 28],
  [/^(stop_sending|stop_not_delivered)$/, 42],
  [/^peer_/, 32],
  [/^(receiving|helping)$/, 16],
  [/^who_/, 10],
  [/^timeline_session$/, 10],
];

/** @param {URL} folder @returns {string[]} */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'tests', 'i18n'].includes(entry.name)) return [];
    if (entry.isDirectory()) return sources(new URL(`${entry.name}/`, folder));
    return entry.name.endsWith('.js') ? [readFileSync(new URL(entry.name, folder), 'utf8')] : [];
  });
}
const SOURCE = sources(WEB).join('\n');
/** The source without strings that are a class, a type or an address. */
const KEYS = SOURCE.replace(/\b(class|type|role|href|id|rel|kind|media): '[^']*'/g, '').replace(/^import .*$/gm, '');

for (const language of OTHERS) {
  test(`${language} keeps apart what must not be mistaken`, () => {
    const words = all(language);
    const cues = Object.keys(words).filter((key) => key.startsWith('cue_') && tables.en[''][key]);
    assert.equal(new Set(cues.map((key) => words[key])).size, cues.length);
    // Stop is the same word wherever it is shown or spoken.
    // Only the texts for speech have the Arabic vowel signs.
    const bare = (key) => words[key].toLowerCase().replace(/[\u064b-\u0652]/g, '');
    const stop = bare('cue_stop');
    for (const key of ['stop_big', 'held_stop', 'say_stop', 'stop_hint', 'stop_not_delivered', 'say_not_delivered', 'pad_try_stop']) {
      assert.ok(bare(key).includes(stop), `${key}: ${words[key]}`);
    }
    // An order and a report never share a text.
    for (const report of REPORTS) {
      for (const order of ORDERS) assert.ok(!bare(order).includes(bare(report)), `${order} says ${report}`);
    }
    // A lifted thumb has the same text as a stop.
    assert.equal(words.held_lifted, words.held_stop);
    assert.notEqual(words.hands_off, words.ready_when);
    assert.notEqual(words.cue_left, words.cue_right);
  });
}

test('no language calls it an emergency stop', () => {
  const never = /emergenc|\bnot-?(aus|halt|stopp)|urgence|紧急|急停|طوارئ|طارئ/i;
  for (const language of Object.keys(LANGUAGES)) {
    for (const [key, text] of Object.entries(all(language))) assert.doesNotMatch(text, never, `${language} ${key}`);
  }
});

test('nothing that is spoken says hold', () => {
  for (const language of Object.keys(LANGUAGES)) {
    const spoken = Object.entries(all(language)).filter(([key]) => key.startsWith('say_'));
    assert.ok(spoken.length > 10, language);
    for (const [key, text] of spoken) assert.doesNotMatch(text, HOLD[language], `${language} ${key}`);
  }
});

test('every string is used, and every string that is used exists', () => {
  const english = all('en');
  for (const [pattern, source] of BUILT) {
    assert.ok(SOURCE.includes(source), `nothing builds ${pattern} any more`);
    assert.ok(Object.keys(english).some((key) => pattern.test(key)), `${pattern} builds nothing`);
  }
  const unused = Object.keys(english).filter(
    (key) => !KEYS.includes(`'${key}'`) && !BUILT.some(([pattern]) => pattern.test(key)),
  );
  assert.deepEqual(unused, []);
  for (const code of wire('ErrorCode').split('|')) assert.ok(`error_${code}` in english, code);
  for (const cue of wire('Cue').split('|')) assert.ok(`cue_${cue}` in english, cue);
  for (const [, key] of SOURCE.matchAll(/\bt\('([^']+)'/g)) assert.ok(key in english, `t('${key}')`);
});

test('the two tables of a language share no key, and the page loads only what it needs', () => {
  for (const key of Object.keys(tables.en[''])) assert.equal(key in tables.en['-review'], false, key);
  for (const text of sources(WEB)) assert.doesNotMatch(text, /from '[^']*i18n\/(?!index\.js)/);
  const index = readFileSync(new URL('i18n/index.js', WEB), 'utf8');
  assert.doesNotMatch(index, /^import .*\/(en|es|fr|de|zh|ar)(-review)?\.js/m);
});

test('what stands on a button of the narrowest screen is short', () => {
  const width = (text) => [...text.replace(/[\u064b-\u0652\u00ad]/g, '')].reduce((sum, c) => sum + (/[\u2e80-\uffef]/.test(c) ? 2 : 1), 0);
  for (const language of Object.keys(LANGUAGES)) {
    for (const [key, text] of Object.entries(all(language))) {
      for (const [pattern, most] of FITS) {
        if (pattern.test(key)) assert.ok(width(text) <= most, `${language} ${key}: “${text}” is ${width(text)}, and ${most} fit`);
      }
    }
  }
});

test('this device’s choice goes first, then what the browser’s owner reads, then English', () => {
  assert.equal(choose(null, ['pt-BR', 'fr-CA', 'en']), 'fr');
  assert.equal(choose('de', ['fr']), 'de');
  assert.equal(choose('xx', ['zh-TW', 'en']), 'zh');
  assert.equal(choose(null, []), 'en');
  assert.equal(choose(null, ['constructor', 'AR-eg']), 'ar');
});

test('dates follow the region that the browser names', () => {
  assert.equal(localeOf('de', ['en-US', 'de-AT']), 'de-AT');
  assert.equal(localeOf('en', []), 'en');
  assert.equal(localeOf('zh', ['zh-TW']), 'zh-CN');
  assert.equal(localeOf('ar', ['ar-EG']), 'ar-EG-u-ca-gregory-nu-latn');
  for (const of of Object.keys(LANGUAGES)) {
    const said = new Date(0).toLocaleString(localeOf(of, []), { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
    assert.match(said, /1970/, `${of}: ${said}`);
  }
});

test('words are said by a voice of their language, or not at all', () => {
  const voice = (lang, more = {}) => ({ lang, default: false, localService: false, ...more });
  const voices = [voice('en-US', { default: true }), voice('de_DE'), voice('de-AT'), voice('zh-HK'), voice('es-ES', { localService: true }), voice('es-MX')];
  assert.equal(voiceFor(voices, 'de-AT')?.lang, 'de-AT');
  assert.equal(voiceFor(voices, 'de')?.lang, 'de_DE');
  assert.equal(voiceFor(voices, 'es')?.lang, 'es-ES');
  assert.equal(voiceFor(voices, 'zh-CN'), null, 'Cantonese says other words');
  assert.equal(voiceFor(voices, 'ar-u-ca-gregory-nu-latn'), null);
  assert.equal(canSay(voices, 'ar'), false);
  assert.equal(canSay([], 'ar'), true, 'some browsers name their voices late');
  const browser = { audio: true, speech: true, voice: false, vibration: true, wakeLock: true, video: true, secure: true, ios: false };
  const speech = capabilities({ ...browser, installed: false }, { awake: 'off', hearing: 'yes', kept: false }).find(({ name }) => name === 'can_speech');
  assert.deepEqual([speech?.ok, speech?.line], [false, 'can_speech_voice']);
  assert.equal(spoken('\u2068K7\u00adM\u2069 هنا'), 'K7M هنا');
});
