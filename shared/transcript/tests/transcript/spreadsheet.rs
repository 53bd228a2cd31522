//! CSV that is safe to open.

use tapcue_rules::language::Language;

use crate::desk::{Desk, Receiver, name, session_id};
use crate::sample::rich;

#[test]
fn no_cell_begins_like_a_formula_whatever_people_typed() {
    for typed in [
        "=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "\t=1", "＝1+1", "a\",=1+1", "; =1",
    ] {
        let called = tapcue_rules::state::Name::try_from(typed.to_owned()).ok();
        let mut desk = Desk::opened(session_id(3), Default::default(), called);
        desk.wait(10).join(name("Ben"));
        desk.wait(10)
            .enter(Some(Receiver), tapcue_rules::entry::What::Ended);
        desk.wait(10).note(Receiver, true, typed, None);
        let text = desk.read(None).csv(Language::En);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        for row in reader.records() {
            for cell in &row.unwrap() {
                let first = cell.trim_start_matches(['\u{feff}', ' ']).chars().next();
                let danger = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
                assert!(
                    !first.is_some_and(|first| danger.contains(&first)),
                    "{cell:?}"
                );
            }
        }
    }
}

#[test]
fn it_is_utf_8_with_a_mark_and_lines_as_rfc_4180_wants_them() {
    let text = rich().read(None).csv(Language::En);
    assert!(text.starts_with("\u{feff}\"session\",\"seq\","));
    let rows = text.matches("\r\n").count();
    assert_eq!(rows, rich().entries.len() + 1);
    assert_eq!(text.matches('\n').count(), rows, "no cell breaks a line");
}
