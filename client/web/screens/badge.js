//! The link badge shows in colour, symbol and words how well the two devices are connected, with the measured
//! round trip. It also shows what this device does and for how long, and warns if the relay cannot record.

import { t } from '../i18n/index.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { clock, other } from './logic.js';

/** @import { Session } from './types.d.ts' */

export function badge() {
  const dot = h('i', { class: 'dot' });
  const link = h('span', { class: 'link-text' });
  const trip = h('span', { class: 'trip' });
  const activity = h('span', { class: 'activity' });
  // This warning stands beside the other words for as long as it is true.
  const unrecorded = h('span', { class: 'unrecorded', role: 'status' });
  const line = h('p', { class: 'badge', role: 'status' }, dot, h('span', {}, link, '\u00a0', trip));
  return {
    element: h('div', { class: 'bar-text' }, line, h('div', { class: 'below' }, activity, unrecorded)),
    /** @param {Session} session */
    update(session) {
      setAttribute(dot, 'data-link', linkLevel(session));
      setText(link, linkText(session));
      const { round_trip_ms: roundTrip, link: own } = session.view;
      // While the other device is absent there is no connection between the two to measure.
      const both = session.state.peers[other(session.role)] !== 'absent';
      const fresh = own === 'here' && both && roundTrip !== null;
      setText(trip, fresh ? `· ${t('ms', { n: roundTrip }).replace(' ', '\u00a0')}` : '');
      setText(activity, activityText(session));
      const lacking = session.view.unrecorded === true;
      setText(unrecorded, lacking ? t('unrecorded') : '');
      show(unrecorded, lacking);
    },
  };
}

/** The state of the worse of the two links. @param {Session} session */
function linkLevel({ view, state, role }) {
  const peer = state.peers[other(role)];
  if (view.link === 'lost' || peer === 'lost' || peer === 'away') return 'lost';
  if (view.link !== 'here' || peer !== 'here') return 'late';
  return view.go ? 'go' : 'here';
}

/** @param {Session} session */
function linkText({ view, state, role }) {
  if (view.link === 'lost') return t('link_lost');
  if (view.link === 'connecting') return t('link_connecting');
  if (view.link === 'late') return t('link_late');
  const peer = other(role);
  const name = state.names[peer];
  const status = state.peers[peer];
  return status === 'here' && name ? t('named_here', { name }) : t(`peer_${peer}_${status}`);
}

/** @param {Session} session */
function activityText({ state, view, relayNow, role }) {
  const stay = view.go && state.cue?.cue === 'stay' ? state.cue : null;
  if (stay && role === 'receiver') return `${t('cue_stay')} · ${clock(relayNow - stay.at)}`;
  const doing = t(role === 'receiver' ? 'receiving' : 'helping');
  return state.live_since === null || !view.go ? doing : `${doing} · ${clock(relayNow - state.live_since)}`;
}
