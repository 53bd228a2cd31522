//! Every bound of docs/safety.md holds over real sockets, a few times each. `tests/run bench bounds` measures
//! more of them.

use tapcue_tests::bounds;

/// How often each bound is measured: twice for each role.
const TIMES: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn every_bound_holds() {
    let measured = bounds::measure(TIMES).await;
    println!("{measured}");
    let breaches = measured.breaches();
    assert!(
        breaches.is_empty(),
        "outside their bounds, with {:?} allowed and {:?} of noise:\n{}",
        bounds::ALLOWANCE,
        measured.noise,
        breaches.join("\n")
    );
}
