//! Every row of the stop's ladder and of the check-in, on two real pages: what each shows, sounds
//! and says at which moment. Source of every figure: docs/safety.md, "The clock".
//!
//! A page's moments are its own notes, so that the way to the browser and back is in none of them.

mod check_in;
mod rows;
mod stop;
