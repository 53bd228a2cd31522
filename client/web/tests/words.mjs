//! Gives the tests the words as modules made of the catalogs, as the relay serves them.

import { register } from 'node:module';

register('./words-hooks.mjs', import.meta.url);
