use futures_util::FutureExt as _;
use proptest::prelude::*;

use super::*;

fn address(n: u8) -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, n]))
}

fn gate(in_all: usize, per_source: usize, strangers_per_source: usize) -> Arc<Gate> {
    Gate::new(Limits {
        in_all,
        per_source,
        strangers_per_source,
    })
}

fn gone(ticket: &Ticket) -> bool {
    ticket.revoked().now_or_never().is_some()
}

#[test]
fn strangers_make_room_then_guests_and_never_who_is_at_home() {
    let gate = gate(4, 4, 4);
    let admit = |n| gate.admit(address(n)).unwrap();
    let home = admit(1);
    home.raise_to(Importance::Guest);
    home.raise_to(Importance::AtHome);
    let guest = admit(2);
    guest.raise_to(Importance::Guest);
    let older = admit(3);
    let newer = admit(4);
    let fifth = admit(5);
    assert!(gone(&older) && !gone(&newer) && !gone(&guest));
    drop(older);
    fifth.raise_to(Importance::AtHome);
    newer.raise_to(Importance::AtHome);
    let sixth = admit(6);
    assert!(gone(&guest) && !gone(&home));
    drop(guest);
    sixth.raise_to(Importance::AtHome);
    assert!(gate.admit(address(7)).is_none(), "four are at home");
    assert!(![&home, &newer, &fifth, &sixth].iter().any(|it| gone(it)));
    assert_eq!(gate.lock().refused, 3);
    drop(home);
    assert!(gate.admit(address(7)).is_some());
}

#[test]
fn one_address_takes_no_place_of_anothers() {
    let gate = gate(100, 5, 2);
    let other = gate.admit(address(9)).unwrap();
    let first = gate.admit(address(1)).unwrap();
    let mut strangers = Vec::new();
    for _ in 0..20 {
        strangers.push(gate.admit(address(1)).unwrap());
        strangers.retain(|it| !gone(it));
    }
    assert!(gone(&first) && !gone(&other));
    assert_eq!(strangers.len(), 2, "of one address");
    let mut at_home = Vec::new();
    for _ in 0..3 {
        let ticket = gate.admit(address(1)).unwrap();
        ticket.raise_to(Importance::AtHome);
        at_home.push(ticket);
        strangers.retain(|it| !gone(it));
    }
    drop((strangers, first));
    while at_home.len() < 5 {
        let ticket = gate.admit(address(1)).unwrap();
        ticket.raise_to(Importance::AtHome);
        at_home.push(ticket);
    }
    assert!(gate.admit(address(1)).is_none());
    assert!(gate.admit(address(2)).is_some());
}

#[test]
fn an_address_that_a_proxy_names_is_counted_once() {
    let gate = gate(10, 2, 2);
    let proxied: Vec<_> = (0..3).map(|_| gate.admit(None).unwrap()).collect();
    let named = IpAddr::from([203, 0, 113, 7]);
    assert!(proxied[0].count_for(named) && proxied[0].count_for(named));
    assert!(proxied[1].count_for(named));
    assert!(!proxied[2].count_for(named));
    drop(proxied);
    assert!(gate.lock().sources.is_empty(), "what is gone is forgotten");
}

#[test]
fn nobody_is_sent_away_twice_and_a_late_rise_changes_nothing() {
    let gate = gate(10, 10, 10);
    let ticket = gate.admit(address(1)).unwrap();
    assert!(gate.make_room());
    assert!(!gate.make_room());
    ticket.raise_to(Importance::AtHome);
    assert!(gone(&ticket) && !ticket.is_at_home());
}

#[test]
fn the_reserve_stays_free() {
    let limits = Limits::of_this_process(None, None);
    assert!(limits.in_all <= descriptors() - RESERVED);
    assert_eq!(Limits::of_this_process(Some(10), Some(3)).in_all, 10);
    assert_eq!(
        Limits::of_this_process(None, Some(5)).strangers_per_source,
        2
    );
}

proptest! {
    /// The bounds hold for every order of arrivals, raises and departures. No connection at home is closed,
    /// and at the end nothing is left.
    #[test]
    fn the_bounds_hold(steps in proptest::collection::vec((0_u8..4, 0_u8..4, 0_usize..30), 1..300)) {
        let gate = gate(8, 4, 2);
        let mut here: Vec<(u8, Ticket)> = Vec::new();
        for (what, source, which) in steps {
            match what {
                0 | 1 => {
                    if let Some(ticket) = gate.admit(address(source)) {
                        here.push((source, ticket));
                    }
                }
                2 if !here.is_empty() => {
                    let (_, ticket) = &here[which % here.len()];
                    let next = if which % 2 == 0 { Importance::Guest } else { Importance::AtHome };
                    ticket.raise_to(next);
                }
                _ if !here.is_empty() => {
                    let _ = here.remove(which % here.len());
                }
                _ => {}
            }
            prop_assert!(!here.iter().any(|(_, it)| it.is_at_home() && gone(it)));
            // Connections that were told to close are dropped.
            here.retain(|(_, it)| !gone(it));
            prop_assert!(here.len() <= 8);
            for source in 0..4 {
                prop_assert!(here.iter().filter(|(from, _)| *from == source).count() <= 4);
            }
            prop_assert_eq!(gate.lock().in_all, here.len());
        }
        drop(here);
        let inner = gate.lock();
        prop_assert!(inner.sources.is_empty() && inner.strangers.is_empty() && inner.guests.is_empty());
    }
}
