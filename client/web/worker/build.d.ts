//! The constants that the relay's build puts before the service worker.

/** The version of the page that this worker stores. */
declare const VERSION: string;
/** The addresses that every start of the page needs. */
declare const SHELL: string[];
