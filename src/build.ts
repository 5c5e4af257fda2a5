import { mkdir, rename } from 'node:fs/promises';
import { build } from 'esbuild';

/**
 * Bundles the function as it is deployed: one file, with everything in it but Node.js itself, exporting `handler`.
 */

const FOLDER = 'dist/lambda';

/** What CommonJS packages in an ES module still ask for. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Beside the folder, and then moved into it: whoever runs the function at that moment sees the old one or the new one. */
const unfinished = `dist/unfinished-${process.pid}.mjs`;

await mkdir(FOLDER, { recursive: true });
await build({
  entryPoints: ['src/handler.ts'],
  outfile: unfinished,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  mainFields: ['module', 'main'],
  banner: { js: BANNER },
  logLevel: 'warning',
});
await rename(unfinished, `${FOLDER}/index.mjs`);
