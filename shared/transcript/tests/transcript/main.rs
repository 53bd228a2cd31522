//! Transcripts: derived values agree with the session machine, the four formats agree with each other, and
//! every later edit is found and named.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "all of this is tests"
)]

mod agree;
mod counted;
mod derived;
mod desk;
mod document;
mod edits;
mod golden;
mod hour;
mod languages;
mod look;
mod named;
mod notes;
mod odd;
mod positions;
mod sample;
mod spreadsheet;
