import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Runs one of the project's programs from its source: `node src/command/run.mjs FILE [ARGUMENT…]`.
 *
 * In this very process, so that whoever ends it ends the program. It is JavaScript because it looks first for what the TypeScript
 * loader needs, which has nothing to say but a stack where that is not there.
 */

try {
  rmdirSync(mkdtempSync(join(tmpdir(), 'momento-')));
} catch (error) {
  refuse(`the temporary folder ${tmpdir()} cannot be written (${error.code}); name another one in TMPDIR`);
}

process.argv.splice(1, 1);
const { register } = await import('tsx/esm/api');
try {
  register();
} catch (error) {
  // This release of Node.js is too old.
  refuse(error.message);
}
await import(pathToFileURL(resolve(process.argv[1])).href);

/** @param {string} message */
function refuse(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}
