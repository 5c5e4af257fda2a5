import { createEvents, type Events } from '../events.ts';
import { type ActionInput, type ActionName, type ActionOutput, actions } from './actions.ts';
import { createDeliveries, type Deliveries } from './deliveries.ts';
import type { SchedulerEvent } from './events.ts';
import { validateRequest } from './requests.ts';
import { Schedules } from './schedules.ts';

export interface SchedulerServiceOptions {
  /** @default 'us-east-1' */
  region?: string;
  /** Twelve digits. @default '123456789012' */
  accountId?: string;
  /** The clock of every date. @default the system's */
  now?: () => Date;
  /** Schedule groups that there are from the beginning, besides `default`. @default none */
  groups?: readonly string[];
  /**
   * Milliseconds of real time before each further try of a function that threw. Lambda waits one minute, then two.
   * @default [1000, 2000]
   */
  functionRetryDelaysMs?: readonly number[];
  /**
   * How often each event is delivered. The service promises "at-least-once event delivery".
   * @default 1
   */
  deliveriesPerEvent?: number;
}

/** EventBridge Scheduler in this process, without a server and without a timer. Several can live side by side. */
export interface SchedulerService {
  readonly region: string;
  readonly events: Events<SchedulerEvent>;
  /** Every delivery so far, and what was given up. */
  readonly deliveries: Pick<Deliveries, 'all' | 'deadLetters'>;
  /** Makes a Lambda function one that schedules can invoke. One that is registered again replaces the one before. */
  registerFunction: Deliveries['register'];
  /**
   * Performs an action. Inputs and outputs have the shapes of the AWS SDK's requests and responses.
   * @throws AwsServiceError with the service's error code.
   */
  call<A extends ActionName>(action: A, input: ActionInput<A>): ActionOutput<A>;
  /** When the next schedule is due; undefined: there is none that is still to invoke its target. */
  nextDueAt(): Date | undefined;
  /** Invokes what is due by now. Resolves when each function has succeeded, or was given up. */
  runDue(): Promise<void>;
  /** Resolves when no delivery is under way. */
  deliveriesSettled(): Promise<void>;
  /** Invokes no function any more. */
  close(): void;
}

export function createSchedulerService(options: SchedulerServiceOptions = {}): SchedulerService {
  const { region = 'us-east-1', accountId = '123456789012', now = () => new Date(), groups = [] } = options;
  const { functionRetryDelaysMs = [1000, 2000], deliveriesPerEvent = 1 } = options;
  const events = createEvents<SchedulerEvent>();
  const schedules = new Schedules({
    region,
    accountId,
    now,
    onCreated: ({ arn, dueAt }) => events.publish({ type: 'scheduled', scheduleArn: arn, dueAt }),
  });
  for (const group of groups) schedules.createGroup(group);
  const deliveries = createDeliveries({ retryDelaysMs: functionRetryDelaysMs, now, publish: events.publish });
  let isClosed = false;

  return {
    region,
    events,
    deliveries,
    registerFunction: deliveries.register,
    call<A extends ActionName>(action: A, input: ActionInput<A>): ActionOutput<A> {
      validateRequest(action, input);
      const perform = actions[action] as unknown as (on: Schedules, request: ActionInput<A>) => ActionOutput<A>;
      return perform(schedules, input);
    },
    nextDueAt: () => schedules.waiting()[0]?.dueAt,
    async runDue() {
      if (isClosed) return;
      const due = schedules.waiting().filter(({ dueAt }) => dueAt <= now());
      await Promise.all(
        due.flatMap((schedule) => {
          schedules.complete(schedule);
          return Array.from({ length: deliveriesPerEvent }, () => deliveries.deliver(schedule));
        }),
      );
    },
    deliveriesSettled: deliveries.settled,
    close() {
      isClosed = true;
      deliveries.close();
    },
  };
}
