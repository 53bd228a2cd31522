//! Tokens, with which devices resume a session: 256 bits from the operating system, bound to a session and a
//! role. The relay keeps only their hashes.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tapcue_rules::cue::Role;
use tapcue_rules::ids::SessionId;
use tapcue_rules::message::Secret;
use uuid::Uuid;

use crate::journal::Admission;

/// The hash of a token.
#[derive(Clone, Copy)]
pub struct TokenHash(pub [u8; 32]);

/// A fresh token for a session. It starts with the session's id, so that the relay finds the session without
/// a token index; the secret follows.
pub fn fresh(session: SessionId) -> Result<Secret, getrandom::Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let secret = BASE64URL_NOPAD.encode(&secret);
    Ok(Secret(format!("{}.{secret}", session.0.simple())))
}

/// The session that a token claims to be for.
#[must_use]
pub fn session(token: &Secret) -> Option<SessionId> {
    let (session, _) = token.0.split_once('.')?;
    Uuid::try_parse(session).ok().map(SessionId)
}

/// The role whose token this is. Only a role's newest admission counts; both roles are always compared.
pub(crate) fn whose(admissions: &[Admission], hash: &TokenHash) -> Option<Role> {
    let newest = |role: Role| {
        let of_role = admissions.iter().rev().find(|found| found.role == role);
        of_role.is_some_and(|found| TokenHash(found.token_sha256).is(hash))
    };
    match Role::BOTH.map(newest) {
        [true, _] => Some(Role::Receiver),
        [false, true] => Some(Role::Helper),
        [false, false] => None,
    }
}

impl TokenHash {
    /// The hash of a token.
    #[must_use]
    pub fn of(token: &Secret) -> Self {
        Self(Sha256::digest(token.0.as_bytes()).into())
    }

    /// Whether both are hashes of the same token; the comparison takes constant time.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_to_its_session_and_to_no_other_token() {
        let id = SessionId(Uuid::now_v7());
        let (one, two) = (fresh(id).unwrap(), fresh(id).unwrap());
        assert_eq!(session(&one), Some(id));
        assert!(TokenHash::of(&one).is(&TokenHash::of(&one)));
        assert!(!TokenHash::of(&one).is(&TokenHash::of(&two)));
        assert_eq!(session(&Secret("nonsense".into())), None);
        assert!(!format!("{one:?}").contains(&one.0));
    }
}
