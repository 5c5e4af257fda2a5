import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { compileModulesAtOnce } from './compile-modules-at-once.ts';
import { environmentCredentials } from './environment-credentials.ts';
import { leaveOut } from './leave-out.ts';
import { takeByName } from './take-by-name.ts';
import { usedMessages } from './used-messages.ts';
import { versionsOnly } from './versions-only.ts';

/** What CommonJS packages in an ES module still ask for. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/**
 * How the function is bundled: one file, with everything in it but Node.js itself. What a cold start pays for is, above
 * all, reading and compiling code, so that what never runs is left out; docs/performance.md tells what each part saves.
 */
export const bundleOptions = {
  absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
  entryPoints: ['src/handler.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minify: true,
  legalComments: 'none',
  mainFields: ['module', 'main'],
  banner: { js: BANNER },
  logLevel: 'warning',
  metafile: true,
  // The same API as the version that Momento's generated code asks for, at a quarter of the size.
  alias: { 'google-protobuf': 'google-protobuf-small' },
  plugins: [takeByName, environmentCredentials, usedMessages, versionsOnly, leaveOut],
} as const satisfies BuildOptions;

/** @returns the text of the bundle */
export async function bundleFunction(): Promise<string> {
  const { outputFiles } = await build({ ...bundleOptions, plugins: [...bundleOptions.plugins], write: false });
  return compileModulesAtOnce(outputFiles.map(({ text }) => text).join(''));
}
