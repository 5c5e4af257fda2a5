import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

/**
 * Bundles the function as it is deployed: one file, with everything in it but Node.js itself, exporting `handler`.
 */

const OUT = 'dist/lambda';

/** What CommonJS packages in an ES module still ask for. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

await rm(OUT, { recursive: true, force: true });
await build({
  entryPoints: ['src/handler.ts'],
  outfile: `${OUT}/index.mjs`,
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
