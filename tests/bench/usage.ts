import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used so far. */
export interface Usage {
  /** Processor time of all its threads, in milliseconds. */
  processorMs: number;
  /** How long its main thread was ready to run and waited for a processor that others had, in milliseconds. */
  queuedMs: number;
  /** Resident memory now, in MB. */
  memoryMb: number;
}

/**
 * Read from outside, where it costs the process nothing: for each thread the nanoseconds on a processor and those in its queue
 * (proc(5), `task/TID/schedstat`), and its resident memory (`status`). Linux only, as Lambda is. A thread that has ended no longer
 * counts; those that Node.js works with live as long as it does.
 */
export function readUsage(pid: number): Usage {
  let processorNs = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    processorNs += readFields(`/proc/${pid}/task/${thread}/schedstat`)[0] ?? 0;
  }
  const [, queuedNs = 0] = readFields(`/proc/${pid}/task/${pid}/schedstat`);
  return { processorMs: processorNs / 1e6, queuedMs: queuedNs / 1e6, memoryMb: residentMb(pid) };
}

function residentMb(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

/** None if the thread has ended meanwhile. */
function readFields(path: string): number[] {
  try {
    return readFileSync(path, 'utf8').trim().split(' ').map(Number);
  } catch {
    return [];
  }
}
