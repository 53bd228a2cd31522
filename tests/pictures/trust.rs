//! The page about trust, by plain HTTP from a relay with its own authority.

use anyhow::Result;
use tapcue_tests::relay::Relay;

use crate::camera::Camera;

/// The name of the pictures.
const NAME: &str = "trust";

/// Shows the page in a language, with all its steps unfolded.
pub(crate) async fn take(camera: &mut Camera, language: &'static str) -> Result<()> {
    if !camera.wants(NAME, language) {
        return Ok(());
    }
    let relay = Relay::start_with(&["--tls", "local-ca"], &[]).await;
    camera.window.speak(language).await?;
    let url = format!("http://{}/trust", relay.addr());
    camera.window.go(&url).await?;
    let there = format!(
        "document.querySelector('#state') && document.documentElement.lang.startsWith('{language}')"
    );
    camera.window.until(&there).await?;
    let open = "for (const one of document.querySelectorAll('details')) one.open = true;";
    camera.window.run(open, vec![]).await?;
    camera.take(NAME, language, &there).await
}
