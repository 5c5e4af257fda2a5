import { type ApiKeysError, apiKeys } from '../../src/momento/api-keys.ts';
import { createAuthConnection } from '../../src/momento/auth-connection.ts';
import { ping } from '../../src/momento/ping.ts';
import { refresh } from '../../src/momento/refresh.ts';
import { readV1 } from './read-v1.ts';

/** A call to Momento. */
export type Call = 'list' | 'ping' | 'refresh';

/** What a process that makes one call, and collects its garbage meanwhile, has to tell. */
export interface ProbeReport {
  /** Of the failure. */
  reason: string;
  elapsedMs: number;
  /** MiB of memory that the process took at most, above what it had before the call. */
  grownMiB: number;
}

const calls: Record<Call, (address: string, timeoutMs: number) => Promise<object>> = {
  list: (address, timeoutMs) =>
    apiKeys(`http://${address}`, 'key')
      .list(undefined, timeoutMs)
      .catch((error: ApiKeysError) => error),
  ping: (address, timeoutMs) => ping(valueAt(address).apiKey, 'a-cache', timeoutMs),
  refresh: (address, timeoutMs) => refresh(createAuthConnection(), valueAt(address), timeoutMs),
};

function valueAt(endpoint: string) {
  const apiKey = Buffer.from(JSON.stringify({ endpoint, api_key: 'inner' })).toString('base64');
  return readV1(JSON.stringify({ apiKey, refreshToken: 'refresh', validUntil: 1 }));
}

const [call, address = '', timeoutMs] = process.argv.slice(2);
const MIB = 2 ** 20;
const before = process.memoryUsage().rss;
let peak = before;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
  globalThis.gc?.();
}, 5);
const startedAt = performance.now();
const outcome = await calls[call as Call](address, Number(timeoutMs));
const report: ProbeReport = {
  reason: 'reason' in outcome ? String(outcome.reason) : 'none',
  elapsedMs: performance.now() - startedAt,
  grownMiB: (peak - before) / MIB,
};
process.stdout.write(JSON.stringify(report), () => process.exit());
