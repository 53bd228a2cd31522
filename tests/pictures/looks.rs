//! Every look that a screen must support: sizes, themes and languages.

/// A screen's size, in CSS pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) name: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Picture pixels per CSS pixel, each way.
    pub(crate) ratio: u32,
    /// Whether it is a touch screen.
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

/// The values of `prefers-color-scheme`.
pub(crate) const THEMES: [&str; 2] = ["dark", "light"];

/// The page's languages; the source's own comes first.
pub(crate) const LANGUAGES: [&str; 6] = ["en", "es", "fr", "de", "zh", "ar"];
