import { type ApiKeysError, apiKeys } from '../../src/momento/api-keys.ts';

/** What a process that lists keys once, and collects its garbage meanwhile, has to tell. */
export interface ProbeReport {
  /** `reason` of the error. */
  reason: string;
  elapsedMs: number;
  /** MiB of memory that the process took at most, above what it had before the call. */
  grownMiB: number;
}

const [endpoint = '', timeoutMs = ''] = process.argv.slice(2);
const MIB = 2 ** 20;
const before = process.memoryUsage().rss;
let peak = before;
const collecting = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
  globalThis.gc?.();
}, 5);
const startedAt = performance.now();
const failure = await apiKeys(endpoint, 'key')
  .list(undefined, Number(timeoutMs))
  .catch((error: ApiKeysError) => error);
const report: ProbeReport = {
  reason: 'reason' in failure ? failure.reason : 'none',
  elapsedMs: performance.now() - startedAt,
  grownMiB: (peak - before) / MIB,
};
clearInterval(collecting);
process.stdout.write(JSON.stringify(report));
