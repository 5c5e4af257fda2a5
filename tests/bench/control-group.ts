import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A share of the machine's processor time for one process: what a Lambda function has after its init. */
export interface ControlGroup {
  /** From now on the process has that share of one processor, all its threads together. */
  take(pid: number): void;
  /** To be called when the process is gone. */
  remove(): void;
}

/** Makes groups that have `share` of one processor. */
export type ControlGroups = (share: number) => ControlGroup;

/** Microseconds. A process may run for its quota in each, and then waits for the next; in Lambda as here (measured by others: docs/performance.md). */
const PERIOD = 20_000;
/** Of a quota, in microseconds (kernel documentation, "CFS Bandwidth Control"). */
const LEAST_QUOTA = 1000;

/**
 * The control groups of this machine, version 2 or 1, if they may be written.
 *
 * @returns why not, where they may not
 */
export function findControlGroups(): ControlGroups | string {
  try {
    const kind = versionTwo() ?? versionOne();
    if (kind === undefined) return 'no control group here has a controller of processors';
    makeGroup(kind, 0.5).remove();
    return (share) => makeGroup(kind, share);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Where groups may be made, and which files say how much their processes may run. */
interface Kind {
  parent: string;
  limits(quota: number): Record<string, string>;
}

/** cgroups(7): controllers that the parent hands down to groups below it. */
function versionTwo(): Kind | undefined {
  const root = mountPoint((type) => type === 'cgroup2');
  const parent = root && join(root, ownGroup(''));
  if (parent === undefined) return undefined;
  const controllers = readFileSync(join(parent, 'cgroup.controllers'), 'utf8').trim().split(' ');
  if (!controllers.includes('cpu')) return undefined;
  writeFileSync(join(parent, 'cgroup.subtree_control'), '+cpu');
  return { parent, limits: (quota) => ({ 'cpu.max': `${quota} ${PERIOD}` }) };
}

function versionOne(): Kind | undefined {
  const root = mountPoint((type, options) => type === 'cgroup' && options.includes('cpu'));
  if (root === undefined) return undefined;
  const limits = (quota: number) => ({ 'cpu.cfs_period_us': String(PERIOD), 'cpu.cfs_quota_us': String(quota) });
  return { parent: join(root, ownGroup('cpu')), limits };
}

let made = 0;

function makeGroup({ parent, limits }: Kind, share: number): ControlGroup {
  made += 1;
  const folder = join(parent, `bench-${process.pid}-${made}`);
  mkdirSync(folder);
  const quota = Math.max(LEAST_QUOTA, Math.round(share * PERIOD));
  for (const [file, text] of Object.entries(limits(quota))) writeFileSync(join(folder, file), text);
  return {
    take: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    remove: () => rmdirSync(folder),
  };
}

/** proc(5), `/proc/mounts`: device, mount point, type, options. */
function mountPoint(is: (type: string, options: string[]) => boolean): string | undefined {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const fields = mounts.map((line) => line.split(' '));
  return fields.find(([, , type = '', options = '']) => is(type, options.split(',')))?.[1];
}

/** cgroups(7), `/proc/PID/cgroup`: number, controllers by comma, path. */
function ownGroup(controller: string): string {
  const groups = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
  const fields = groups.map((line) => line.split(':'));
  return fields.find(([, controllers = '']) => controllers.split(',').includes(controller))?.[2] ?? '/';
}
