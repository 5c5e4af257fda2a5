import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compilePrograms } from './programs.ts';

/** Before all tests: those of the bundle, and of programs, are of what the sources say now. */
export default async function buildFunction(): Promise<void> {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  await Promise.all([
    promisify(execFile)(process.execPath, ['--import', 'tsx', 'src/build/build.ts'], { cwd }),
    compilePrograms(),
  ]);
}
