//! Links of sessions without devices, tested with a journal on disk and a clock that the test moves.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use tokio::time::{advance, pause, resume};

use super::*;
use crate::clock::Clock;
use crate::config::{Config, Flags};
use crate::journal::SqliteJournal;
use crate::session::device_handle::DeviceHandle;
use crate::session::pairing::CODE_FOR_MS;

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// How often the relay checks for expired links.
const LOOK: Duration = Duration::from_secs(10);

fn registry(dir: &Path) -> Arc<Registry> {
    let flags = Flags {
        data: Some(dir.into()),
        ..Flags::default()
    };
    let config = Config::from_flags(flags).unwrap();
    let journal = Arc::new(SqliteJournal::open(dir).unwrap());
    let clock = Clock::starting_at(Millis(1_800_000_000_000));
    Registry::new(Context::new(config, clock, journal)).unwrap()
}

fn secret_of(pairing: &Pairing) -> Secret {
    let (_, secret) = pairing.link.0.split_once("#join=").unwrap();
    Secret(secret.into())
}

/// A device in a session.
#[derive(Debug)]
struct Device {
    session: Arc<SessionHandle>,
    device: Arc<DeviceHandle>,
    token: Secret,
    secret: Option<Secret>,
}

impl Device {
    async fn enter(registry: &Arc<Registry>, hello: ToRelay) -> Result<Self, Refusal> {
        let Paired { session, arrived } = registry.admit(hello, ADDRESS, "http://x".into()).await?;
        let ToDevice::Welcome(welcome) = arrived.welcome else {
            panic!("no welcome");
        };
        Ok(Self {
            session,
            device: arrived.device,
            secret: welcome.pairing.as_ref().map(secret_of),
            token: welcome.token,
        })
    }

    async fn create(registry: &Arc<Registry>) -> Self {
        let hello = ToRelay::Create {
            role: Role::Receiver,
            name: None,
            options: None,
            client: None,
        };
        Self::enter(registry, hello).await.unwrap()
    }

    fn leave(&self) {
        let left = Control::Leave(Arc::clone(&self.device));
        self.session.mailbox.post_control(left).unwrap();
    }
}

async fn join(registry: &Arc<Registry>, secret: &Secret) -> Result<Device, ErrorCode> {
    let hello = ToRelay::Join {
        code: None,
        secret: Some(secret.clone()),
        name: None,
        client: None,
    };
    Device::enter(registry, hello).await.map_err(|it| it.code)
}

/// Lets a code's lifetime pass, with the relay's regular checks.
async fn pass(registry: &Registry) {
    pause();
    let looks = CODE_FOR_MS / LOOK.as_millis() as u64 + 1;
    for _ in 0..looks {
        advance(LOOK).await;
        registry.expire_pairing();
    }
    resume();
}

/// Waits until the session's task ends, as it does some time after all devices left.
async fn forgotten(registry: &Registry, session: SessionId) {
    let gone = async {
        while registry.handle(session).is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let patience = Duration::from_secs(30);
    tokio::time::timeout(patience, gone).await.unwrap();
}

#[tokio::test]
async fn the_link_of_a_session_that_was_left_lets_nobody_in_until_somebody_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let registry = registry(dir.path());
    let creator = Device::create(&registry).await;
    let secret = creator.secret.clone().unwrap();
    creator.leave();
    pass(&registry).await;
    forgotten(&registry, creator.session.id).await;
    pass(&registry).await;
    assert_eq!(
        join(&registry, &secret).await.unwrap_err(),
        ErrorCode::UnknownCode
    );
    // With the creator back, the other person's link works again.
    let hello = ToRelay::Resume {
        token: creator.token,
        client: None,
    };
    let back = Device::enter(&registry, hello).await.unwrap();
    assert_eq!(back.secret.as_ref(), Some(&secret));
    let helper = join(&registry, &secret).await.unwrap();
    assert_eq!(helper.session.id, back.session.id);
}

#[tokio::test]
async fn the_link_of_a_session_that_somebody_waits_in_works_on() {
    let dir = tempfile::tempdir().unwrap();
    let registry = registry(dir.path());
    let creator = Device::create(&registry).await;
    let secret = creator.secret.unwrap();
    for _ in 0..3 {
        pass(&registry).await;
    }
    let helper = join(&registry, &secret).await.unwrap();
    assert_eq!(helper.session.id, creator.session.id);
}
