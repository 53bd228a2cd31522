//! Formats dates, times of day and ages for people, in this device's language.

import { locale, t } from '../i18n/index.js';

/** A cache of formatters, because creating one takes a slow phone some milliseconds.
 * @type {Map<string, Intl.DateTimeFormat>} */
const WAYS = new Map();

/** @param {number} at @param {Intl.DateTimeFormatOptions} way */
function written(at, way) {
  const key = `${locale()} ${Object.entries(way)}`;
  const format = WAYS.get(key) ?? new Intl.DateTimeFormat(locale(), way);
  WAYS.set(key, format);
  return format.format(at);
}

/** A date and time of day. @param {number} at */
export function moment(at) {
  return written(at, { dateStyle: 'long', timeStyle: 'short' });
}

/** A short date and time of day. @param {number} at */
export function shortMoment(at) {
  return written(at, { dateStyle: 'short', timeStyle: 'short' });
}

/** A date. @param {number} at */
export function day(at) {
  return written(at, { dateStyle: 'long' });
}

/** A time of day. @param {number} at */
export function timeOfDay(at) {
  return written(at, { hour: 'numeric', minute: '2-digit' });
}

/** A number of days. @param {number} n */
export function days(n) {
  return new Intl.NumberFormat(locale(), { style: 'unit', unit: 'day', unitDisplay: 'long' }).format(n);
}

/** How long ago, in words. The browser forms the plurals. @param {number} at @param {number} [now] */
export function ago(at, now = Date.now()) {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 2) return t('ago_now');
  const past = (/** @type {number} */ n, /** @type {Intl.RelativeTimeFormatUnit} */ unit) =>
    new Intl.RelativeTimeFormat(locale()).format(-n, unit);
  if (minutes < 90) return past(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return hours < 36 ? past(hours, 'hour') : past(Math.round(hours / 24), 'day');
}
