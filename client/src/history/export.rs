//! Writing a transcript to a file.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use tapcue_transcript::Standing;

use super::{Desk, Failure, print, read};
use crate::cli::{Export, Format};
use crate::exit::Exit;
use crate::print::complain;
use crate::words::{Past, say};

/// Exports a transcript.
pub(super) async fn run(desk: &Desk<'_>, asked: &Export) -> Result<Exit, Failure> {
    let source = desk.source(asked.what.as_deref(), asked.role)?;
    let transcript = desk.read(&source).await?;
    let words = desk.words();
    let text = desk.written(&transcript, asked.format, read::width())?;
    let broken = transcript.standing() == Standing::Broken;
    let to_file = asked.output.as_deref() != Some(Path::new("-"));
    if to_file {
        let path = asked.output.clone().unwrap_or_else(|| {
            let session = transcript.session().unwrap_or_else(|| "export".into());
            PathBuf::from(format!("tapcue-{session}.{}", asked.format.extension()))
        });
        write(&path, &text, asked.force).map_err(|error| failure(words, &path, &error))?;
        let file = path.display().to_string();
        if desk.cli.json {
            let done = json!({
                "type": "exported",
                "session": transcript.session(),
                "file": file,
                "bytes": text.len(),
                "standing": transcript.standing(),
            });
            print(&format!("{done}\n"))?;
        } else {
            print(&format!("{}\n", say(words.written, &[("file", &file)])))?;
        }
    } else {
        print(&text)?;
    }
    if broken {
        complain(&desk.broken(&transcript).text);
        return Ok(Exit::Failed);
    }
    if asked.format == Format::Json && transcript.standing() == Standing::Prefix {
        complain(words.not_sealed);
    }
    Ok(Exit::Ended)
}

/// Writes a file that only its owner can read. An existing file stays, unless `force` is set.
fn write(path: &Path, text: &str, force: bool) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn failure(words: &Past, path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    if error.kind() == io::ErrorKind::AlreadyExists {
        let text = say(words.is_there, &[("file", &path)]);
        return Failure::new(Exit::Usage, text);
    }
    Failure::new(
        Exit::Failed,
        say(words.not_written, &[("file", &path), ("error", error)]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_stays_unless_it_is_forced() {
        let unique = format!("tapcue-export-{}", uuid::Uuid::now_v7());
        let path = std::env::temp_dir().join(unique);
        write(&path, "first and long", false).unwrap();
        let refused = write(&path, "second", false).unwrap_err();
        let words = &crate::words::Words::of(tapcue_rules::language::Language::En).past;
        assert_eq!(failure(words, &path, &refused).exit, Exit::Usage);
        assert_eq!(fs::read_to_string(&path).unwrap(), "first and long");
        write(&path, "second", true).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::remove_file(&path).unwrap();
    }
}
