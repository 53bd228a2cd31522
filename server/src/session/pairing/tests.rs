//! The guarantees of pairing, tested with a clock that moves only when the test moves it.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Barrier};

use proptest::prelude::*;
use uuid::Uuid;

use super::used::{REMEMBERED_AT_MOST, REMEMBERED_FOR_MS};
use super::*;
use crate::net::rate_limit::SOURCES_AT_MOST;

const NOW: Millis = Millis(1_700_000_000_000);

fn pairing() -> Pairing {
    Pairing::new().unwrap()
}

/// The helper's place in a new session.
fn place() -> Place {
    Place {
        session: SessionId(Uuid::new_v4()),
        role: Role::Helper,
    }
}

/// No session has a device.
fn nobody(_: SessionId) -> bool {
    false
}

/// A different address for each number.
fn address(n: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x0A00_0000 | n))
}

/// A wrong code that finds the same session; a different one for each `n` below 31.
fn wrong(code: &Secret, n: usize) -> String {
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut text = code.0.clone();
    let last = text.pop().unwrap();
    text.push(alphabet.chars().filter(|c| *c != last).nth(n).unwrap());
    text
}

/// A code that finds no session.
fn astray(pairing: &Pairing, n: usize) -> String {
    let codes = &pairing.lock().codes;
    (0..)
        .map(|bits: u64| Code::from_bits(bits << 25 | n as u64))
        .find(|code| !codes.contains_key(&code.locator()))
        .unwrap()
        .to_string()
}

#[test]
fn a_code_opens_its_session_once() {
    let pairing = pairing();
    let (one, other) = (place(), place());
    let issued = pairing.issue(one, NOW).unwrap();
    let of_other = pairing.issue(other, NOW).unwrap();
    assert_eq!(issued.expires_at, NOW.plus(CODE_FOR_MS));
    let code = &issued.code.0;
    assert_eq!((code.len(), &code[3..4]), (9, "-"));
    assert_eq!(pairing.redeem_code(code, address(1), NOW), Ok(one));
    // A third device tries the code and the link.
    let taken = |place| Err(RedeemError::Taken { place });
    assert_eq!(pairing.redeem_code(code, address(2), NOW), taken(one));
    let link = &issued.link_secret.0;
    assert_eq!(pairing.redeem_link(link, address(2), NOW), taken(one));
    // The other session's link is not affected.
    let link = &of_other.link_secret.0;
    assert_eq!(pairing.redeem_link(link, address(3), NOW), Ok(other));
    assert_eq!(
        pairing.redeem_code(&of_other.code.0, address(3), NOW),
        taken(other)
    );
}

#[test]
fn taken_is_remembered_for_a_while() {
    let pairing = pairing();
    let place = place();
    let issued = pairing.issue(place, NOW).unwrap();
    let (code, link) = (&issued.code.0, &issued.link_secret.0);
    pairing.redeem_link(link, address(1), NOW).unwrap();
    let before = NOW.plus(REMEMBERED_FOR_MS - 1);
    let after = NOW.plus(REMEMBERED_FOR_MS);
    for (at, answer) in [(before, RedeemError::Taken { place }), (after, UNKNOWN)] {
        assert_eq!(pairing.redeem_link(link, address(2), at), Err(answer));
        assert_eq!(pairing.redeem_code(code, address(2), at), Err(answer));
    }
    pairing.expire(after, nobody);
    assert_eq!(pairing.lock().used.len(), 0);
}

#[test]
fn everything_wrong_gets_one_answer() {
    let pairing = pairing();
    let expired = pairing.issue(place(), NOW).unwrap();
    let now = NOW.plus(CODE_FOR_MS);
    let withdrawn = place();
    let issued = pairing.issue(withdrawn, now).unwrap();
    pairing.withdraw(withdrawn.session);
    let standing = pairing.issue(place(), now).unwrap();
    let replaced = place();
    let before = pairing.issue(replaced, now).unwrap();
    pairing.issue(replaced, now).unwrap();
    for (n, text) in [
        "",
        "K7M",
        "K7M-2QX4R-5",
        "UUU-UUUUU",
        "K7M-2QX4é",
        &expired.code.0,
        &issued.code.0,
        &before.code.0,
        &wrong(&standing.code, 0),
        &astray(&pairing, 7),
    ]
    .into_iter()
    .enumerate()
    {
        let from = address(n as u32);
        assert_eq!(pairing.redeem_code(text, from, now), Err(UNKNOWN), "{n}");
    }
    for text in ["", "x", &issued.link_secret.0, &standing.code.0] {
        assert_eq!(pairing.redeem_link(text, address(99), now), Err(UNKNOWN));
    }
}

#[test]
fn an_expired_code_leaves_the_link_while_somebody_waits() {
    let pairing = pairing();
    let place = place();
    let issued = pairing.issue(place, NOW).unwrap();
    let (code, link) = (&issued.code.0, &issued.link_secret.0);
    // The relay checks every 10 s, and a device is in the session for an hour.
    let mut now = NOW;
    while now < NOW.plus(3_600_000) {
        now = now.plus(10_000);
        pairing.expire(now, |session| session == place.session);
    }
    assert_eq!(pairing.redeem_code(code, address(1), now), Err(UNKNOWN));
    // The device leaves, and the link stays valid for as long as a code.
    let last = now.plus(CODE_FOR_MS - 1);
    pairing.expire(last, nobody);
    assert_eq!(pairing.redeem_link(link, address(2), last), Ok(place));
}

#[test]
fn the_link_of_a_session_that_everybody_left_dies_and_comes_back_with_them() {
    let pairing = pairing();
    let place = place();
    let issued = pairing.issue(place, NOW).unwrap();
    let link = &issued.link_secret.0;
    let after = NOW.plus(CODE_FOR_MS);
    // The link has expired, whether or not the relay has checked.
    assert_eq!(pairing.redeem_link(link, address(1), after), Err(UNKNOWN));
    pairing.expire(after, nobody);
    assert_eq!(pairing.redeem_link(link, address(1), after), Err(UNKNOWN));
    let inner = pairing.lock();
    assert!(inner.waiting.is_empty() && inner.links.is_empty() && inner.codes.is_empty());
    drop(inner);
    let again = pairing.issue(place, after).unwrap();
    assert_eq!(again.link_secret, issued.link_secret);
    assert_eq!(pairing.redeem_link(link, address(1), after), Ok(place));
}

#[test]
fn after_a_sleep_of_the_machine_the_link_of_who_waits_works_at_the_next_look() {
    let pairing = pairing();
    let place = place();
    let issued = pairing.issue(place, NOW).unwrap();
    let link = &issued.link_secret.0;
    let woken = NOW.plus(100 * CODE_FOR_MS);
    assert_eq!(pairing.redeem_link(link, address(1), woken), Err(UNKNOWN));
    pairing.expire(woken, |_| true);
    assert_eq!(pairing.redeem_link(link, address(1), woken), Ok(place));
}

#[test]
fn a_code_works_to_its_last_millisecond() {
    let pairing = pairing();
    let place = place();
    let issued = pairing.issue(place, NOW).unwrap();
    let last = NOW.plus(CODE_FOR_MS - 1);
    pairing.expire(last, nobody);
    let code = &issued.code.0;
    assert_eq!(pairing.redeem_code(code, address(1), last), Ok(place));
}

#[test]
fn five_wrong_secrets_burn_a_code_and_not_the_link() {
    let pairing = pairing();
    let place = place();
    let issued = pairing.issue(place, NOW).unwrap();
    for n in 0..4 {
        let guess = pairing.redeem_code(&wrong(&issued.code, n), address(n as u32), NOW);
        assert_eq!(guess, Err(UNKNOWN));
    }
    let fifth = pairing.redeem_code(&wrong(&issued.code, 4), address(4), NOW);
    let burned = Some(place.session);
    assert_eq!(fifth, Err(RedeemError::Unknown { burned }));
    let right = pairing.redeem_code(&issued.code.0, address(5), NOW);
    assert_eq!(right, Err(UNKNOWN), "burned");
    // The creator gets a new code with five more guesses, and the same link.
    let again = pairing.issue(place, NOW).unwrap();
    assert_ne!(again.code, issued.code);
    assert_eq!(again.link_secret, issued.link_secret);
    for n in 0..4 {
        let guess = pairing.redeem_code(&wrong(&again.code, n), address(n as u32), NOW);
        assert_eq!(guess, Err(UNKNOWN));
    }
    let right = pairing.redeem_code(&again.code.0, address(6), NOW);
    assert_eq!(right, Ok(place));
}

#[test]
fn burning_leaves_the_link() {
    let pairing = pairing();
    let place = place();
    let issued = pairing.issue(place, NOW).unwrap();
    for n in 0..5 {
        let _wrong = pairing.redeem_code(&wrong(&issued.code, n), address(n as u32), NOW);
    }
    let link = &issued.link_secret.0;
    assert_eq!(pairing.redeem_link(link, address(9), NOW), Ok(place));
}

#[test]
fn one_of_a_thousand_gets_in() {
    let pairing = Arc::new(pairing());
    let place = place();
    let issued = Arc::new(pairing.issue(place, NOW).unwrap());
    let barrier = Arc::new(Barrier::new(1_000));
    let racers: Vec<_> = (0..1_000)
        .map(|n| {
            let (pairing, issued) = (Arc::clone(&pairing), Arc::clone(&issued));
            let barrier = Arc::clone(&barrier);
            std::thread::spawn(move || {
                barrier.wait();
                if n % 2 == 0 {
                    pairing.redeem_code(&issued.code.0, address(n), NOW)
                } else {
                    pairing.redeem_link(&issued.link_secret.0, address(n), NOW)
                }
            })
        })
        .collect();
    let outcomes: Vec<_> = racers.into_iter().map(|r| r.join().unwrap()).collect();
    let inside: Vec<_> = outcomes.iter().filter_map(|o| o.ok()).collect();
    assert_eq!(inside, [place]);
    let taken = outcomes
        .iter()
        .filter(|o| **o == Err(RedeemError::Taken { place }));
    assert!(taken.count() >= 500, "the links at least");
}

#[test]
fn wrong_guesses_are_limited_by_address_and_right_ones_pass() {
    let pairing = pairing();
    let place = place();
    let issued = pairing.issue(place, NOW).unwrap();
    for n in 0..10 {
        let guess = pairing.redeem_code(&astray(&pairing, n), address(1), NOW);
        assert_eq!(guess, Err(UNKNOWN));
    }
    let code = &issued.code.0;
    let too_fast = Err(RedeemError::TooFast);
    // The right code is refused, too: otherwise the answer would tell which guess is right.
    assert_eq!(pairing.redeem_code(code, address(1), NOW), too_fast);
    let link = &issued.link_secret.0;
    assert_eq!(pairing.redeem_link(link, address(1), NOW), too_fast);
    let soon = NOW.plus(5_999);
    assert_eq!(pairing.redeem_code(code, address(1), soon), too_fast);
    assert_eq!(pairing.redeem_code(code, address(2), soon), Ok(place));
    // The first address may try again after six seconds.
    let later = NOW.plus(6_000);
    let taken = Err(RedeemError::Taken { place });
    assert_eq!(pairing.redeem_code(code, address(1), later), taken);
}

#[test]
fn right_codes_cost_nothing() {
    let pairing = pairing();
    for _ in 0..1_000 {
        let place = place();
        let issued = pairing.issue(place, NOW).unwrap();
        let code = &issued.code.0;
        assert_eq!(pairing.redeem_code(code, address(1), NOW), Ok(place));
    }
}

#[test]
fn the_relay_as_a_whole_is_limited_and_links_still_work() {
    let pairing = pairing();
    let place = place();
    let issued = pairing.issue(place, NOW).unwrap();
    for n in 0..200 {
        let guess = pairing.redeem_code(&astray(&pairing, n), address(n as u32), NOW);
        assert_eq!(guess, Err(UNKNOWN));
    }
    let flooded = pairing.redeem_code(&issued.code.0, address(9_999), NOW);
    assert_eq!(flooded, Err(RedeemError::TooFast));
    let code = pairing.redeem_code(&wrong(&issued.code, 0), address(9_999), NOW.plus(10));
    assert_eq!(code, Err(UNKNOWN), "a hundred a second come back");
    let link = pairing.redeem_link(&issued.link_secret.0, address(9_998), NOW.plus(10));
    assert_eq!(link, Ok(place));
}

#[test]
fn a_household_of_ipv6_counts_as_one() {
    let pairing = pairing();
    let in_net = |net: u64, host: u64| {
        let bits = u128::from(0x2001_0db8_0000_0000_u64 | net) << 64 | u128::from(host);
        IpAddr::V6(Ipv6Addr::from_bits(bits))
    };
    for n in 0..10 {
        let guess = pairing.redeem_link("x", in_net(1, n), NOW);
        assert_eq!(guess, Err(UNKNOWN));
    }
    let too_fast = Err(RedeemError::TooFast);
    assert_eq!(pairing.redeem_link("x", in_net(1, 0xFFFF), NOW), too_fast);
    assert_eq!(pairing.redeem_link("x", in_net(2, 1), NOW), Err(UNKNOWN));
    // An IPv4 address counts the same whether or not the socket maps it into IPv6.
    let v4 = Ipv4Addr::new(192, 0, 2, 1);
    for _ in 0..10 {
        let _wrong = pairing.redeem_link("x", IpAddr::V4(v4), NOW);
    }
    let mapped = IpAddr::V6(v4.to_ipv6_mapped());
    assert_eq!(pairing.redeem_link("x", mapped, NOW), too_fast);
}

#[test]
fn what_is_kept_is_bounded() {
    let pairing = pairing();
    for n in 0..SOURCES_AT_MOST as u32 + 500 {
        let _wrong = pairing.redeem_link("x", address(n), NOW);
    }
    assert_eq!(pairing.lock().guesses.len(), SOURCES_AT_MOST);
    for _ in 0..REMEMBERED_AT_MOST / 2 + 250 {
        let issued = pairing.issue(place(), NOW).unwrap();
        let link = &issued.link_secret.0;
        pairing.redeem_link(link, address(0xFF_FFFF), NOW).unwrap();
    }
    assert_eq!(pairing.lock().used.len(), REMEMBERED_AT_MOST);
    let later = NOW.plus(60_000 + REMEMBERED_FOR_MS);
    pairing.expire(later, nobody);
    let inner = pairing.lock();
    assert_eq!((inner.guesses.len(), inner.used.len()), (0, 0));
    assert!(inner.waiting.is_empty() && inner.links.is_empty() && inner.codes.is_empty());
}

#[test]
fn no_two_sessions_share_a_locator_and_the_last_is_refused() {
    let pairing = pairing();
    let mut locators = HashSet::new();
    for _ in 0..Locator::COUNT {
        let issued = pairing.issue(place(), NOW).unwrap();
        assert!(locators.insert(issued.code.0[..3].to_owned()));
    }
    let one_more = pairing.issue(place(), NOW);
    assert!(matches!(one_more, Err(IssueError::Crowded)));
    // Once the codes have expired there is room again, without a call of `expire`.
    assert!(pairing.issue(place(), NOW.plus(CODE_FOR_MS)).is_ok());
}

#[test]
fn secrets_are_their_own_and_show_in_no_log() {
    let pairing = pairing();
    let mut seen = HashSet::new();
    for _ in 0..100 {
        let issued = pairing.issue(place(), NOW).unwrap();
        let secret = BASE64URL_NOPAD
            .decode(issued.link_secret.0.as_bytes())
            .unwrap();
        assert_eq!(secret.len(), LINK_SECRET_BYTES);
        let logged = format!("{issued:?} {pairing:?}");
        assert!(!logged.contains(&issued.code.0) && !logged.contains(&issued.link_secret.0));
        assert!(seen.insert(secret));
    }
    // Another relay, or this one after a restart, gives the same session another link.
    let again = place();
    let (one, other) = (
        pairing.issue(again, NOW),
        super::Pairing::new().unwrap().issue(again, NOW),
    );
    assert_ne!(one.unwrap().link_secret, other.unwrap().link_secret);
}

proptest! {
    #[test]
    fn a_code_is_read_as_people_write_it(
        bits in any::<u64>(),
        noise in proptest::collection::vec((0..9_usize, "[ \\-\u{2013}\u{2014}\u{a0}\t]"), 0..6),
        lower in any::<u16>(),
        alike in any::<u16>(),
    ) {
        let code = Code::from_bits(bits);
        let mut written: Vec<char> = code
            .to_string()
            .chars()
            .enumerate()
            .map(|(n, c)| match c {
                '1' if alike >> n & 1 == 1 => if n % 2 == 0 { 'I' } else { 'L' },
                '0' if alike >> n & 1 == 1 => 'O',
                c => c,
            })
            .enumerate()
            .map(|(n, c)| if lower >> n & 1 == 1 { c.to_ascii_lowercase() } else { c })
            .collect();
        for (place, c) in noise {
            written.insert(place, c.chars().next().unwrap());
        }
        let written: String = written.into_iter().collect();
        prop_assert!(Code::parse(&written) == Some(code), "{written}");
    }

    #[test]
    fn what_is_read_as_a_code_is_one(text in "[0-9A-Za-z]{0,12}") {
        let plain: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let is_code = plain.len() == 8 && !plain.to_ascii_uppercase().contains('U');
        let code = Code::parse(&text);
        prop_assert_eq!(code.is_some(), is_code);
        if let Some(code) = code {
            prop_assert!(Code::parse(&code.to_string()) == Some(code));
        }
    }

    #[test]
    fn nothing_typed_is_a_crash(text in any::<String>()) {
        let pairing = pairing();
        prop_assert_eq!(pairing.redeem_link(&text, address(1), NOW), Err(UNKNOWN));
        prop_assert!(pairing.redeem_code(&text, address(1), NOW).is_err());
    }
}
