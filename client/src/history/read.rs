//! Reads a transcript, and shows it as text.

use std::io::{IsTerminal, Read as _};
use std::path::Path;

use tapcue_transcript::{MAX_BYTES, Standing, Transcript, Verdict, read_export};

use super::pick::Source;
use super::{Desk, Failure, pager, print};
use crate::cli::{Format, Show};
use crate::exit::Exit;
use crate::print::complain;
use crate::relay::clock;
use crate::words::{Past, say};

/// The text width without a terminal, in characters; the same as on the relay.
const WIDTH: u16 = 80;

/// The least and the greatest text width, in characters; the same as on the relay.
const WIDTHS: std::ops::RangeInclusive<u16> = 40..=400;

/// A transcript that was read and verified.
#[derive(Debug)]
pub(super) struct Read {
    json: String,
    verdict: Verdict,
    transcript: Option<Transcript>,
}

impl Desk<'_> {
    /// Reads a transcript.
    pub(super) async fn read(&self, source: &Source) -> Result<Read, Failure> {
        let json = match source {
            Source::File(path) => file(self.words(), path)?,
            Source::Relay(remote) => {
                let told = remote.transcript().await;
                told.map_err(|trouble| self.trouble(remote, &trouble))?
            }
        };
        let (verdict, transcript) = read_export(&json, &[]);
        Ok(Read {
            json,
            verdict,
            transcript,
        })
    }

    /// A transcript in this format; text is `width` columns wide. JSON is returned as received, even with
    /// faults. The other formats are made from the verified transcript, in this device's language.
    pub(super) fn written(
        &self,
        read: &Read,
        format: Format,
        width: u16,
    ) -> Result<String, Failure> {
        let language = self.cli.reading_language();
        let transcript = || read.transcript.as_ref().ok_or_else(|| self.broken(read));
        let offset = |of: &Transcript| clock::offset_minutes(of.header().opened_at);
        Ok(match format {
            Format::Json => read.json.clone(),
            Format::Csv => transcript()?.csv(language),
            Format::Html => {
                let transcript = transcript()?;
                transcript.html(language, offset(transcript))
            }
            Format::Text => {
                let transcript = transcript()?;
                transcript.text(language, width.into(), offset(transcript))
            }
        })
    }

    /// The failure for a transcript with a fault.
    pub(super) fn broken(&self, read: &Read) -> Failure {
        let language = self.cli.language();
        let words = read.verdict.words_in(language).join(" ");
        // A transcript of an earlier version is valid, but the current rules cannot show it.
        let text = if read.verdict.problem.is_none() {
            words
        } else {
            say(self.words().broken, &[("words", &words)])
        };
        Failure::new(Exit::Failed, text)
    }
}

impl Read {
    /// The session, if it can be read.
    pub(super) fn session(&self) -> Option<String> {
        self.verdict.session.map(|session| session.to_string())
    }

    /// The overall result.
    pub(super) fn standing(&self) -> Standing {
        self.verdict.standing
    }
}

/// Shows a transcript.
pub(super) async fn show(desk: &Desk<'_>, asked: &Show) -> Result<Exit, Failure> {
    let source = desk.source(asked.what.as_deref(), asked.role)?;
    let read = desk.read(&source).await?;
    if desk.cli.json {
        print(&desk.written(&read, Format::Json, WIDTH)?)?;
        if read.standing() == Standing::Broken {
            complain(&desk.broken(&read).text);
            return Ok(Exit::Failed);
        }
    } else {
        pager::lay_out(&desk.written(&read, Format::Text, width())?)?;
    }
    Ok(Exit::Ended)
}

/// The text width for this output.
pub(super) fn width() -> u16 {
    let terminal = std::io::stdout().is_terminal();
    let size = terminal.then(crossterm::terminal::size);
    let width = size.and_then(Result::ok).map_or(WIDTH, |(width, _)| width);
    width.clamp(*WIDTHS.start(), *WIDTHS.end())
}

/// Reads an exported file; - is standard input.
pub(super) fn file(words: &Past, path: &Path) -> Result<String, Failure> {
    let failure = |error: std::io::Error| {
        let text = say(
            words.not_read,
            &[("file", &path.display()), ("error", &error)],
        );
        Failure::new(Exit::Usage, text)
    };
    let mut bytes = Vec::new();
    // One byte more than the maximum, to detect a longer file.
    let most = MAX_BYTES as u64 + 1;
    let took = if path == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        let file = std::fs::File::open(path).map_err(failure)?;
        file.take(most).read_to_end(&mut bytes)
    };
    took.map_err(failure)?;
    text(words, bytes).map_err(|why| {
        let text = say(
            words.not_read,
            &[("file", &path.display()), ("error", &why)],
        );
        Failure::new(Exit::Usage, text)
    })
}

/// The text of an export, or why the file cannot be an export at all.
fn text(words: &Past, mut bytes: Vec<u8>) -> Result<String, &'static str> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let begins = |with: &[u8]| bytes.starts_with(with);
    // gzip, ZIP, bzip2, xz, Zstandard.
    let packed: [&[u8]; 5] = [
        b"\x1f\x8b",
        b"PK\x03\x04",
        b"BZh",
        b"\xfd7zXZ",
        b"\x28\xb5\x2f\xfd",
    ];
    if packed.into_iter().any(begins) {
        return Err(words.is_packed);
    }
    // UTF-16 has a byte order mark, or every other byte of its ASCII characters is 0.
    if begins(b"\xff\xfe") || begins(b"\xfe\xff") || bytes.iter().take(4).any(|byte| *byte == 0) {
        return Err(words.is_utf16);
    }
    if begins(MARK) {
        bytes.drain(..MARK.len());
    }
    let is_whole = bytes.len() <= MAX_BYTES;
    // The verdict reports invalid UTF-8 within an export.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match text.trim_start().chars().next() {
        None => Err(words.is_empty),
        Some('{') if is_whole && is_cut(&text) => Err(words.is_cut),
        Some('{') => Ok(text),
        Some(_) => Err(words.is_no_export),
    }
}

/// Whether the JSON ends too early.
fn is_cut(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_err_and(|error| error.is_eof())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tapcue_rules::language::Language;

    #[test]
    fn what_is_no_export_is_not_read_and_says_what_it_is() {
        let words = &crate::words::Words::of(Language::En).past;
        let utf16 = |text: &str, mark: &[u8]| {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            mark.iter().copied().chain(units).collect::<Vec<u8>>()
        };
        for (bytes, why) in [
            (Vec::new(), words.is_empty),
            (b" \n".to_vec(), words.is_empty),
            (utf16("{}", b"\xff\xfe"), words.is_utf16),
            (utf16("{}", b""), words.is_utf16),
            (b"\xfe\xff\0{".to_vec(), words.is_utf16),
            (b"\x1f\x8b\x08".to_vec(), words.is_packed),
            (b"PK\x03\x04..".to_vec(), words.is_packed),
            (b"<!doctype html><title>".to_vec(), words.is_no_export),
            (b"#,at,by".to_vec(), words.is_no_export),
            (b"\x89PNG".to_vec(), words.is_no_export),
            (b"{\"entries\":[{\"a\":\"b".to_vec(), words.is_cut),
            (b"{".to_vec(), words.is_cut),
        ] {
            assert_eq!(text(words, bytes.clone()), Err(why), "{bytes:?}");
        }
        // A byte order mark at the beginning is removed. The verdict reports changes inside.
        assert_eq!(text(words, b"\xef\xbb\xbf{}".to_vec()), Ok("{}".into()));
        assert_eq!(
            text(words, b"{\"a\":\xff}".to_vec()),
            Ok("{\"a\":\u{fffd}}".into())
        );
        assert_eq!(text(words, b"{\"a\" 1}".to_vec()), Ok("{\"a\" 1}".into()));
    }
}
