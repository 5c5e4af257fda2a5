import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Before all tests: those of the bundle are of what the sources say now. */
export default function buildFunction(): void {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  execFileSync(process.execPath, ['--import', 'tsx', 'src/build/build.ts'], { cwd, stdio: 'inherit' });
}
