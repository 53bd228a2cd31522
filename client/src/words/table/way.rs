//! Texts for a failed connection to a relay. Each ends a sentence that names the relay, or stands in
//! brackets, so it has a small first letter and no full stop.

use serde::Deserialize;

/// The strings, for each [`crate::relay::error::ConnectError`] and [`crate::relay::address::AddressError`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectWords {
    pub(crate) no_such_name: &'static str,
    pub(crate) nobody_listens: &'static str,
    pub(crate) no_route: &'static str,
    pub(crate) silent: &'static str,
    pub(crate) broke_off: &'static str,
    pub(crate) hung_up_at_tls: &'static str,
    pub(crate) not_a_relay: &'static str,
    pub(crate) no_certificate_for: &'static str,
    pub(crate) authority_not_read: &'static str,
    pub(crate) no_authority_in: &'static str,
    pub(crate) no_authorities: &'static str,
    pub(crate) not_https: &'static str,
    pub(crate) other_names: &'static str,
    pub(crate) out_of_time: &'static str,
    pub(crate) not_vouched_for: &'static str,
    pub(crate) not_vouched_for_by: &'static str,
    pub(crate) not_secure: &'static str,
    pub(crate) https_only: &'static str,
    pub(crate) forbidden: &'static str,
    pub(crate) no_websocket: &'static str,
    pub(crate) no_relay_behind: &'static str,
    pub(crate) portal: &'static str,
    // The typed text is not an address or an invitation.
    pub(crate) not_an_address: &'static str,
    pub(crate) no_invitation: &'static str,
    pub(crate) no_code: &'static str,
}
