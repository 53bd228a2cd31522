//! What the relay's build puts before the service worker.

/** The version of the page that this worker keeps. */
declare const VERSION: string;
/** The addresses that every start of it needs. */
declare const SHELL: string[];
