//! Faults that are easy to overlook in many pictures: cut or overflowing words, and overlapping elements.

use anyhow::Result;
use serde_json::Value;

use crate::window::Window;

/// Compares the places of all visible words, buttons and notices. A scrolling page is compared only sideways,
/// and timeline signs may be close together.
const FIND: &str = "
    const SLACK = 1.5;
    const skip = '.unseen, .pad-buttons, .thumb-instead, .strip, .timeline, .overview, select, [aria-hidden=true]:not(#toast), [inert]';
    const seen = (it) => it.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !it.closest(skip);
    const modal = document.querySelector('dialog[open], #end-ask:not([hidden])');
    const root = modal ?? document.body;
    const screen = document.querySelector('#screen');
    const scrolls = screen === null || getComputedStyle(screen).overflowY === 'auto';
    const found = new Set();
    const say = (element) => (element.textContent.trim() || element.id || element.className).slice(0, 40);
    const texts = [];
    for (const element of root.querySelectorAll('*')) {
        if (!seen(element)) continue;
        for (const node of element.childNodes) {
            if (node.nodeType !== 3 || node.data.trim() === '') continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            for (const { left, right, top, bottom, width, height } of range.getClientRects()) {
                // A line is lower than the room that its font has for accents.
                const box = { left, right, top: top + 0.2 * height, bottom: bottom - 0.2 * height, height };
                if (width > 1) texts.push({ element, box });
            }
        }
    }
    const buttons = [...root.querySelectorAll('button, .chip, input, textarea, summary')].filter(seen)
        .map((element) => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 1);
    const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > SLACK;
    const large = '.surface, .pad-surface, .thumb-surface, .held-surface';
    for (const { element, box } of [...texts, ...buttons]) {
        if (box.left < -SLACK || box.right > innerWidth + SLACK) found.add(`runs out sideways: ${say(element)}`);
        if (!scrolls && (box.top < -SLACK || box.bottom > innerHeight + SLACK)) found.add(`runs out: ${say(element)}`);
    }
    if (!scrolls && !modal) {
        for (const { element, box } of [...texts, ...buttons]) {
            for (const other of buttons) {
                const within = other.element.contains(element) || element.contains(other.element);
                if (other.element.matches(large) || element.matches(large) || within) continue;
                if (over(box, other.box)) found.add(`${say(element)} and ${say(other.element)} lie over each other`);
            }
        }
        for (const [at, one] of texts.entries()) {
            const button = one.element.closest('button:not(.pad-surface, .thumb-surface), .chip, .lamp, #toast');
            const frame = button?.getBoundingClientRect();
            if (frame && (one.box.left < frame.left - SLACK || one.box.right > frame.right + SLACK
                || one.box.top < frame.top || one.box.bottom > frame.bottom)) {
                found.add(`runs out of its button: ${say(one.element)}`);
            }
            for (const other of texts.slice(at + 1)) {
                if (one.element === other.element) continue;
                if (over(one.box, other.box)) found.add(`${say(one.element)} and ${say(other.element)} lie over each other`);
            }
        }
    }
    return [...found];
";

/// The faults in what the window shows.
pub(crate) async fn look(window: &Window) -> Result<Vec<String>> {
    let found = window.run(FIND, vec![]).await?;
    let found = found.as_array().map(Vec::as_slice).unwrap_or_default();
    let words = found.iter().filter_map(Value::as_str);
    Ok(words.map(ToOwned::to_owned).collect())
}
