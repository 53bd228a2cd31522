//! The pairing screen: the QR code, the code in two parts, the link, and how long they are valid.

use qrcode::{Color as Module, EcLevel, QrCode};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use tapcue_rules::cue::Role;

use super::super::app::App;
use super::super::big::{Bitmap, Symbol};
use super::super::theme::{self, Tone};
use super::super::words;
use super::parts;
use crate::words::{Before, fill};

/// The blank modules around the QR code, and the columns that must be left beside it. The standard requires
/// four (ISO/IEC 18004), with room for the relay's address. In a smaller window two are better than no QR
/// code, with room for the code.
const QUIET: [(usize, u16); 2] = [(4, 43), (2, 32)];

/// The pairing screen.
pub(super) fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let Some(pairing) = &app.device().pairing else {
        let lines = vec![parts::strong(app.words().before.waiting_device)];
        return parts::centred(frame, area, lines);
    };
    let picture = QUIET.into_iter().find_map(|(quiet, beside)| {
        QrPicture::new(&pairing.link.0, quiet).filter(|qr| {
            theme::has_colours() && qr.columns() + beside <= area.width && qr.lines() <= area.height
        })
    });
    let width = picture.as_ref().map_or(0, |qr| qr.columns() + 1);
    let [left, right] =
        Layout::horizontal([Constraint::Length(width), Constraint::Min(0)]).areas(area);
    if let Some(picture) = &picture {
        picture.draw(left, frame);
    }
    let banner_rows = if right.height >= 15 { 3 } else { 2 };
    let rows = [
        Constraint::Length(banner_rows),
        Constraint::Min(0),
        Constraint::Length(6),
    ];
    let [top, middle, bottom] = Layout::vertical(rows).areas(right);
    banner(app, frame, top);
    code(
        &app.words().before,
        frame,
        middle,
        &pairing.code.0,
        picture.is_some(),
    );
    details(app, frame, bottom);
}

fn banner(app: &App, frame: &mut Frame, area: Rect) {
    let say = &app.words().before;
    if app.device().view.stopped || app.open_hold().is_some() {
        return parts::banner(
            frame,
            area,
            Tone::Red,
            Symbol::Octagon,
            app.words().cues.stop.big,
            say.stop_alone,
        );
    }
    let below = match app.role() {
        Role::Receiver => say.for_helper,
        Role::Helper => say.for_receiver,
    };
    let word = app.words().after.waiting_big;
    parts::banner(frame, area, Tone::White, Symbol::Hand, word, below);
}

/// The code: on one line if it fits, otherwise its two parts below each other.
fn code(say: &Before, frame: &mut Frame, area: Rect, code: &str, with_picture: bool) {
    let style = Tone::Plain.strong();
    let hint = if with_picture {
        say.scan_or_type
    } else {
        say.type_code
    };
    let [hint_row, area] =
        Layout::vertical([Constraint::Length(2), Constraint::Min(0)]).areas(area);
    parts::centred(frame, hint_row, vec![Line::styled(hint, Tone::Plain.on())]);
    let whole = [Bitmap::word(code, 2), Bitmap::word(code, 1)];
    if let Some(bitmap) = whole.iter().find(|bitmap| bitmap.fits(area)) {
        return bitmap.draw(area, frame.buffer_mut(), style);
    }
    let split = code.find('-').map_or(code.len(), |at| at + 1);
    let (first, second) = code.split_at(split);
    let [upper, lower] = Layout::vertical([Constraint::Fill(1); 2]).areas(area);
    let (first, second) = (Bitmap::word(first, 1), Bitmap::word(second, 1));
    if first.fits(upper) && second.fits(lower) {
        first.draw(upper, frame.buffer_mut(), style);
        second.draw(lower, frame.buffer_mut(), style);
    } else {
        parts::centred(frame, area, vec![parts::strong(code)]);
    }
}

fn details(app: &App, frame: &mut Frame, area: Rect) {
    let Some(pairing) = &app.device().pairing else {
        return;
    };
    let say = &app.words().before;
    let left = app
        .relay_now()
        .map(|now| pairing.code_expires_at.since(now));
    let good = match left {
        Some(0) => parts::strong(say.expired),
        Some(ms) => Line::from(fill(
            say.good_for,
            &[
                ("code", &pairing.code.0),
                ("time", &words::clock(ms.div_ceil(1_000) * 1_000)),
            ],
        )),
        None => Line::from(pairing.code.0.clone()),
    };
    // The link's address, because the other device can reach the relay at it.
    let address = pairing.link.0.split("/#").next().unwrap_or_default();
    let mut lines = vec![
        good,
        Line::default(),
        Line::from(fill(say.in_browser, &[("address", address)])),
        Line::from(fill(
            say.or_command,
            &[("command", "tapcue join CODE --relay ADDRESS")],
        )),
    ];
    if pairing.burned {
        lines.push(Line::styled(
            format!("! {}", say.burned),
            Tone::Amber.strong(),
        ));
    }
    parts::centred(frame, area, lines);
}

/// A QR code in half blocks. It is black on white, whatever the terminal's colours.
struct QrPicture {
    modules: Vec<Module>,
    width: usize,
    quiet: usize,
}

impl QrPicture {
    fn new(link: &str, quiet: usize) -> Option<Self> {
        let code = QrCode::with_error_correction_level(link, EcLevel::L).ok()?;
        Some(Self {
            width: code.width(),
            quiet,
            modules: code.into_colors(),
        })
    }

    fn side(&self) -> usize {
        self.width + 2 * self.quiet
    }

    fn columns(&self) -> u16 {
        u16::try_from(self.side()).unwrap_or(u16::MAX)
    }

    fn lines(&self) -> u16 {
        u16::try_from(self.side().div_ceil(2)).unwrap_or(u16::MAX)
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        let (Some(x), Some(y)) = (x.checked_sub(self.quiet), y.checked_sub(self.quiet)) else {
            return false;
        };
        x < self.width
            && y < self.width
            && self.modules.get(y * self.width + x) == Some(&Module::Dark)
    }

    fn draw(&self, area: Rect, frame: &mut Frame) {
        let top = area.y + area.height.saturating_sub(self.lines()) / 2;
        let style = Style::new().fg(theme::INK).bg(theme::PAPER);
        for (line, y) in (top..area.bottom()).zip((0..self.side()).step_by(2)) {
            for (column, x) in (area.x..area.right()).zip(0..self.side()) {
                let block = match (self.is_dark(x, y), self.is_dark(x, y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                };
                if let Some(cell) = frame.buffer_mut().cell_mut((column, line)) {
                    cell.set_char(block).set_style(style);
                }
            }
        }
    }
}
