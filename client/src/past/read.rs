//! Reading a transcript, and showing it in characters.

use std::io::{IsTerminal, Read as _};
use std::path::Path;

use tapcue_shared::transcript::{MAX_BYTES, Standing, Transcript, Verdict, read_export};

use super::pick::Source;
use super::{Desk, Failure, pager, print};
use crate::cli::{Format, Show};
use crate::clock;
use crate::run::Exit;
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
        let text = say(self.words().broken, &[("words", &words)]);
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
            eprintln!("{}", desk.broken(&read).text);
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
    // What is no text is no transcript either: the verdict says so.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
