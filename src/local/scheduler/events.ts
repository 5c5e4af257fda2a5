import type { Call } from '../aws/call.ts';
import type { Failure } from '../failure.ts';

/** An event on its way to a function, after its schedule was due. */
export interface Delivery {
  readonly scheduleArn: string;
  readonly targetArn: string;
  /** The event, as JSON. */
  readonly input: string;
  /** When the schedule was due, which may be before the delivery began. */
  readonly dueAt: Date;
  /** How often the function was invoked so far. */
  attempts: number;
  /** Undefined while it is under way. */
  outcome?: 'succeeded' | 'failed';
  /** What the last attempt failed with. */
  error?: Failure;
}

/** What nobody took, as its queue would have it. */
export interface DeadLetter {
  readonly queueArn: string;
  /**
   * Who gave it up: `scheduler`, which found no such function, to the queue of the schedule; or `function`, for which Lambda had
   * tried it again, to the function's on-failure destination.
   */
  readonly from: 'scheduler' | 'function';
  readonly delivery: Delivery;
}

export type SchedulerEvent =
  | { type: 'call'; call: Call }
  /** A schedule was created. */
  | { type: 'scheduled'; scheduleArn: string; dueAt: Date }
  /** The function threw, or could not be invoked. */
  | { type: 'attemptFailed'; delivery: Delivery; error: Failure }
  | { type: 'delivered'; delivery: Delivery; durationMs: number }
  /** Given up. The dead letter, if there is a queue for it, has been written. */
  | { type: 'deliveryFailed'; delivery: Delivery };
