import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Say } from '../table.ts';
import { checkFleet } from './checks.ts';
import { compileFunction } from './compiled-function.ts';
import type { FleetCommandOptions } from './options.ts';
import { playFleet } from './play.ts';
import { reportChecks, reportFleet, reportFloor } from './report.ts';
import { describeSwitches } from './switches.ts';

const BUILT_FUNCTION = fileURLToPath(new URL('../../../dist/lambda/index.mjs', import.meta.url));

/**
 * Plays a fleet and reports on it. The process exits with 1 when anything was lost, is stuck, or came as a herd.
 *
 * @param file the built function
 */
export async function benchFleet(
  say: Say,
  count: number,
  { seed, ...switches }: FleetCommandOptions,
  file = BUILT_FUNCTION,
): Promise<void> {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  say(`In virtual time, seed ${seed}: ${describeSwitches(switches)}.`);
  const startedAt = performance.now();
  const run = await playFleet({ count, switches, seed, evaluate: await compileFunction(file) });
  reportFleet(say, run);
  reportFloor(say);
  const checks = checkFleet(run);
  reportChecks(say, checks);
  say(`\nPlayed in ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`);
  if (checks.some(({ broken }) => broken > 0)) process.exitCode = 1;
}
