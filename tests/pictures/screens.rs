//! The screens, and how to get to each. Whoever adds one adds a line here.

/// A screen, or a state of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    pub(crate) name: &'static str,
    /// The sample that is looked back at.
    pub(crate) sample: Option<&'static str>,
    /// What is true in the page when it is there.
    pub(crate) ready: &'static str,
    /// What is pressed then, if anything.
    pub(crate) press: &'static str,
    /// What is done then, as a script.
    pub(crate) then: &'static str,
    /// What is true after that.
    pub(crate) done: &'static str,
    /// Whether it is printed too.
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

/// All of them.
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
        // It may lie in a strip that is drawn later.
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
