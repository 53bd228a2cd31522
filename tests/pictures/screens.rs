//! The screens, and how to reach each. A new screen needs a line here.

/// A screen, or one state of a screen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    pub(crate) name: &'static str,
    /// The sample session that it shows.
    pub(crate) sample: Option<&'static str>,
    /// An expression that is true in the page once the screen is there.
    pub(crate) ready: &'static str,
    /// The selector of what is pressed then; empty for nothing.
    pub(crate) press: &'static str,
    /// The script that runs then.
    pub(crate) then: &'static str,
    /// An expression that is true afterwards.
    pub(crate) done: &'static str,
    /// Whether it is also printed.
    pub(crate) paper: bool,
}

const fn review(name: &'static str, sample: &'static str) -> Screen {
    Screen {
        name,
        sample: Some(sample),
        ready: "document.querySelector('.review-page .entry')",
        press: "",
        then: "",
        done: "true",
        paper: false,
    }
}

pub(crate) const SCREENS: [Screen; 8] = [
    Screen {
        name: "past",
        sample: None,
        ready: "document.querySelector('.past-sessions')?.checkVisibility()",
        press: "",
        then: "const past = document.querySelector('.past-sessions');
               past.open = true;
               past.scrollIntoView();",
        done: "document.querySelector('.past-one')?.checkVisibility()",
        paper: false,
    },
    Screen {
        paper: true,
        ..review("review-short", "short")
    },
    review("review-thumb", "thumb"),
    Screen {
        paper: true,
        ..review("review-hour", "hour")
    },
    Screen {
        // The sign may be in a strip that is drawn later.
        ready: "document.querySelector('.moment.stop')",
        then: "document.querySelector('.moment.stop').focus();",
        done: "document.querySelector('.readout').checkVisibility()",
        ..review("review-sign", "hour")
    },
    Screen {
        press: "[data-filter=holds]",
        then: "document.querySelector('.entries').scrollIntoView();",
        done: "document.querySelector('[data-filter=holds][aria-pressed=true]')",
        ..review("review-entries", "hour")
    },
    Screen {
        press: "[data-action=check]",
        then: "document.querySelector('.keep').scrollIntoView();",
        done: "document.querySelector('.found')?.dataset.standing
               && (document.querySelector('.keep').scrollIntoView(), true)",
        ..review("review-checked", "hour")
    },
    Screen {
        press: "[data-action=delete]",
        done: "document.querySelector('dialog.confirm').open",
        ..review("review-delete", "short")
    },
];
