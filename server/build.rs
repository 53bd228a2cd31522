//! The web client is embedded, so a file added to it or taken from it makes the relay anew.

fn main() -> std::io::Result<()> {
    const WEB: &str = "../client/web";
    println!("cargo::rerun-if-changed={WEB}/view");
    println!("cargo::rerun-if-changed={WEB}/link");
    println!("cargo::rerun-if-changed={WEB}/i18n");
    for entry in std::fs::read_dir(WEB)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            println!("cargo::rerun-if-changed={}", entry.path().display());
        }
    }
    Ok(())
}
