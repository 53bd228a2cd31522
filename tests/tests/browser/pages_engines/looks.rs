//! Checks of each screen: a picture for people, axe-core's accessibility rules, touch targets, and text at
//! twice the size.

use std::path::Path;
use std::sync::Mutex;

use serde_json::json;
use tapcue_tests::browser::{Engine, Page};

/// The folder of the web client's development packages.
const PACKAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../client/web/node_modules");

/// Runs axe-core in a page: all its rules for WCAG 2.2, and its own best practices.
const RUN: &str = "
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const of = ({ id, nodes }) => nodes.map(({ html, failureSummary }) => ({ id, html, why: failureSummary }));
    return axe.run(document, { runOnly: tags, resultTypes: ['violations'] }).then(
        ({ violations }) => violations.flatMap(of),
        (error) => [{ id: 'axe', html: '', why: String(error) }],
    );
";

/// Finds weak contrast in words that people read at a glance, on the ground behind them at that moment.
/// Source: WCAG 2.2, 1.4.6, AAA: 7:1, and 4.5:1 for large words.
const ENHANCED: &str = "
    if (!['live', 'held', 'lost'].includes(document.body.dataset.screen)) return [];
    const of = ({ id, nodes }) => nodes.map(({ html, failureSummary }) => ({ id, html, why: failureSummary }));
    const rules = { runOnly: ['color-contrast-enhanced'], resultTypes: ['violations'] };
    return axe.run(document, rules).then(
        ({ violations }) => violations.flatMap(of),
        (error) => [{ id: 'axe', html: '', why: String(error) }],
    );
";

/// The least size of a touch target in CSS pixels, each way. Source: WCAG 2.2, 2.5.5 (AAA). A timeline sign
/// is smaller, because a touch near it counts; a checkbox is as large as its label.
const TARGETS: &str = "
    const AT_LEAST = 44;
    const all = document.querySelectorAll('button, a[href], select, input, textarea, summary, [role=button]:not(.moment)');
    return [...all].flatMap((element) => {
        const target = element.closest('label') ?? element;
        if (!target.checkVisibility() || getComputedStyle(target).pointerEvents === 'none') return [];
        const { width, height } = target.getBoundingClientRect();
        // What only a screen reader or a keyboard has is no touch's.
        for (let at = target; at; at = at.parentElement) {
            const { width, height } = at.getBoundingClientRect();
            if (width <= 1 || height <= 1) return [];
        }
        const small = Math.min(width, height) < AT_LEAST - 0.5;
        return small ? [{ id: 'target', html: element.outerHTML.slice(0, 120), why: `${width} x ${height}` }] : [];
    });
";

/// Text at twice the size: nothing overflows the screen sideways, no text is cut off, and stop is whole.
/// Source: WCAG 2.2, 1.4.4.
const TWICE: &str = "
    const root = document.documentElement;
    const found = [];
    const report = (element, why) => found.push({ id: 'text at 200 %', html: element.outerHTML.slice(0, 120), why });
    root.style.fontSize = '212.5%';
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    return frame().then(frame).then(() => {
        if (root.scrollWidth > innerWidth + 1) {
            const out = (element) => element.checkVisibility() && !element.closest('.unseen') && element.getBoundingClientRect().right > innerWidth + 1;
            const wide = [...document.body.querySelectorAll('*')].filter((element) => out(element) && ![...element.children].some(out));
            for (const element of [root, ...wide]) report(element, `${element.getBoundingClientRect().right} of ${innerWidth}, ${root.scrollWidth} wide`);
            // Words that run out of their own box.
            const range = document.createRange();
            const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (words.nextNode()) {
                range.selectNodeContents(words.currentNode);
                const { right } = range.getBoundingClientRect();
                if (right > innerWidth + 1) report(words.currentNode.parentElement, `${words.currentNode.data.trim()}: to ${right}`);
            }
        }
        const stop = document.querySelector('#stop');
        if (stop?.checkVisibility()) {
            const { top, bottom, height } = stop.getBoundingClientRect();
            if (top < 0 || bottom > innerHeight + 1 || height < 44) report(stop, `from ${top} to ${bottom}`);
        }
        for (const element of document.body.querySelectorAll('*')) {
            const words = [...element.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim() !== '');
            const style = getComputedStyle(element);
            if (!words || !element.checkVisibility() || style.overflowX === 'visible' || element.closest('.unseen')) continue;
            if (element.scrollWidth > element.clientWidth + 1) report(element, `${element.scrollWidth} in ${element.clientWidth}`);
        }
        root.style.fontSize = '';
        return frame().then(frame).then(() => found);
    });
";

/// Looks at each screen once, on pages of one engine. Runs of two engines skip this: each engine has its own
/// run.
#[derive(Debug)]
pub(crate) struct Looks {
    /// The source of axe-core.
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

    /// Takes a picture of a page; notes axe-core's findings, small touch targets, and text that does not fit
    /// at twice the size.
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
        let enhanced = (page.engine() == Engine::Chromium).then_some(ENHANCED);
        for script in [RUN, TARGETS, TWICE].into_iter().chain(enhanced) {
            let found = page.run(script, vec![]).await;
            let found = found.as_array().expect("what was found").iter();
            let lines = found.map(|one| {
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
    }

    /// Fails if any screen has a finding.
    pub(crate) fn assert_nothing_found(&self) {
        let found = self.found.lock().expect("the findings");
        assert!(found.is_empty(), "found:\n{}", found.join("\n"));
    }
}
