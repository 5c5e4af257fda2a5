import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

/**
 * The programs that tests run in processes of their own, as plain JavaScript: such a process starts in a fraction of the time that
 * a TypeScript loader needs, and there are a hundred of them. They are written before all tests, of what the sources say then.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Within the repository, so that packages are found from there. */
const FOLDER = join(ROOT, 'dist/programs-of-tests');

const PROGRAMS = [
  'src/local/start.ts',
  'src/local/local.ts',
  'docs/examples/express.ts',
  'docs/examples/script.ts',
  'docs/examples/topics.ts',
  'tests/client/lifetimes/agent.ts',
  'tests/client/lifetimes/silent-source.ts',
  'tests/client/lifetimes/subscriber.ts',
  'tests/momento/bodies-probe.ts',
] as const;

export type Program = (typeof PROGRAMS)[number];

/** The file to run. */
export function compiled(program: Program): string {
  return join(FOLDER, program.replaceAll('/', '-').replace(/ts$/, 'mjs'));
}

export async function compilePrograms(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await Promise.all(PROGRAMS.map(compile));
}

async function compile(program: Program): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [program],
    tsconfig: 'docs/examples/tsconfig.json',
    bundle: true,
    write: false,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    plugins: [whereTheyAre],
    logLevel: 'warning',
  });
  const file = compiled(program);
  // Moved into place, since tests of another run may be using it.
  const unfinished = join(dirname(file), `unfinished-${process.pid}-${basename(file)}`);
  await writeFile(unfinished, outputFiles.map(({ text }) => text).join(''));
  await rename(unfinished, file);
}

/** Modules look for other files from where they are, which is not where they are put. */
const whereTheyAre: Plugin = {
  name: 'where they are',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }));
  },
};
