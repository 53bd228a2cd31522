//! Loads the words for the tests as modules made from the catalogs, as the relay serves them.

import { register } from 'node:module';

register('./words-hooks.mjs', import.meta.url);
