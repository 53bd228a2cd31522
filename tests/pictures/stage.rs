//! A relay with ended sample sessions, and a page that took part in all of them.

use anyhow::Result;
use tapcue_tests::samples::{KEEP, Samples};

use crate::window::Window;

/// The samples and their relay.
#[derive(Debug)]
pub(crate) struct Stage(Samples);

impl Stage {
    pub(crate) async fn set() -> Self {
        Self(Samples::set().await)
    }

    /// Opens the page in a language, on a device that took part in all samples. If a sample is named, it
    /// opens that review.
    pub(crate) async fn enter(
        &self,
        window: &Window,
        sample: Option<&str>,
        language: &str,
    ) -> Result<()> {
        window.go(&self.0.url()).await?;
        window.run(KEEP, self.0.kept(sample, language)).await?;
        window.reload().await
    }
}
