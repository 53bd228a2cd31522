//! Each bound of docs/safety.md, promised and measured. The floor is not compared: it has no bounds.

use anyhow::ensure;
use tapcue_tests::bounds;

use crate::{Sizes, process};

/// Measures the bounds and prints their table.
pub(crate) async fn run(sizes: &Sizes) -> anyhow::Result<()> {
    process::take_every_core()?;
    let measured = bounds::measure(sizes.bounds).await;
    process::take_load_core()?;
    println!("\n{measured}");
    let breaches = measured.breaches();
    ensure!(breaches.is_empty(), "{}", breaches.join("\n"));
    Ok(())
}
