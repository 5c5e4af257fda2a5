/**
 * What EventBridge Scheduler and Lambda do when a schedule is due. Scheduler invokes the function asynchronously: its part is
 * done when Lambda has taken the event, and if there is no such function the event goes to the schedule's dead-letter queue.
 * Lambda invokes the function, twice more if it throws, and then sends the event to its on-failure destination. Sources: "Error
 * handling for asynchronous invocation" of the Lambda developer guide, "Configuring a schedule's dead-letter queue" of the
 * EventBridge Scheduler user guide.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Failure, failureOf } from '../failure.ts';
import type { DeadLetter, Delivery, SchedulerEvent } from './events.ts';
import type { Schedule } from './schedules.ts';

/** A Lambda function, as whoever invokes it asynchronously sees it. */
export interface TargetFunction {
  /** A rejection is an error of the function; any value it resolves to is success. */
  invoke(event: unknown): Promise<unknown>;
  /** The queue that is its on-failure destination. @default none: what it fails at is dropped */
  onFailureArn?: string;
}

interface DeliveriesOptions {
  /** Milliseconds before each further try of a function that threw. */
  retryDelaysMs: readonly number[];
  now: () => Date;
  publish(event: SchedulerEvent): void;
}

export interface Deliveries {
  /** Every one so far, in the order in which they began. */
  readonly all: readonly Delivery[];
  readonly deadLetters: readonly DeadLetter[];
  register(functionArn: string, target: TargetFunction): void;
  /** Resolves when it has succeeded or was given up. */
  deliver(schedule: Schedule): Promise<void>;
  /** Resolves when none is under way. */
  settled(): Promise<void>;
  /** Tries nothing again. */
  close(): void;
}

export function createDeliveries({ retryDelaysMs, now, publish }: DeliveriesOptions): Deliveries {
  const functions = new Map<string, TargetFunction>();
  const all: Delivery[] = [];
  const deadLetters: DeadLetter[] = [];
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();
  // Each delivery that waits for its next try listens to it.
  setMaxListeners(Number.POSITIVE_INFINITY, closing.signal);

  async function run(delivery: Delivery, queueArn: string | undefined): Promise<void> {
    const target = functions.get(delivery.targetArn);
    if (target === undefined) {
      const error = { name: 'ResourceNotFoundException', message: `Function not found: ${delivery.targetArn}` };
      failed(delivery, error);
      giveUp(delivery, 'scheduler', queueArn);
      return;
    }
    for (const delayMs of [0, ...retryDelaysMs]) {
      if (delayMs > 0) await sleep(delayMs, undefined, { signal: closing.signal }).catch(() => undefined);
      if (closing.signal.aborted) return;
      if (await attempt(delivery, target)) return;
    }
    giveUp(delivery, 'function', target.onFailureArn);
  }

  async function attempt(delivery: Delivery, target: TargetFunction): Promise<boolean> {
    const startedAt = now();
    delivery.attempts += 1;
    try {
      await target.invoke(JSON.parse(delivery.input));
    } catch (error) {
      failed(delivery, failureOf(error));
      return false;
    }
    delivery.outcome = 'succeeded';
    publish({ type: 'delivered', delivery, durationMs: now().getTime() - startedAt.getTime() });
    return true;
  }

  function failed(delivery: Delivery, error: Failure): void {
    delivery.error = error;
    publish({ type: 'attemptFailed', delivery, error });
  }

  function giveUp(delivery: Delivery, from: DeadLetter['from'], queueArn: string | undefined): void {
    delivery.outcome = 'failed';
    if (queueArn !== undefined) deadLetters.push({ queueArn, from, delivery });
    publish({ type: 'deliveryFailed', delivery });
  }

  return {
    all,
    deadLetters,
    register: (functionArn, target) => void functions.set(functionArn, target),
    deliver({ arn, dueAt, request: { Target } }) {
      const { Arn: targetArn = '', Input: input = '', DeadLetterConfig } = Target;
      const delivery: Delivery = { scheduleArn: arn, targetArn, input, dueAt, attempts: 0 };
      all.push(delivery);
      const running = run(delivery, DeadLetterConfig?.Arn).finally(() => underWay.delete(running));
      underWay.add(running);
      return running;
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    close: () => closing.abort(),
  };
}
