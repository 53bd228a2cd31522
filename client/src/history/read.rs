//! Reading a transcript, and showing it in characters.

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

/// How wide text is where there is no terminal, in characters: as wide as the relay's.
const WIDTH: u16 = 80;

/// The narrowest and the widest text, in characters: as on the relay.
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

    /// A transcript in this format, text `width` columns wide. JSON is handed over as it came, whatever
    /// is wrong with it; the others are made of what was verified, in this device's language.
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

    /// What is wrong with a transcript.
    pub(super) fn broken(&self, read: &Read) -> Failure {
        let language = self.cli.language();
        let words = read.verdict.words_in(language).join(" ");
        // One that was made by earlier rules is sound, and cannot be shown by those of now.
        let text = if read.verdict.problem.is_none() {
            words
        } else {
            say(self.words().broken, &[("words", &words)])
        };
        Failure::new(Exit::Failed, text)
    }
}

impl Read {
    /// Which session, if that can be read.
    pub(super) fn session(&self) -> Option<String> {
        self.verdict.session.map(|session| session.to_string())
    }

    /// How it stands.
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

/// How wide text may be here.
pub(super) fn width() -> u16 {
    let terminal = std::io::stdout().is_terminal();
    let size = terminal.then(crossterm::terminal::size);
    let width = size.and_then(Result::ok).map_or(WIDTH, |(width, _)| width);
    width.clamp(*WIDTHS.start(), *WIDTHS.end())
}

/// A file that was exported; - is standard input.
pub(super) fn file(words: &Past, path: &Path) -> Result<String, Failure> {
    let failure = |error: std::io::Error| {
        let text = say(
            words.not_read,
            &[("file", &path.display()), ("error", &error)],
        );
        Failure::new(Exit::Usage, text)
    };
    let mut bytes = Vec::new();
    // One more than may be verified, to tell one that is too long.
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

/// The text of an export; or why the file is none that anything could be wrong with.
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
    // A mark says it, or every other byte of what is ASCII.
    if begins(b"\xff\xfe") || begins(b"\xfe\xff") || bytes.iter().take(4).any(|byte| *byte == 0) {
        return Err(words.is_utf16);
    }
    if begins(MARK) {
        bytes.drain(..MARK.len());
    }
    let is_whole = bytes.len() <= MAX_BYTES;
    // Bytes that are no text within an export: the verdict says so.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match text.trim_start().chars().next() {
        None => Err(words.is_empty),
        Some('{') if is_whole && is_cut(&text) => Err(words.is_cut),
        Some('{') => Ok(text),
        Some(_) => Err(words.is_no_export),
    }
}

/// Whether JSON ends before its end.
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
        // A mark before it changes nothing; what is changed within it is for the verdict.
        assert_eq!(text(words, b"\xef\xbb\xbf{}".to_vec()), Ok("{}".into()));
        assert_eq!(
            text(words, b"{\"a\":\xff}".to_vec()),
            Ok("{\"a\":\u{fffd}}".into())
        );
        assert_eq!(text(words, b"{\"a\" 1}".to_vec()), Ok("{\"a\" 1}".into()));
    }
}
