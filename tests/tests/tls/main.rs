//! TLS by itself, behind proxies and in the terminal.

mod tls;
mod tls_proxies;
mod tls_terminal;
