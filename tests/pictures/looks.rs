//! Every look that a screen must be good in: sizes, themes and languages.

/// A screen's size, in CSS pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) name: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Pixels of a picture for one of CSS, each way.
    pub(crate) ratio: u32,
    /// Whether it is touched, and not pointed at.
    pub(crate) touch: bool,
}

/// A common phone, a small one, and a laptop.
pub(crate) const SIZES: [Size; 3] = [
    Size {
        name: "phone",
        width: 390,
        height: 844,
        ratio: 2,
        touch: true,
    },
    Size {
        name: "small",
        width: 360,
        height: 640,
        ratio: 2,
        touch: true,
    },
    Size {
        name: "laptop",
        width: 1280,
        height: 800,
        ratio: 1,
        touch: false,
    },
];

/// What `prefers-color-scheme` can say.
pub(crate) const THEMES: [&str; 2] = ["dark", "light"];

/// The page's languages, the one of its source first.
pub(crate) const LANGUAGES: [&str; 6] = ["en", "es", "fr", "de", "zh", "ar"];
