//! Reading a transcript, and showing it in characters.

use std::io::{IsTerminal, Read as _};
use std::path::Path;

use tapcue_shared::transcript::{MAX_BYTES, Standing, Transcript, Verdict, read_export};

use super::pick::Source;
use super::{Desk, Failure, pager, print};
use crate::cli::{Format, Show};
use crate::clock;
use crate::run::Exit;

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
            Source::File(path) => file(path)?,
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
}

impl Read {
    /// In this format, text `width` characters wide. JSON is handed over as it came, whatever is
    /// wrong with it; the others are made of what was verified.
    pub(super) fn written(&self, format: Format, width: u16) -> Result<String, Failure> {
        let transcript = || self.transcript.as_ref().ok_or_else(|| self.broken());
        let offset = |of: &Transcript| clock::offset_minutes(of.header().opened_at);
        Ok(match format {
            Format::Json => self.json.clone(),
            Format::Csv => transcript()?.csv(),
            Format::Html => {
                let transcript = transcript()?;
                transcript.html(offset(transcript))
            }
            Format::Text => {
                let transcript = transcript()?;
                transcript.text(width.into(), offset(transcript))
            }
        })
    }

    /// Which session, if that can be read.
    pub(super) fn session(&self) -> Option<String> {
        self.verdict.session.map(|session| session.to_string())
    }

    /// How it stands.
    pub(super) fn standing(&self) -> Standing {
        self.verdict.standing
    }

    /// What is wrong with it.
    pub(super) fn broken(&self) -> Failure {
        let words = self.verdict.words.join(" ");
        Failure::new(
            Exit::Failed,
            format!("This transcript is not as it should be. {words}"),
        )
    }
}

/// Shows a transcript.
pub(super) async fn show(desk: &Desk<'_>, asked: &Show) -> Result<Exit, Failure> {
    let source = desk.source(asked.what.as_deref(), asked.role)?;
    let read = desk.read(&source).await?;
    if desk.cli.json {
        print(&read.written(Format::Json, WIDTH)?)?;
        if read.standing() == Standing::Broken {
            eprintln!("{}", read.broken().text);
            return Ok(Exit::Failed);
        }
    } else {
        pager::lay_out(&read.written(Format::Text, width())?)?;
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
pub(super) fn file(path: &Path) -> Result<String, Failure> {
    let failure = |error: std::io::Error| {
        let text = format!("{} cannot be read: {error}.", path.display());
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
