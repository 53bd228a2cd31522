//! The page that leads to a device's trust, by plain http from a relay with an authority of its own.

use anyhow::Result;
use tapcue_tests::relay::Relay;

use crate::camera::Camera;

/// What the pictures are called.
const NAME: &str = "trust";

/// The page in a language, all its steps folded out.
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
