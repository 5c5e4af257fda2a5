import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { bundleOptions } from '../../src/build/bundle.ts';
import { compileModulesAtOnce } from '../../src/build/compile-modules-at-once.ts';

const options: BuildOptions = {
  ...bundleOptions,
  plugins: [...bundleOptions.plugins],
};

/** What the function's bundle is made of. */
export async function inspectBundle(): Promise<Metafile> {
  const { metafile } = await build({ ...options, outfile: 'index.mjs', metafile: true, write: false });
  return metafile;
}

/** A profile tells the line of a sample, but not the column. */
const SHORT_LINES = 100;

/**
 * The function's bundle in short lines, with a source map beside it that holds for lines.
 *
 * @returns the path of its `index.mjs`
 */
export async function buildWithSourceMap(folder: string): Promise<string> {
  const outfile = join(folder, 'index.mjs');
  await build({ ...options, outfile, lineLimit: SHORT_LINES, sourcemap: 'external', sourcesContent: false });
  await writeFile(outfile, compileModulesAtOnce(await readFile(outfile, 'utf8')));
  return outfile;
}
