//! A local network of two machines, made of network namespaces: what is sent there leaves nothing of
//! this machine, and every port is free.

use std::fs::File;
use std::os::fd::AsFd;
use std::panic::resume_unwind;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// The interface that each machine has beside loopback. The relay takes interfaces named like those
/// of containers for leading nowhere.
const INTERFACE: &str = "lan0";

/// One machine. Dropping it ends its namespace, once nothing runs in it.
#[derive(Debug)]
pub struct Station {
    /// A process that does nothing but keep the namespace.
    keeper: Child,
    /// Its address.
    pub ip: String,
}

/// Two machines on one network.
///
/// # Panics
/// When this machine does not allow it: it takes root, `unshare` and `nsenter` of util-linux, and
/// `ip` of iproute2.
#[must_use]
pub fn two_stations() -> [Station; 2] {
    let stations = ["10.77.0.1", "10.77.0.2"].map(Station::new);
    let [one, other] = &stations;
    let other_pid = other.keeper.id().to_string();
    let pair = [
        "link", "add", INTERFACE, "type", "veth", "peer", "name", INTERFACE,
    ];
    one.run("ip", &[&pair[..], &["netns", &other_pid]].concat());
    for station in &stations {
        let address = format!("{}/24", station.ip);
        station.run("ip", &["address", "add", &address, "dev", INTERFACE]);
        station.run("ip", &["link", "set", "lo", "up"]);
        station.run("ip", &["link", "set", INTERFACE, "up"]);
        // Multicast goes where the default route does.
        station.run("ip", &["route", "add", "default", "dev", INTERFACE]);
    }
    stations
}

impl Station {
    fn new(ip: &str) -> Self {
        let keeper = Command::new("unshare")
            .args(["--net", "--", "sleep", "infinity"])
            .stdin(Stdio::null())
            .spawn()
            .expect("`unshare` of util-linux, as root");
        let station = Self {
            keeper,
            ip: ip.into(),
        };
        station.wait_for_namespace();
        station
    }

    /// What a command begins with that runs on this machine.
    #[must_use]
    pub fn prefix(&self) -> [String; 4] {
        let pid = self.keeper.id().to_string();
        ["nsenter".into(), "--net".into(), "--target".into(), pid]
    }

    /// Runs `what` on this machine, in a thread of its own: its sockets are this machine's, and so are
    /// those of the threads that it starts.
    ///
    /// # Panics
    /// When it does, or when this process may not enter the namespace.
    pub fn within<T: Send>(&self, what: impl FnOnce() -> T + Send) -> T {
        let namespace = File::open(format!("/proc/{}/ns/net", self.keeper.id()));
        let namespace = namespace.expect("the namespace");
        let entered = move || {
            let kind = Some(LinkNameSpaceType::Network);
            move_into_link_name_space(namespace.as_fd(), kind).expect("leave to enter it: as root");
            what()
        };
        let done = std::thread::scope(|scope| scope.spawn(entered).join());
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// As if its cable were pulled: nothing passes, and nothing says so.
    ///
    /// # Panics
    /// When the system does not allow it, as below.
    pub fn unplug(&self) {
        self.run("ip", &["link", "set", INTERFACE, "down"]);
    }

    /// Ends [`Station::unplug`].
    pub fn plug_in(&self) {
        self.run("ip", &["link", "set", INTERFACE, "up"]);
        // It went with the link.
        self.run("ip", &["route", "add", "default", "dev", INTERFACE]);
    }

    /// What it sends to `other` goes to a card that nobody has; what comes from there arrives.
    pub fn lose_packets_to(&self, other: &Station) {
        let nobody = "02:00:00:00:00:99";
        let args = [
            "neigh", "replace", &other.ip, "lladdr", nobody, "dev", INTERFACE,
        ];
        self.run("ip", &[&args[..], &["nud", "permanent"]].concat());
    }

    /// Ends [`Station::lose_packets_to`].
    pub fn find_again(&self, other: &Station) {
        self.run("ip", &["neigh", "del", &other.ip, "dev", INTERFACE]);
    }

    /// From now on it has another address instead of its own.
    pub fn move_to(&mut self, ip: &str) {
        let [old, new] = [&self.ip, ip].map(|ip| format!("{ip}/24"));
        self.run("ip", &["address", "del", &old, "dev", INTERFACE]);
        self.run("ip", &["address", "add", &new, "dev", INTERFACE]);
        // It may have gone with the address.
        self.run("ip", &["route", "replace", "default", "dev", INTERFACE]);
        self.ip = ip.into();
    }

    /// What it sends leaves at this rate, as `tc` writes it, and waits for at most half a second.
    pub fn narrow(&self, rate: &str) {
        let args = [
            "qdisc", "add", "dev", INTERFACE, "root", "tbf", "rate", rate,
        ];
        self.run(
            "tc",
            &[&args[..], &["burst", "2kb", "latency", "500ms"]].concat(),
        );
    }

    fn run(&self, program: &str, args: &[&str]) {
        let [nsenter, rest @ ..] = self.prefix();
        let status = Command::new(nsenter)
            .args(rest)
            .arg(program)
            .args(args)
            .status();
        let status = status.expect("`nsenter` of util-linux");
        assert!(status.success(), "{program} {}", args.join(" "));
    }

    /// Its namespace is another one than this process's as soon as `unshare` has made it.
    fn wait_for_namespace(&self) {
        let of = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/net")).ok();
        let (own, theirs) = (of("self"), self.keeper.id().to_string());
        let deadline = Instant::now() + crate::wait::PATIENCE;
        while of(&theirs).is_none_or(|namespace| Some(namespace) == own) {
            assert!(Instant::now() < deadline, "no namespace: this takes root");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}
