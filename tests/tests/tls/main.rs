//! TLS in the relay itself, behind proxies and in the terminal.

mod tls;
mod tls_proxies;
mod tls_terminal;
