//! Words and symbols that can be read at arm's length, drawn with half blocks: two square pixels per cell.

mod glyphs;
mod symbol;

use glyphs::GLYPHS;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

pub use symbol::Symbol;

/// A black and white picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    width: usize,
    rows: Vec<Vec<bool>>,
}

impl Bitmap {
    /// A word in letters of 5 × 7 pixels, each pixel `scale` wide and high. Characters without a picture are
    /// left out.
    #[must_use]
    pub fn word(text: &str, scale: usize) -> Self {
        let mut rows = vec![Vec::new(); 7];
        for c in text.chars() {
            if !rows[0].is_empty() {
                rows.iter_mut().for_each(|row| row.push(false));
            }
            if c == ' ' {
                rows.iter_mut().for_each(|row| row.extend([false; 2]));
            }
            let glyph = glyph(c);
            for (row, bits) in rows.iter_mut().zip(glyph.iter().flat_map(|(_, bits)| bits)) {
                row.extend((0..5).rev().map(|bit| bits >> bit & 1 == 1));
            }
        }
        let rows: Vec<Vec<bool>> = rows
            .into_iter()
            .flat_map(|row| {
                let wide: Vec<bool> = row
                    .into_iter()
                    .flat_map(|on| std::iter::repeat_n(on, scale))
                    .collect();
                std::iter::repeat_n(wide, scale)
            })
            .collect();
        Self {
            width: rows.first().map_or(0, Vec::len),
            rows,
        }
    }

    /// This picture, a gap, and another one beside it, centred vertically.
    #[must_use]
    pub fn beside(self, gap: usize, other: &Self) -> Self {
        let height = self.rows.len().max(other.rows.len());
        let row = |bitmap: &Self, y: usize| {
            let above = (height - bitmap.rows.len()) / 2;
            y.checked_sub(above)
                .and_then(|y| bitmap.rows.get(y).cloned())
                .unwrap_or_else(|| vec![false; bitmap.width])
        };
        let rows = (0..height)
            .map(|y| {
                let mut whole = row(&self, y);
                whole.extend(std::iter::repeat_n(false, gap));
                whole.extend(row(other, y));
                whole
            })
            .collect();
        Self {
            width: self.width + gap + other.width,
            rows,
        }
    }

    /// This picture, and another one below it, centred horizontally.
    #[must_use]
    pub fn above(self, other: &Self) -> Self {
        let width = self.width.max(other.width);
        let widen = |bitmap: &Self, row: &Vec<bool>| {
            let before = (width - bitmap.width) / 2;
            let mut whole = vec![false; before];
            whole.extend(row);
            whole.resize(width, false);
            whole
        };
        let upper = self.rows.iter().map(|row| widen(&self, row));
        let lower = other.rows.iter().map(|row| widen(other, row));
        Self {
            width,
            rows: upper.chain(lower).collect(),
        }
    }

    /// The width in columns.
    #[must_use]
    pub fn columns(&self) -> u16 {
        u16::try_from(self.width).unwrap_or(u16::MAX)
    }

    /// The height in rows.
    #[must_use]
    pub fn lines(&self) -> u16 {
        u16::try_from(self.rows.len().div_ceil(2)).unwrap_or(u16::MAX)
    }

    /// Whether it fits into the area.
    #[must_use]
    pub fn fits(&self, area: Rect) -> bool {
        self.columns() <= area.width && self.lines() <= area.height
    }

    /// Draws it in the middle of `area`, and clips it to the area.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, style: Style) {
        let left = area.x + area.width.saturating_sub(self.columns()) / 2;
        let top = area.y + area.height.saturating_sub(self.lines()) / 2;
        for (line, pair) in (top..area.bottom()).zip(self.rows.chunks(2)) {
            for (column, x) in (left..area.right()).zip(0..self.width) {
                let upper = pair[0][x];
                let lower = pair.get(1).is_some_and(|row| row[x]);
                let block = match (upper, lower) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => continue,
                };
                if let Some(cell) = buffer.cell_mut((column, line)) {
                    cell.set_char(block).set_style(style);
                }
            }
        }
    }

    fn art(lines: [&str; 14]) -> Self {
        let rows: Vec<Vec<bool>> = lines
            .iter()
            .map(|line| line.chars().map(|c| c == '#').collect())
            .collect();
        Self {
            width: rows.first().map_or(0, Vec::len),
            rows,
        }
    }

    fn upside_down(mut self) -> Self {
        self.rows.reverse();
        self
    }

    fn mirrored(mut self) -> Self {
        self.rows.iter_mut().for_each(|row| row.reverse());
        self
    }
}

fn glyph(c: char) -> Option<&'static (char, [u8; 7])> {
    let upper = c.to_uppercase().next().unwrap_or(c);
    GLYPHS.iter().find(|(of, _)| *of == upper)
}

/// Whether every character of a word has a picture.
#[must_use]
pub fn has_letters(word: &str) -> bool {
    word.chars().all(|c| c == ' ' || glyph(c).is_some())
}

/// The symbol beside or above the word, as large as fits into `area`. The word alone if both do not fit. None
/// if the word does not fit either, or lacks a letter.
#[must_use]
pub fn best(symbol: Option<Symbol>, word: &str, area: Rect) -> Option<Bitmap> {
    if !has_letters(word) {
        return None;
    }
    let picture = symbol.map(Symbol::picture);
    let with = |scale: usize| {
        let picture = picture.clone()?;
        Some(picture.beside(1, &Bitmap::word(word, scale)))
    };
    let stacked = picture
        .clone()
        .map(|picture| picture.above(&Bitmap::word(word, 2)));
    let candidates = [
        with(2),
        stacked,
        Some(Bitmap::word(word, 2)),
        with(1),
        Some(Bitmap::word(word, 1)),
    ];
    let fits = |bitmap: &Bitmap| bitmap.fits(area);
    candidates.into_iter().flatten().find(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_is_a_full_rectangle() {
        for symbol in [
            Symbol::Octagon,
            Symbol::Hand,
            Symbol::Chevrons,
            Symbol::Down,
            Symbol::Up,
            Symbol::Bars,
            Symbol::Left,
            Symbol::Right,
            Symbol::Tick,
            Symbol::Broken,
        ] {
            let picture = symbol.picture();
            assert!(picture.rows.iter().all(|row| row.len() == 14), "{symbol:?}");
            assert_eq!((picture.columns(), picture.lines()), (14, 7), "{symbol:?}");
        }
    }

    #[test]
    fn the_largest_that_fits() {
        let columns = |word, width, height| {
            best(Some(Symbol::Octagon), word, Rect::new(0, 0, width, height)).map(|b| b.columns())
        };
        assert_eq!(columns("STOP", 80, 7), Some(14 + 1 + 46));
        assert_eq!(columns("SLOWER", 80, 7), Some(70));
        assert_eq!(columns("EASE UP", 80, 7), Some(76));
        assert_eq!(columns("STOP", 50, 14), Some(46), "the symbol above it");
        assert_eq!(columns("STOP", 50, 7), Some(46));
        assert_eq!(columns("STOP", 40, 7), Some(14 + 1 + 23));
        assert_eq!(columns("STOP", 30, 7), Some(23));
        assert_eq!(columns("STOP", 80, 4), Some(23));
        assert_eq!(columns("STOP", 80, 3), None);
    }
}
