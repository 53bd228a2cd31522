//! Pages in browsers, tabs and networks that are not as they should be, and with what people type,
//! paste and press.

mod senses;
