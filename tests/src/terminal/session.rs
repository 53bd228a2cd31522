//! What people do at terminals in a session, and what they look for.

use vt100::Color;

use super::Terminal;

/// Red in the basic 16 colours.
pub const RED: [Color; 2] = [Color::Idx(1), Color::Idx(9)];
/// Green.
pub const GREEN: [Color; 2] = [Color::Idx(2), Color::Idx(10)];
/// Yellow, used for amber.
pub const AMBER: [Color; 2] = [Color::Idx(3), Color::Idx(11)];

/// The least number of cells of 80×24 that a banner fills.
const BANNER: usize = 80 * 5;

/// Waits for a code on a terminal's screen, and returns it.
pub async fn code(terminal: &Terminal) -> String {
    let is_code = |word: &&str| {
        let (place, secret) = word.split_once('-').unwrap_or_default();
        let plain = |part: &str| {
            part.chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        };
        place.len() == 3 && secret.len() == 5 && plain(place) && plain(secret)
    };
    let text = terminal.until("a code", |text| {
        text.split_whitespace().any(|word| is_code(&word))
    });
    let text = text.await;
    text.split_whitespace()
        .find(is_code)
        .unwrap_or_default()
        .to_owned()
}

/// Presses ready on both terminals until the receiver's is live and the helper's shows go.
pub async fn both_ready(receiver: &mut Terminal, helper: &mut Terminal) {
    let ready = |text: &str| text.contains("✓  You say ready");
    receiver.press_until("r", "its own ready", ready).await;
    helper
        .press_until("r", "go", |text| text.contains("with the breath"))
        .await;
    coloured(helper, "green", &GREEN).await;
    receiver.until_text("LIVE").await;
}

/// The helper acknowledges the hold on its screen with "hands off".
pub async fn hands_off(helper: &mut Terminal) {
    let done = |text: &str| text.contains("✓  My hands are off");
    helper.press_until("\r", "hands off", done).await;
}

/// Waits for a red banner.
pub async fn red(terminal: &Terminal, what: &str) {
    coloured(terminal, &format!("red for {what}"), &RED).await;
}

/// Waits for a banner in one of these colours.
pub async fn coloured(terminal: &Terminal, what: &str, colours: &[Color]) {
    terminal
        .until(what, |_| terminal.cells_on(colours) >= BANNER)
        .await;
}
