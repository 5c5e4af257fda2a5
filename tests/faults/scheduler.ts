import { RotationError } from '../../src/rotation/errors.ts';
import type { RevocationSchedule } from '../../src/rotation/revocation-schedule.ts';
import { type Link, request } from './ports.ts';

/** One-time schedules, each of which sends the function an event; undefined where the function has none. */
export function simulatedScheduler(link: Link): RevocationSchedule | undefined {
  const { alarms } = link;
  if (alarms === undefined) return undefined;
  return {
    runAt: (secretId, at, timeoutMs) =>
      request<void>(link, 'CreateSchedule', undefined, timeoutMs, {
        perform() {
          // To ask again for the same second has no further effect.
          const due = Math.ceil(at.getTime() / 1000) * 1000;
          if (!alarms.some((alarm) => alarm.due === due)) {
            alarms.push({ due, event: { RevokeRetiredKeys: secretId }, retries: RETRIES });
          }
          return () => undefined;
        },
        refusal: (code) => {
          throw new RotationError('operator', `EventBridge Scheduler refused CreateSchedule: ${code}`);
        },
        mishap: (symptom) => {
          const isRefusal = symptom === 'denied';
          throw new RotationError(
            isRefusal ? 'operator' : 'transient',
            `EventBridge Scheduler ${isRefusal ? 'refused' : 'did not answer'} CreateSchedule (${symptom}).`,
          );
        },
      }),
  };
}

/** An event to come. */
export interface Alarm {
  /** Epoch in milliseconds. */
  due: number;
  event: unknown;
  /** How often Lambda sends it again if the function throws. */
  retries: number;
}

/** As Lambda does with what it takes into its queue (developer guide, "Asynchronous invocation"). */
const RETRIES = 2;

export const RETRY_AFTER_MS = 60_000;
