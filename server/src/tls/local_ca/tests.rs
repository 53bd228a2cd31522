//! The authority with the tests' own time, and its certificates as clients check them.

use std::net::IpAddr;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::{ServerName, UnixTime};

use super::*;

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
}

fn names(ips: &[&str]) -> Names {
    let dns = ["localhost", "laptop.local"].map(str::to_owned);
    Names::of(dns, ips.iter().map(|ip| ip.parse().unwrap()))
}

/// Whether a client that trusts the authority accepts the certificate for `name` at `at`.
fn takes(authority: &Authority, key: &CertifiedKey, name: &str, at: OffsetDateTime) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate.clone()).unwrap();
    let provider = crate::tls::provider();
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = verifier.build().unwrap();
    let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(
        at.unix_timestamp().unsigned_abs(),
    ));
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let certificate = key.end_entity_cert().unwrap();
    verifier
        .verify_server_cert(certificate, &[], &name, &[], at)
        .is_ok()
}

#[test]
fn a_client_that_trusts_it_takes_the_certificate_for_every_name_and_address() {
    let dir = tempfile::tempdir().unwrap();
    let all = names(&["192.168.1.20", "127.0.0.1", "::1", "fd00::7"]);
    let (local, key) = LocalCa::open(dir.path(), all, now()).unwrap();
    let authority = local.authority();
    for name in [
        "localhost",
        "laptop.local",
        "192.168.1.20",
        "::1",
        "fd00::7",
    ] {
        assert!(takes(&authority, &key, name, now()), "{name}");
    }
    for name in ["192.168.1.21", "other.local", "bank.example"] {
        assert!(!takes(&authority, &key, name, now()), "{name}");
    }
}

#[test]
fn it_cannot_vouch_for_the_public_internet() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::open(dir.path(), now()).unwrap();
    let public: IpAddr = "203.0.113.1".parse().unwrap();
    // These bypass the filter of `Names::of`, as with a stolen key.
    for forged in [
        Names {
            dns: vec!["bank.example".into()],
            ips: vec![],
        },
        Names {
            dns: vec![],
            ips: vec![public],
        },
    ] {
        let key = authority.leaf(&forged, now()).unwrap();
        for name in ["bank.example", "203.0.113.1"] {
            assert!(!takes(&authority, &key, name, now()), "{name}");
        }
    }
}

#[test]
fn it_is_made_once_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let made = Authority::open(dir.path(), now()).unwrap().fingerprint();
    let later = now() + Duration::days(365);
    let kept = Authority::open(dir.path(), later).unwrap();
    assert_eq!(kept.fingerprint(), made);
    assert_eq!(made.len(), 32 * 3 - 1);
    // Devices that trust the authority since the first start accept certificates from after the second.
    let key = kept.leaf(&names(&["10.0.0.1"]), later).unwrap();
    assert!(takes(&kept, &key, "10.0.0.1", later));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_its_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let _ = Authority::open(dir.path(), now()).unwrap();
    for (path, mode) in [("local-ca", 0o700), ("local-ca/ca.key", 0o600)] {
        let found = dir.path().join(path).metadata().unwrap().permissions();
        assert_eq!(found.mode() & 0o777, mode, "{path}");
    }
}

#[test]
fn one_that_is_spoiled_is_named_with_what_to_do() {
    let spoiled = |spoil: &dyn Fn(&Path), at: OffsetDateTime| {
        let dir = tempfile::tempdir().unwrap();
        let _ = Authority::open(dir.path(), now()).unwrap();
        spoil(&dir.path().join(FOLDER));
        format!("{:#}", Authority::open(dir.path(), at).unwrap_err())
    };
    let other = KeyPair::generate().unwrap().serialize_pem();
    let change_key = |folder: &Path| std::fs::write(folder.join("ca.key"), &other).unwrap();
    let error = spoiled(&change_key, now());
    assert!(error.contains("does not belong to ca.pem"), "{error}");
    assert!(error.contains("move the folder away"), "{error}");
    let lose_key = |folder: &Path| std::fs::remove_file(folder.join("ca.key")).unwrap();
    let error = spoiled(&lose_key, now());
    assert!(
        error.contains("cannot read") && error.contains("ca.key"),
        "{error}"
    );
    let error = spoiled(&|_| {}, now() + Duration::days(4_000));
    assert!(error.contains("ended on"), "{error}");
    let dir = tempfile::tempdir().unwrap();
    let error = Authority::open(dir.path(), OffsetDateTime::UNIX_EPOCH).unwrap_err();
    assert!(
        format!("{error:#}").contains("clock says 1970"),
        "{error:#}"
    );
}

#[test]
fn a_certificate_is_renewed_before_its_end_and_when_addresses_change() {
    let dir = tempfile::tempdir().unwrap();
    let at_home = names(&["192.168.1.20"]);
    let (mut local, first) = LocalCa::open(dir.path(), at_home.clone(), now()).unwrap();
    let authority = local.authority();
    let day = |days: i64| now() + Duration::days(days);
    assert!(matches!(local.look(at_home.clone(), day(59)), Look::Same));
    let Look::New(second) = local.look(at_home.clone(), day(61)) else {
        panic!("a renewed certificate");
    };
    assert!(takes(&authority, &first, "192.168.1.20", day(61)));
    assert!(!takes(&authority, &first, "192.168.1.20", day(91)));
    assert!(takes(&authority, &second, "192.168.1.20", day(91)));
    assert!(matches!(local.look(at_home, day(61)), Look::Same));
    let elsewhere = names(&["10.0.0.9"]);
    let Look::New(third) = local.look(elsewhere.clone(), day(62)) else {
        panic!("a certificate for the new address");
    };
    assert!(takes(&authority, &third, "10.0.0.9", day(62)));
    // The clock was wrong at the start and is set back.
    assert!(matches!(local.look(elsewhere.clone(), day(61)), Look::Same));
    let Look::New(fourth) = local.look(elsewhere, day(40)) else {
        panic!("a certificate that has begun");
    };
    assert!(takes(&authority, &fourth, "10.0.0.9", day(40)));
}

#[test]
fn a_certificate_is_short_enough_for_every_phone() {
    let dir = tempfile::tempdir().unwrap();
    let (_, key) = LocalCa::open(dir.path(), names(&[]), now()).unwrap();
    let (_, parsed) = x509_parser::parse_x509_certificate(&key.cert[0]).unwrap();
    let validity = parsed.validity();
    let lasts = validity.not_after.to_datetime() - validity.not_before.to_datetime();
    assert!(lasts <= Duration::days(398), "{lasts}");
    let usage = parsed.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.server_auth);
}
