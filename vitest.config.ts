import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Which `tests/infra/all.test.ts` runs, unless one of them is asked for. */
const IN_ALL = /^infra\/(?!all\.)[^.]*\.test\.ts$/;
const isInfraAsked = process.argv.some((argument) => argument.includes('tests/infra'));

const testFiles = readdirSync('tests', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .filter((name) => (isInfraAsked ? name !== 'infra/all.test.ts' : !IN_ALL.test(name)))
  .map((name) => `tests/${name}`);

/** What others would find changed: modules that are replaced, and the clock. */
const REPLACES = /\bvi\.(mock|doMock|useFakeTimers)\b|\bmockClient\b|\bstopClock\b/;
/** Methods and environment variables, which they would find as they were if that is undone; but not by the client, which shares what it has read. */
const CHANGES = /\bvi\.(spyOn|stub\w+)\b/;
const UNDOES = /\bvi\.(restoreAllMocks|unstubAllEnvs)\b/;

function isAlone(file: string): boolean {
  const text = readFileSync(file, 'utf8');
  return REPLACES.test(text) || (CHANGES.test(text) && (file.includes('/client/') || !UNDOES.test(text)));
}

/** How many files wait at any time, for a process or for time to pass. With coverage there are also those that only compute. */
const WAITING = process.argv.includes('--coverage') ? 1 : 2;

/** They wait for most of their time: begun last, they would be waited for alone. */
const LONGEST = new RegExp(
  `(${[
    'client/lifetimes',
    'client/topic-client',
    'e2e/package',
    'e2e/secrecy',
    'faults/sample',
    'infra/all',
    'local/rehearsal/start',
    'momento/bodies',
    'tests/docs',
  ].join('|')})\\.test\\.ts$`,
);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId }: TestSpecification) => LONGEST.test(moduleId);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

export default defineConfig({
  test: {
    // By their names, of which the first runs first. Short files fill what time is left in the end.
    projects: [
      // What they import, the CDK and the SDKs, takes longer than many of them do.
      {
        extends: true,
        test: { name: 'in one world', include: testFiles.filter((file) => !isAlone(file)), isolate: false },
      },
      { extends: true, test: { name: 'on its own', include: testFiles.filter(isAlone) } },
    ],
    sequence: { sequencer: LongestFirst },
    globalSetup: 'tests/build-function.ts',
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    maxWorkers: availableParallelism() + WAITING,
    // Starting the bundle in its own process takes seconds on a busy machine; no test asserts on speed.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    coverage: {
      provider: 'v8',
      // The entry point, src/handler.ts, is tested in the bundle, in processes of its own.
      include: [
        'src/{rotation,revocation,aws,momento,priming}/**',
        'src/{each-secret,event,health,metrics,revocation-run,settings,telemetry}.ts',
      ],
      // They hold types only.
      exclude: ['src/rotation/{credential,report,rotation}.ts'],
      thresholds: { statements: 100, branches: 100, functions: 100, lines: 100 },
    },
  },
});
