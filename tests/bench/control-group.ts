import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How much of a processor one process may use: as a Lambda function, a whole one for init, and a share of one afterwards. */
export interface ControlGroup {
  take(pid: number): void;
  /** From now on it may use so much of one processor, all its threads together. */
  limit(share: number): void;
  /** To be called when the process is gone. */
  remove(): void;
}

/** Makes a group that has one whole processor. */
export type ControlGroups = () => ControlGroup;

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
  const reasons: string[] = [];
  for (const version of [versionTwo, versionOne]) {
    try {
      const kind = version();
      if (kind === undefined) continue;
      sweep(kind);
      makeGroup(kind).remove();
      return () => makeGroup(kind);
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  return reasons[0] ?? 'no control group here has a controller of processors';
}

/** Where groups may be made, and which files say how much their processes may run. */
interface Kind {
  parent: string;
  limits(quota: number): Record<string, string>;
}

/**
 * cgroups(7): controllers that a group hands down to those below it. One that has processes of its own may not begin to, so that
 * the nearest is taken that already does.
 */
function versionTwo(): Kind | undefined {
  const root = mountPoint((type) => type === 'cgroup2');
  if (root === undefined) return undefined;
  for (let path = ownGroup(''); ; path = dirname(path)) {
    const parent = join(root, path);
    const controllers = readFileSync(join(parent, 'cgroup.subtree_control'), 'utf8').trim().split(' ');
    if (controllers.includes('cpu')) return { parent, limits: (quota) => ({ 'cpu.max': `${quota} ${PERIOD}` }) };
    if (path === '/') return undefined;
  }
}

function versionOne(): Kind | undefined {
  const root = mountPoint((type, options) => type === 'cgroup' && options.includes('cpu'));
  if (root === undefined) return undefined;
  const limits = (quota: number) => ({ 'cpu.cfs_period_us': String(PERIOD), 'cpu.cfs_quota_us': String(quota) });
  return { parent: join(root, ownGroup('cpu')), limits };
}

let made = 0;

function makeGroup({ parent, limits }: Kind): ControlGroup {
  made += 1;
  const folder = join(parent, `bench-${process.pid}-${made}`);
  mkdirSync(folder);
  const limit = (share: number) => {
    const quota = Math.max(LEAST_QUOTA, Math.round(share * PERIOD));
    for (const [file, text] of Object.entries(limits(quota))) writeFileSync(join(folder, file), text);
  };
  limit(1);
  return {
    take: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    limit,
    remove: () => rmdirSync(folder),
  };
}

/** What runs that were interrupted have left. */
function sweep({ parent }: Kind): void {
  for (const name of readdirSync(parent)) {
    const pid = /^bench-(\d+)-\d+$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmdirSync(join(parent, name));
  }
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
