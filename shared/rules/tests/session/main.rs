//! The session machine against the rules that keep people safe: one example for each rule, the
//! invariants over long random histories, and over every short history.

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
