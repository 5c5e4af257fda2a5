import { runCommand } from '../../../src/command/command.ts';
import { readLoadOptions, SOAK } from './load-options.ts';
import { type Result, run } from './run.ts';
import { scenarios } from './scenarios.ts';
import { startServicesProcess } from './services-process.ts';
import { soak } from './soak.ts';

/**
 * Prints what an application sees of rotations at a steady rate of requests, as a table, and what becomes of a process that
 * goes through many of them. Fails if requests fail that were to succeed, if the slowest took too long, if the secret was read
 * too often, or if the process does not end.
 */

const { rate, rotations, scenario: only, soak: soakRotations } = readLoadOptions(process.argv.slice(2));

const print = (line: string) => process.stdout.write(`${line}\n`);
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

/** How long the slowest request may take, on a machine that has not much else to do. */
const SLOWEST_MS = 2000;

const COLUMNS: [string, (result: Result) => string | number][] = [
  ['while under load', ({ scenario }) => scenario],
  ['times', (result) => result.rotations],
  ['requests', ({ requests }) => requests],
  ['per second', ({ rate }) => Math.round(rate)],
  ['failed', ({ failures }) => Object.values(failures).reduce((sum, count) => sum + count, 0)],
  ['while nothing worked', ({ outage }) => outage?.failures ?? '-'],
  ['served again after s', ({ outage }) => (outage ? (outage.servedAgainMs / 1000).toFixed(1) : '-')],
  ['reads of the secret', ({ reads }) => reads.answered + (reads.unanswered > 0 ? ` + ${reads.unanswered} tries` : '')],
  ['allowed', ({ allowedReads }) => allowedReads],
  ['refused keys', ({ refusedKeys }) => refusedKeys],
  ['served stale', ({ servedStale }) => servedStale],
  ['p50 ms', ({ latencies }) => latencies.quantile(0.5).toFixed(1)],
  ['p99 ms', ({ latencies }) => latencies.quantile(0.99).toFixed(1)],
  ['p99.9 ms', ({ latencies }) => latencies.quantile(0.999).toFixed(1)],
  ['max ms', ({ latencies }) => latencies.longest().toFixed(1)],
  ['heap MB', ({ heap }) => (heap ? heap.map(megabytes).join(' → ') : '-')],
];

/** What the heap may grow by in between: it is not the same to the byte twice. */
const GROWTH = 1.25;

await runCommand(async () => {
  print(`| ${COLUMNS.map(([title]) => title).join(' | ')} |`);
  print(`| ${COLUMNS.map(() => '---').join(' | ')} |`);
  for (const scenario of scenarios) {
    if (!scenario.name.includes(only)) continue;
    const services = await startServicesProcess();
    Object.assign(process.env, await services.environment());
    try {
      const result = await run(services, {
        scenario,
        rotations: Math.ceil(rotations * scenario.share),
        perSecond: rate,
        pauseMs: 1000,
        outageMs: 70_000,
        measureHeap: true,
      });
      print(`| ${COLUMNS.map(([, cell]) => cell(result)).join(' | ')} |`);
      if (result.reads.answered > result.allowedReads) process.exitCode = 1;
      if (result.latencies.longest() > SLOWEST_MS) {
        process.exitCode = 1;
        print(`  The slowest took longer than ${SLOWEST_MS} ms.`);
      }
      for (const [code, count] of Object.entries(result.failures)) {
        process.exitCode = 1;
        print(`  ${count} × ${code}`);
      }
    } finally {
      await services.close();
    }
  }

  if (soakRotations > 0 && SOAK.includes(only)) {
    const services = await startServicesProcess();
    try {
      const measureAfter = Math.ceil(soakRotations / 10);
      const { before, after, failures, exitCode, endedAfterMs } = await soak(services, {
        rotations: soakRotations,
        measureAfter,
      });
      print('');
      print(`| ${SOAK} | failed | heap MB | sockets | ends after close() |`);
      print('| --- | --- | --- | --- | --- |');
      const heap = `${megabytes(before.heapUsed)} (after ${measureAfter}) → ${megabytes(after.heapUsed)}`;
      const end = exitCode === 0 ? `in ${endedAfterMs.toFixed(0)} ms` : `no: ${exitCode ?? 'killed'}`;
      print(`| ${soakRotations} | ${failures} | ${heap} | ${before.sockets} → ${after.sockets} | ${end} |`);
      const grew = after.heapUsed > GROWTH * before.heapUsed || after.sockets > before.sockets;
      if (failures > 0 || exitCode !== 0 || grew) process.exitCode = 1;
    } finally {
      await services.close();
    }
  }
});
