//! What the build makes of the page's modules, and which lines it refuses.

#[path = "../build/script.rs"]
mod script;

use std::collections::BTreeMap;
use std::error::Error;

type Fallible<T> = Result<T, Box<dyn Error>>;

fn bundle(sources: &[(&str, &str)]) -> Result<String, String> {
    let read = |(path, text): &(&str, &str)| Ok(((*path).to_owned(), script::read(path, text)?));
    let modules: Fallible<BTreeMap<_, _>> = sources.iter().map(read).collect();
    let made = modules.and_then(|modules| script::bundle(&modules, "main.js"));
    made.map(|(script, _)| script)
        .map_err(|error| error.to_string())
}

#[test]
fn comments_and_indentation_go_and_nothing_else_does() {
    let text = "/** One line. */\n/* Several: `\n  lines. */\n\nif (a) {\n  // Why.\n  b(`//`); // ok\n  /** @type {C} */ (c)();\n}\n";
    let small = script::small("a.js", text).unwrap();
    assert_eq!(
        small,
        "if (a) {\nb(`//`); // ok\n/** @type {C} */ (c)();\n}\n"
    );
}

#[test]
fn a_module_is_a_block_after_those_that_it_imports_from() {
    let made = bundle(&[
        (
            "main.js",
            "import * as all from './ui/b.js';\nimport { one as two } from './ui/b.js';\nawait two(all);\n",
        ),
        (
            "ui/b.js",
            "export async function one() {\n  await import('../late.js');\n  await import(`./${x}.js`);\n}\nexport const y = 1;\n",
        ),
    ]);
    let expected = "export const $modules={};\n\
        {\nasync function one() {\nawait import('./late.js');\nawait import(`./ui/${x}.js`);\n}\nconst y = 1;\n$modules['ui/b.js']={one,y};\n}\n\
        {\nconst all=$modules['ui/b.js'];\nconst { one:two }=$modules['ui/b.js'];\nawait two(all);\n$modules['main.js']={};\n}\n";
    assert_eq!(made.unwrap(), expected);
}

#[test]
fn a_stand_in_leads_to_the_module_in_the_script() {
    let module = script::read("ui/b.js", "export const a = 1;\n  export class B {}\n").unwrap();
    assert_eq!(module.path, "ui/b.js");
    assert_eq!(module.small, "export const a = 1;\nexport class B {}\n");
    assert_eq!(
        script::stand_in(&module, "main.js"),
        "import{$modules}from'../main.js';\nexport const{a,B}=$modules['ui/b.js'];\n"
    );
}

#[test]
fn a_line_that_may_be_of_another_form_fails_the_build() {
    for (text, what) in [
        ("const a = `\n  // b\n`;", "a string of several lines"),
        ("const a = 'b\\\n  c';", "a string of several lines"),
        ("/* a\n*/ b();", "code after a comment of several lines"),
        (
            "a(); /* b\n// */ c();",
            "a comment of several lines after code",
        ),
        ("import './b.js';", "an import of this form"),
        ("import b from './b.js';", "an import of this form"),
        ("import {\n  b,\n} from './b.js';", "an import of this form"),
        ("import{ b } from './b.js';", "an import of this form"),
        ("export default 1;", "an export of this form"),
        ("export * from './b.js';", "an export of this form"),
        ("export { b };", "an export of this form"),
        ("export let b = 1;", "an export of this form"),
        ("export const { b } = c;", "an export of this form"),
        ("await import(b);", "an import() of this form"),
        (
            "import { c } from './b.js';",
            "no export that the script finds",
        ),
        ("import { b } from './d.js';", "d.js is not there"),
        (
            "import { a } from './main.js';\nexport const a = 1;",
            "a circle of imports",
        ),
    ] {
        let error = bundle(&[("main.js", text), ("b.js", "export const b = 1;")]).unwrap_err();
        assert!(error.contains(what), "{text}: {error}");
    }
}
