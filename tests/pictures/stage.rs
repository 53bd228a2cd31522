//! A relay with sample sessions that have ended, and a page that had a place in all of them.

use anyhow::Result;
use tapcue_tests::samples::{KEEP, Samples};

use crate::window::Window;

/// The samples, and their relay.
#[derive(Debug)]
pub(crate) struct Stage(Samples);

impl Stage {
    pub(crate) async fn set() -> Self {
        Self(Samples::set().await)
    }

    /// The page in a language, as somebody finds it who was in all samples, at the review of one of
    /// them if it is named.
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
