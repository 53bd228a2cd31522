//! A full disk: a small file system in memory, filled to the last page. Needs root.

use tapcue_tests::fault;
use tapcue_tests::outage::Outage;
use tapcue_tests::relay::Relay;

/// The size of the file system: room for a database with its log, and little more.
const KIB: u64 = 4_096;

#[tokio::test(flavor = "multi_thread")]
async fn full_to_the_last_page_it_says_so_and_stop_passes() {
    let mut relay = Relay::start_on_disk_of(KIB).await;
    let mut outage = Outage::ahead(&relay).await;
    relay.disk().fill();
    outage.hold_out(&relay).await;
    relay.until_logged("free some space on the disk").await;
    relay.disk().free();
    let figure = outage.after(&mut relay).await;
    fault::came(
        "faults_disk::full_to_the_last_page_it_says_so_and_stop_passes",
        &figure,
    );
}
