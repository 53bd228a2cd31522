//! Lets devices on the same network find this relay without its address, as `tapcue.local` and as a listed
//! service. It announces where the relay listens, and nothing about its users.

use std::net::SocketAddr;

use mdns_sd::{DaemonEvent, IfKind, IfPredicate, ServiceDaemon, ServiceInfo};
use tapcue_rules::discovery::{HOST, SCHEME, SERVICE};
use tokio::time::{Duration, timeout};

use crate::net::public_address;

/// The timeout for announcing that this relay leaves, which takes a packet or two.
const GOODBYE: Duration = Duration::from_millis(500);

/// This relay's announcement.
pub(crate) struct Announcement {
    daemon: ServiceDaemon,
    fullname: String,
}

impl Announcement {
    /// Announces a relay that listens on `local` and speaks `scheme`; none if only this machine can reach it.
    ///
    /// # Errors
    /// There is no socket for multicast.
    pub(crate) fn start(local: SocketAddr, scheme: &str) -> mdns_sd::Result<Option<Self>> {
        let everywhere = public_address::is_everywhere(local.ip());
        if !everywhere && !public_address::is_for_phones(local.ip()) {
            return Ok(None);
        }
        let daemon = ServiceDaemon::new()?;
        let leads_nowhere = IfPredicate::new(|interface| {
            public_address::leads_nowhere(&interface.name, interface.ip())
        });
        daemon.disable_interface(IfKind::Predicate(leads_nowhere))?;
        let address = match everywhere {
            true => String::new(),
            false => local.ip().to_string(),
        };
        // People tell relays apart by address; a machine's name may contain its owner's.
        let shown = if everywhere {
            public_address::lan_address()
        } else {
            Some(local.ip())
        };
        let name = match shown {
            Some(ip) => format!("Tapcue at {}", SocketAddr::new(ip, local.port())),
            None => format!("Tapcue at port {}", local.port()),
        };
        let what = [(SCHEME, scheme)];
        let service = ServiceInfo::new(
            SERVICE,
            &name,
            HOST,
            address.as_str(),
            local.port(),
            &what[..],
        )?;
        let service = if everywhere {
            service.enable_addr_auto()
        } else {
            service
        };
        let fullname = service.get_fullname().to_owned();
        let events = daemon.monitor()?;
        daemon.register(service)?;
        tokio::spawn(async move {
            while let Ok(event) = events.recv_async().await {
                say(&event);
            }
        });
        Ok(Some(Self { daemon, fullname }))
    }

    /// Announces that the relay is gone, so that no device is sent to it.
    pub(crate) async fn end(self) {
        let said = async {
            if let Ok(gone) = self.daemon.unregister(&self.fullname) {
                let _ = gone.recv_async().await;
            }
            if let Ok(down) = self.daemon.shutdown() {
                let _ = down.recv_async().await;
            }
        };
        if timeout(GOODBYE, said).await.is_err() {
            tracing::debug!("the network was not told that this relay goes");
        }
    }
}

fn say(event: &DaemonEvent) {
    if let DaemonEvent::NameChange(change) = event {
        let (was, is) = (&change.original, &change.new_name);
        tracing::warn!(%was, %is, "another relay on this network has this name already");
    } else if let DaemonEvent::Error(error) = event {
        tracing::debug!(%error, "multicast DNS");
    }
}
