//! Each screen looked at: a picture for people, and axe-core's rules of accessibility.

use std::path::Path;
use std::sync::Mutex;

use serde_json::json;
use tapcue_tests::browser::{Engine, Page};

/// Where the web client's development packages are.
const PACKAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../client/web/node_modules");

/// What is looked at in a page: everything that axe-core has rules of WCAG 2.2 for, and its own good
/// practices.
const RUN: &str = "
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const of = ({ id, nodes }) => nodes.map(({ html, failureSummary }) => ({ id, html, why: failureSummary }));
    return axe.run(document, { runOnly: tags, resultTypes: ['violations'] }).then(
        ({ violations }) => violations.flatMap(of),
        (error) => [{ id: 'axe', html: '', why: String(error) }],
    );
";

/// Looks at each screen once, on the pages of one engine. Of two engines each was looked at by itself.
#[derive(Debug)]
pub(crate) struct Looks {
    /// axe-core.
    script: Option<String>,
    found: Mutex<Vec<String>>,
}

impl Looks {
    pub(crate) fn of(receiver: Engine, helper: Engine) -> Self {
        let script = (receiver == helper).then(|| {
            let file = Path::new(PACKAGES).join("axe-core/axe.min.js");
            std::fs::read_to_string(file)
                .expect("axe-core: `npm --prefix client/web ci` installs it, as `tests/run` does")
        });
        Self {
            script,
            found: Mutex::default(),
        }
    }

    /// Takes a picture of what a page shows, and notes what axe-core finds.
    pub(crate) async fn look(&self, page: &Page, screen: &str) {
        let Some(script) = &self.script else {
            return;
        };
        let engine = page.engine().to_string().to_lowercase();
        page.picture(&format!("{engine}/{screen}")).await;
        let has = page.run("return 'axe' in window;", vec![]).await;
        if has != json!(true) {
            let _ = page.run(script, vec![]).await;
        }
        let found = page.run(RUN, vec![]).await;
        let lines = found.as_array().into_iter().flatten().map(|one| {
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            format!(
                "{screen}: {}\n    {}\n    {}",
                text("id"),
                text("html"),
                text("why")
            )
        });
        self.found.lock().expect("the findings").extend(lines);
    }

    /// Fails if axe-core found anything on any screen.
    pub(crate) fn assert_nothing_found(&self) {
        let found = self.found.lock().expect("the findings");
        assert!(found.is_empty(), "axe-core found:\n{}", found.join("\n"));
    }
}
