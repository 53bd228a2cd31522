//! The session machine against the safety rules: an example for each rule, and the invariants over long
//! random histories and over every short history.

mod check_in;
mod cues;
mod desk;
mod every_history;
mod invariants;
mod latch;
mod links;
mod model;
mod oracle;
mod over;
mod random_histories;
mod ready;
mod stop;
mod stops;
mod thumb;
