//! Every row of the stop's ladder and of the check-in, on two real pages: what each page shows, sounds and
//! says, and when. Source of every figure: docs/safety.md, "The clock".
//!
//! The times are the page's own notes, so they leave out the way to the browser and back.

mod check_in;
mod rows;
mod stop;
