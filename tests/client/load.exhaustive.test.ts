import { expect, onTestFinished, test, vi } from 'vitest';
import { run } from './load/run.ts';
import { scenarios } from './load/scenarios.ts';
import { startServices } from './load/services.ts';
import { startServicesProcess } from './load/services-process.ts';
import { soak } from './load/soak.ts';

/** The short version of `npm run load`: the same, slower and fewer, so that a busy machine keeps up. */
test.each(scenarios)('under load, no request fails when $name', async (scenario) => {
  const services = await startServices();
  onTestFinished(() => services.close());
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  for (const [name, value] of Object.entries(await services.environment())) vi.stubEnv(name, value);

  const result = await run(services, {
    scenario,
    rotations: 2,
    perSecond: 50,
    pauseMs: 400,
    outageMs: 4000,
    measureHeap: false,
  });
  expect(result.requests).toBeGreaterThan(0);
  expect(result.failures).toEqual({});
  expect(result.reads.answered).toBeLessThanOrEqual(result.allowedReads);
});

test('a process that went through rotations keeps nothing of them, and ends by itself after close()', async () => {
  const services = await startServicesProcess();
  onTestFinished(() => services.close());
  const { before, after, failures, exitCode } = await soak(services, { rotations: 20, measureAfter: 2 });
  expect(failures).toBe(0);
  expect(before.sockets).toBeGreaterThan(0);
  expect(after.sockets).toBeLessThanOrEqual(before.sockets);
  expect(exitCode).toBe(0);
});
