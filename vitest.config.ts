import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const SHARING = ['tests/{infra,faults}/**/*.test.ts'];
const ALONE = ['tests/*.test.ts', 'tests/!(infra|faults)/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      // What they import, the CDK above all, takes longer than they do; and they keep nothing, and replace nothing.
      { extends: true, test: { name: 'in one world', include: SHARING, isolate: false } },
      { extends: true, test: { name: 'each by itself', include: ALONE } },
    ],
    globalSetup: 'tests/build-function.ts',
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // There is always one that waits: for a process, or for time to pass.
    maxWorkers: availableParallelism() + 1,
    // Starting the bundle in its own process takes seconds on a busy machine; no test asserts on speed.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    coverage: {
      provider: 'v8',
      // The door, src/handler.ts, is tested in the bundle, in processes of its own.
      include: [
        'src/{rotation,revocation,aws,momento}/**',
        'src/{each-secret,event,health,metrics,revocation-run,settings,telemetry}.ts',
      ],
      // They hold types only.
      exclude: ['src/rotation/{credential,report,rotation}.ts'],
      thresholds: { statements: 100, branches: 100, functions: 100, lines: 100 },
    },
  },
});
