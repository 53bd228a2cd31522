mod held;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::ids::Id;
use tapcue_rules::link::{Alarm, DeviceLink, Stage};
use tapcue_rules::state::{HoldReason, LinkStatus};

use super::super::app::{App, Screen};
use super::super::fixture::*;
use super::super::input::Press;
use crate::device::snapshot::What;
use crate::words::Words;
use tapcue_rules::language::Language;

fn drawn(app: &App, width: u16, height: u16) -> (Buffer, Vec<Id>) {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut ids = Vec::new();
    terminal
        .draw(|frame| ids = super::draw(app, frame).iter().map(|one| one.id).collect())
        .unwrap();
    (terminal.backend().buffer().clone(), ids)
}

fn text_of(buffer: &Buffer) -> String {
    let rows = buffer.content().chunks(usize::from(buffer.area.width));
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>() + "\n")
        .collect()
}

fn text(app: &App) -> String {
    text_of(&drawn(app, 80, 24).0)
}

#[track_caller]
fn says(app: &App, all: &[&str]) {
    let text = text(app);
    for words in all {
        assert!(text.contains(words), "{words:?} is missing in\n{text}");
    }
}

fn background(app: &App, color: Color) -> usize {
    let (buffer, _) = drawn(app, 80, 24);
    buffer
        .content()
        .iter()
        .filter(|cell| cell.bg == color)
        .count()
}

const WHOLE: usize = 80 * 24;

#[test]
fn pair() {
    for role in Role::BOTH {
        let app = pairing(role);
        says(
            &app,
            &[
                "WAITING",
                "Scan, or type this code",
                "K7M-2QX4R",
                "good for 04:38",
                "http://192.168.100.120:8080",
                "n new code",
                "space or Esc",
            ],
        );
        assert!(
            background(&app, crate::tui::theme::PAPER) > 37 * 18,
            "the QR code is there"
        );
    }
    let narrow = text_of(&drawn(&pairing(Role::Helper), 60, 20).0);
    assert!(
        narrow.contains("Type this code") && narrow.contains("K7M-2QX4R"),
        "{narrow}"
    );
}

#[test]
fn a_stop_while_pairing_is_seen() {
    let mut app = pairing(Role::Receiver);
    let mut stopped = app.device().clone();
    stopped.view.stopped = true;
    let _ = app.snapshot(NOW, stopped);
    says(&app, &["⊖  STOP  ⊖", "K7M-2QX4R"]);
}

#[test]
fn set_up() {
    says(
        &unprepared(Role::Receiver),
        &[
            "HANDS OFF",
            "Do any of these apply to you?",
            "Numbness or tingling",
            "arthritis",
            "y  yes, at least one",
            "n  none of these",
        ],
    );
    let answered = start(Role::Receiver, |state| state.confirmed.receiver = false);
    says(
        &answered,
        &[
            "Is all of this true?",
            "comfortably",
            "Record kept (days): 30.",
            "Enter  yes to all",
        ],
    );
    says(
        &unprepared(Role::Helper),
        &[
            "HANDS OFF",
            "knees slightly bent",
            "bones or joints",
            "Enter  yes to all",
        ],
    );
}

#[test]
fn advice() {
    let applies = |role| start(role, |state| state.confirmed.warning_signs = Some(true));
    says(
        &applies(Role::Receiver),
        &[
            "do not continue",
            "end for today",
            "cleared by a professional",
        ],
    );
    says(
        &applies(Role::Helper),
        &["do not continue", "only the receiver"],
    );
}

#[test]
fn rehearse() {
    says(
        &start(Role::Receiver, |_| {}),
        &["press stop. Watch it arrive.", "HANDS OFF"],
    );
    says(
        &start(Role::Helper, |_| {}),
        &["wait for stop, then press Enter", "HANDS OFF"],
    );
}

#[test]
fn live_receiver() {
    let app = lamp(Role::Receiver, Cue::Slower, Stage::Shown);
    says(
        &app,
        &[
            "Helper is here · 42 ms",
            "Receiving · live 06:12",
            "LIVE",
            "[s]",
            "« Slower",
            "[e]",
            "[m]",
            "↑ More pressure",
            "[y]",
            "[h]",
            "[l]",
            "[g]",
            "[r]",
            "any pain means stop",
            "● sent",
            "● on its way",
            "● shown",
            "○ confirmed",
        ],
    );
    assert!(
        background(&app, Color::Red) >= 80 * 9,
        "the lower half is stop"
    );
    says(
        &asked(Role::Receiver),
        &["DOES THIS FEEL OKAY?", "pauses in 7 s"],
    );
}

#[test]
fn live_helper_without_a_cue_is_green() {
    let app = live(Role::Helper);
    says(
        &app,
        &[
            "✓ Both ready",
            "Slow and controlled, in time with the breath",
            "c check in",
        ],
    );
    assert!(background(&app, Color::Green) > WHOLE * 8 / 10);
}

#[test]
fn live_helper_shows_each_cue_in_one_colour() {
    let cues = [
        (Cue::Slower, Color::Yellow, "« Slower"),
        (Cue::EaseUp, Color::Yellow, "↓ Ease up now"),
        (Cue::MorePressure, Color::Blue, "↑ A little more pressure"),
        (Cue::Stay, Color::Magenta, "‖ Stay there"),
        (Cue::Left, Color::White, "← My left side"),
        (Cue::Right, Color::White, "→ My right side"),
        (Cue::Good, Color::Green, "✓ Feels good"),
    ];
    for (of, color, words) in cues {
        let app = cue(of, 4_000);
        says(&app, &[words, "Enter: seen"]);
        assert!(background(&app, color) > WHOLE / 2, "{of:?}");
        assert_eq!(drawn(&app, 80, 24).1, [id(60)]);
    }
    says(&cue(Cue::Slower, 4_200), &["4 s ago"]);
    says(&cue(Cue::Stay, 16_000), &["● 15 s", "○ 30 s"]);
}

#[test]
fn what_was_seen_and_what_came_before_stay_small() {
    let app = app(Role::Helper, |_, state| {
        let mut seen = shown(60, Cue::Slower, 2_000);
        seen.acknowledged = Some(ago(1_000));
        state.cue = Some(seen);
        state.earlier = vec![shown(61, Cue::Left, 5_000)];
    });
    says(
        &app,
        &[
            "✓ Both ready",
            "seen: « Slower 2 s ago",
            "earlier: ← My left side 5 s ago",
        ],
    );
}

#[test]
fn the_end() {
    says(
        &ended(Role::Receiver),
        &[
            "SESSION ENDED",
            "06:12",
            "median 41 ms · slowest 88 ms",
            "median 1.4 s · slowest 2.3 s",
            "Numbness or tingling",
            "Enter or q leave",
        ],
    );
}

#[test]
fn refused_and_superseded_say_that_stop_is_not_carried() {
    let superseded = closed(Role::Helper, DeviceLink::Superseded);
    says(
        &superseded,
        &["This role is on another device", "Say it out loud"],
    );
    says(
        &closed(Role::Helper, DeviceLink::Refused),
        &["The server refused this device"],
    );
}

#[test]
fn the_question_and_the_keys_leave_stop_in_sight() {
    let mut app = live(Role::Receiver);
    let _ = app.key(NOW, Press::Char('q'));
    says(
        &app,
        &["End the session for both?", "space or Esc: STOP", "LIVE"],
    );
    let _ = app.key(NOW, Press::Char('n'));
    let _ = app.key(NOW, Press::Char('?'));
    says(
        &app,
        &["STOP, on every screen", "slower", "feels good", "LIVE"],
    );
    assert_eq!(drawn(&app, 80, 24).1, Vec::<Id>::new());
}

#[test]
fn a_refusal_is_said_in_one_row() {
    let app = app(Role::Receiver, |snapshot, _| {
        let code = tapcue_rules::message::ErrorCode::TooFast;
        let message = code.message().into();
        snapshot.notice(
            NOW,
            What::Refused {
                code,
                message,
                id: None,
                by: None,
                fatal: false,
            },
        );
    });
    says(&app, &["! Too many taps at once"]);
}

#[test]
fn green_is_proof() {
    for app in all() {
        if !app.go() {
            assert_eq!(background(&app, Color::Green), 0, "{:?}", app.screen());
        }
    }
}

#[test]
fn every_screen_is_drawn_at_every_size_without_a_panic_and_says_stop() {
    for app in all() {
        for (width, height) in [
            (80, 24),
            (200, 60),
            (60, 16),
            (40, 12),
            (39, 12),
            (20, 5),
            (1, 1),
        ] {
            let (buffer, _) = drawn(&app, width, height);
            let over = matches!(app.screen(), Screen::Ended | Screen::Closed);
            if width >= 40 && !over {
                let text = text_of(&buffer);
                assert!(
                    text.contains("space or Esc"),
                    "{:?} {width}×{height}\n{text}",
                    app.screen()
                );
            }
            if (20..40).contains(&width) {
                assert!(
                    text_of(&buffer).contains("STOP: space or Esc"),
                    "{:?}",
                    app.screen()
                );
            }
        }
    }
}

#[test]
fn every_screen_is_drawn_in_every_language() {
    for language in Language::ALL {
        let stop = Words::of(language).keys.stop;
        for app in all() {
            let app = app.speaking(language);
            for (width, height) in [(80, 24), (40, 12), (20, 5), (1, 1)] {
                let (buffer, _) = drawn(&app, width, height);
                let over = matches!(app.screen(), Screen::Ended | Screen::Closed);
                // A wide letter takes two cells, and letters that join take one.
                let plain = !matches!(language, Language::Zh | Language::Ar);
                if width == 80 && !over && plain {
                    let text = text_of(&buffer);
                    assert!(
                        text.contains(stop),
                        "{language:?} {:?}\n{text}",
                        app.screen()
                    );
                }
            }
        }
    }
}

#[test]
fn the_end_says_who_deleted_the_session() {
    for role in Role::BOTH {
        let mut app = ended(role);
        let mut snapshot = app.device().clone();
        let message = "The helper deleted this session. No record is kept.";
        let what = What::Refused {
            code: tapcue_rules::message::ErrorCode::Deleted,
            message: message.into(),
            id: None,
            by: Some(Role::Helper),
            fatal: true,
        };
        snapshot.notice(NOW, what);
        let _ = app.snapshot(NOW, snapshot);
        let told = match role {
            Role::Receiver => message,
            Role::Helper => "You deleted this session. No record is kept.",
        };
        says(&app, &["SESSION ENDED", told]);
    }
}
