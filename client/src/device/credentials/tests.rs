use super::*;

fn place(role: Role, used_at: u64) -> Place {
    Place {
        relay: "http://localhost:8080".into(),
        session: SessionId(uuid::Uuid::now_v7()),
        role,
        token: Secret("planted".into()),
        opened_at: Millis(used_at - 1),
        used_at: Millis(used_at),
        over: false,
        ca: None,
    }
}

fn over(place: &Place) -> Place {
    Place {
        over: true,
        ca: None,
        ..place.clone()
    }
}

/// A memory that removes its directory when it is dropped.
struct Own(Memory);

impl Own {
    fn new() -> Self {
        let unique = format!("tapcue-memory-{}", uuid::Uuid::now_v7());
        Self(Memory::in_directory(std::env::temp_dir().join(unique)))
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // The directory may not exist.
        let _ = fs::remove_dir_all(&self.0.directory);
    }
}

#[test]
fn places_are_kept_until_they_are_forgotten_and_listed_newest_first() {
    let own = Own::new();
    let memory = &own.0;
    assert_eq!(memory.places(), []);
    let [first, second, third] = [1_000, 3_000, 2_000].map(|at| place(Role::Helper, at));
    for place in [&first, &second, &third, &first] {
        memory.keep(place).unwrap();
    }
    assert_eq!(memory.places(), [second.clone(), third.clone(), first]);
    memory.forget(third.session).unwrap();
    memory.forget(third.session).unwrap();
    assert_eq!(memory.places().len(), 2);
    memory.keep(&over(&second)).unwrap();
    assert_eq!(memory.places()[0], over(&second), "one place, written anew");
    assert_eq!(memory.places().len(), 2);
}

#[test]
fn the_place_to_come_back_to_is_the_newest_of_its_role_if_that_goes_on() {
    let own = Own::new();
    let memory = &own.0;
    assert_eq!(memory.last(None), None);
    let abandoned = place(Role::Receiver, 1_000);
    let receiver = place(Role::Receiver, 2_000);
    let helper = place(Role::Helper, 3_000);
    for place in [&abandoned, &receiver, &helper] {
        memory.keep(place).unwrap();
    }
    assert_eq!(memory.last(Some(Role::Receiver)), Some(receiver.clone()));
    assert_eq!(memory.last(None), Some(helper.clone()));
    memory.keep(&over(&helper)).unwrap();
    assert_eq!(memory.last(None), Some(receiver.clone()));
    memory.keep(&over(&receiver)).unwrap();
    assert_eq!(memory.last(None), None, "not the one that was left before");
}

#[test]
fn what_the_first_version_kept_is_a_place() {
    let own = Own::new();
    let memory = &own.0;
    let kept = place(Role::Helper, 9_000);
    let old = serde_json::json!({
        "relay": kept.relay, "session": kept.session, "role": "helper", "token": "planted",
    });
    fs::create_dir_all(&memory.directory).unwrap();
    let path = memory.directory.join("last-helper.json");
    fs::write(&path, old.to_string()).unwrap();
    let read = memory.last(None).unwrap();
    assert_eq!((read.session, read.over), (kept.session, false));
    assert!(
        read.used_at > Millis(1_600_000_000_000),
        "when it was written"
    );
    memory.keep(&over(&read)).unwrap();
    assert!(!path.exists(), "what is kept anew is kept once");
    assert_eq!(memory.places(), [over(&read)]);
    fs::write(&path, old.to_string()).unwrap();
    memory.forget(kept.session).unwrap();
    assert!(!path.exists());
    assert_eq!(memory.places(), []);
}

#[test]
fn the_oldest_places_make_room() {
    let own = Own::new();
    let memory = &own.0;
    let count = u64::try_from(PLACES_AT_MOST).unwrap() + 2;
    for at in 1..=count {
        memory.keep(&place(Role::Helper, at)).unwrap();
    }
    let places = memory.places();
    assert_eq!(places.len(), PLACES_AT_MOST);
    assert_eq!(places.last().unwrap().used_at, Millis(3));
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let own = Own::new();
    let memory = &own.0;
    memory.keep(&place(Role::Helper, 1)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&memory.directory), 0o700);
    let files = memory.files();
    assert_eq!(files.len(), 1);
    assert_eq!(mode(&files[0].0), 0o600);
}

#[test]
fn a_damaged_file_is_no_place() {
    let own = Own::new();
    let memory = &own.0;
    let kept = place(Role::Helper, 1);
    memory.keep(&kept).unwrap();
    let path = memory.files()[0].0.clone();
    fs::write(path, b"{").unwrap();
    assert_eq!(memory.last(None), None);
    assert_eq!(memory.places(), []);
}
