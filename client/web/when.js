//! Moments for people: dates, times of day, and how long ago.

import { t } from './i18n/index.js';

/** A date and time of day, as this browser writes them. @param {number} at */
export function moment(at) {
  return new Date(at).toLocaleString([], { dateStyle: 'long', timeStyle: 'short' });
}

/** The same, as short as it gets. @param {number} at */
export function shortMoment(at) {
  return new Date(at).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' });
}

/** How long ago, in words. @param {number} at @param {number} [now] */
export function ago(at, now = Date.now()) {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 2) return t('ago_now');
  if (minutes < 90) return t('ago_minutes', { n: minutes });
  const hours = Math.round(minutes / 60);
  return hours < 36 ? t('ago_hours', { n: hours }) : t('ago_days', { n: Math.round(hours / 24) });
}
