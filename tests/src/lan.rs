//! A local network of two machines, made of network namespaces. Nothing sent there leaves this machine,
//! and every port is free.

use std::fs::File;
use std::os::fd::AsFd;
use std::panic::resume_unwind;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// The interface of each machine, beside loopback. Its name is unlike those of container interfaces,
/// because the relay treats those as unreachable.
const INTERFACE: &str = "lan0";

/// One machine. Dropping it ends its namespace, once nothing runs in it.
#[derive(Debug)]
pub struct Station {
    /// A process that only keeps the namespace open.
    keeper: Child,
    /// Its address.
    pub ip: String,
}

/// Creates two machines on one network.
///
/// # Panics
/// When this machine does not allow it: it needs root, `unshare` and `nsenter` of util-linux, and `ip`
/// of iproute2.
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
        // Multicast follows the default route.
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

    /// The program and arguments that precede a command to run it on this machine.
    #[must_use]
    pub fn prefix(&self) -> [String; 4] {
        let pid = self.keeper.id().to_string();
        ["nsenter".into(), "--net".into(), "--target".into(), pid]
    }

    /// Runs `what` on this machine, in a new thread. The sockets of that thread, and of threads that it
    /// starts, belong to this machine.
    ///
    /// # Panics
    /// When `what` panics, or when this process may not enter the namespace.
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

    /// Takes the interface down, like a pulled cable: no packet passes, and no packet reports it.
    ///
    /// # Panics
    /// When the system does not allow it.
    pub fn unplug(&self) {
        self.run("ip", &["link", "set", INTERFACE, "down"]);
    }

    /// Ends [`Station::unplug`].
    pub fn plug_in(&self) {
        self.run("ip", &["link", "set", INTERFACE, "up"]);
        // The route was removed with the link.
        self.run("ip", &["route", "add", "default", "dev", INTERFACE]);
    }

    /// Sends packets for `other` to a link-layer address that no machine has. Packets from `other` still
    /// arrive.
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

    /// Replaces the address of this machine.
    pub fn move_to(&mut self, ip: &str) {
        let [old, new] = [&self.ip, ip].map(|ip| format!("{ip}/24"));
        self.run("ip", &["address", "del", &old, "dev", INTERFACE]);
        self.run("ip", &["address", "add", &new, "dev", INTERFACE]);
        // The route may have been removed with the address.
        self.run("ip", &["route", "replace", "default", "dev", INTERFACE]);
        self.ip = ip.into();
    }

    /// Limits what it sends to this rate, as `tc` writes it. A packet queues for at most 500 ms.
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

    /// Waits until `unshare` has made the namespace, so that it differs from this process's.
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
