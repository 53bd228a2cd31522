//! Pages in real browsers, driven by real touch, mouse and keys, one test at a time.

mod pages;
mod pages_conditions;
mod pages_ends;
mod pages_engines;
mod pages_eyesfree;
mod pages_installed;
mod pages_ladder;
mod pages_long_review;
mod pages_people;
mod pages_review;
mod pages_terminal;
mod pages_thumb;
mod pages_tls;
mod pages_touch;
mod pages_unrecorded;
