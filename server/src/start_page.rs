//! The page that a relay prints at its start: where it listens, and the link for phones.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use crate::Server;
use crate::net::public_address::{self, Colours};

/// The whole page. Its first line is for scripts.
#[must_use]
pub fn text(server: &Server) -> String {
    let mut out = format!("listening on {}\n", server.url());
    match server.link() {
        Some(link) => out += &for_phones(&link, &server.other_links()),
        None if server.is_for_this_machine_only() => {
            let url = server.url();
            line(
                &mut out,
                &format!(
                    "\nOnly this machine can open {url}. For phones start it without --listen."
                ),
            );
        }
        None => {
            line(
                &mut out,
                "\nNo network: this machine has no address that a phone could open.",
            );
            line(
                &mut out,
                "Connect it to a Wi-Fi, or make it a hotspot, and start the relay again.",
            );
            line(
                &mut out,
                &format!("On this machine it is at {}", server.own_url()),
            );
        }
    }
    if let Some(fingerprint) = server.fingerprint() {
        let (first, second) = fingerprint.split_at(fingerprint.len() / 2);
        line(
            &mut out,
            "\nIts authority, to compare before a phone trusts it (SHA-256):\n",
        );
        line(
            &mut out,
            &format!("    {first}\n    {}\n", second.trim_start_matches(':')),
        );
    }
    out
}

fn for_phones(link: &str, others: &[String]) -> String {
    let terminal = std::io::stdout().is_terminal();
    let colours = Colours::of_terminal(terminal, |name| std::env::var(name).ok());
    let mut out = String::new();
    match public_address::qr_picture(link, colours) {
        Ok(Some(picture)) => {
            line(
                &mut out,
                &format!("\nOpen this on both phones, or scan it:\n\n    {link}\n\n{picture}"),
            );
        }
        Ok(None) => line(
            &mut out,
            &format!("\nOpen this on both phones:\n\n    {link}\n"),
        ),
        Err(error) => {
            tracing::warn!(%error, "no QR code for this link");
            line(
                &mut out,
                &format!("\nOpen this on both phones:\n\n    {link}\n"),
            );
        }
    }
    if !others.is_empty() {
        line(
            &mut out,
            "If it does not open there, try another address of this machine:\n",
        );
        for other in others {
            line(&mut out, &format!("    {other}"));
        }
        out.push('\n');
    }
    line(
        &mut out,
        "Both phones must be on the same network as this machine. Ctrl-C ends it.",
    );
    out
}

fn line(out: &mut String, text: &str) {
    // Writing to memory does not fail.
    let _ = writeln!(out, "{text}");
}
