// Begun ahead by .ci/run, beside the unit tests: the engine and the image that the hosts of the end-to-end tests need.
import { ensureBaseImage } from './base-image.mjs';
import { ensureEngine } from './docker-engine.mjs';

const missing = (await ensureEngine()) ?? ensureBaseImage();
if (missing) console.log(`no containers: ${missing}`);
