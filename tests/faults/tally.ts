import type { Mishap } from './mishaps.ts';
import type { Played } from './play.ts';
import { describeSchedule, type Schedule } from './schedule.ts';

/** One invariant that did not hold, and the schedule that showed it. */
export interface Finding {
  invariant: string;
  detail: string;
  schedule: Schedule;
  story: string[];
  /** In how many schedules. */
  times: number;
}

/** What a number of schedules showed. */
export interface Tally {
  schedules: number;
  calls: number;
  checks: number;
  /** How often each mishap struck, by step and call, then by mishap. */
  struck: Map<string, Map<Mishap, number>>;
  /** By invariant. */
  findings: Map<string, Finding>;
  /** Accepted exceptions that were met, by name. */
  accepted: Map<string, number>;
  /** States that a human mended, by name. */
  mended: Map<string, number>;
}

export function startTally(): Tally {
  return {
    schedules: 0,
    calls: 0,
    checks: 0,
    struck: new Map(),
    findings: new Map(),
    accepted: new Map(),
    mended: new Map(),
  };
}

export function count(tally: Tally, { schedule, world, mended, violations }: Played): void {
  tally.schedules += 1;
  tally.calls += world.calls;
  tally.checks += world.checks;
  for (const { step, action, mishap } of world.struck) {
    const row = tally.struck.get(`${step} ${action}`) ?? new Map<Mishap, number>();
    tally.struck.set(`${step} ${action}`, row);
    increase(row, mishap, 1);
  }
  for (const { accepted } of world.all) {
    for (const [name, times] of accepted) increase(tally.accepted, name, times);
  }
  for (const state of mended) increase(tally.mended, state, 1);
  for (const invariant of new Set(violations.map((violation) => violation.invariant))) {
    const known = tally.findings.get(invariant);
    const first = violations.find((violation) => violation.invariant === invariant);
    if (known) known.times += 1;
    else if (first) tally.findings.set(invariant, { ...first, schedule, times: 1 });
  }
}

/** What did not hold, with the schedule that showed it and what happened in it. */
export function tellFindings({ findings }: Tally): string[] {
  return [...findings.values()].map(({ invariant, detail, schedule, story }) =>
    [`${invariant}: ${detail}`, describeSchedule(schedule), ...story].join('\n'),
  );
}

function increase<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
