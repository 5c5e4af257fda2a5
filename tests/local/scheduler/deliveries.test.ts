import { describe, expect, onTestFinished, test } from 'vitest';
import { createSchedulerService, type SchedulerEvent } from '../../../src/local/scheduler/index.ts';
import { standingClock } from '../momento/sdk.ts';
import { FUNCTION_ARN, oneTime, QUEUE_ARN, startLocal } from './stand-in.ts';

const EVENT = { RevokeRetiredKeys: 'a/secret' };

/** The service in this process, on a clock that is moved by hand, with a schedule that is due in a minute. */
function startService(
  answer: (event: unknown) => unknown,
  options: Parameters<typeof createSchedulerService>[0] = {},
  rest: Parameters<typeof oneTime>[1] = {},
) {
  const clock = standingClock();
  const service = createSchedulerService({ now: clock.now, functionRetryDelaysMs: [0, 0], ...options });
  onTestFinished(() => service.close());
  const invocations: unknown[] = [];
  service.registerFunction(FUNCTION_ARN, {
    async invoke(event) {
      invocations.push(event);
      return answer(event);
    },
    onFailureArn: QUEUE_ARN,
  });
  const events: SchedulerEvent['type'][] = [];
  service.events.subscribe(({ type }) => events.push(type));
  service.call('CreateSchedule', oneTime(new Date(clock.now().getTime() + 60_000), rest));
  const schedules = () => service.call('ListSchedules', {}).Schedules?.map(({ Name }) => Name);
  return { clock, service, invocations, events, schedules };
}

const throws = () => {
  throw new TypeError('told to fail');
};

describe('a schedule', () => {
  test('invokes its function with its input when it is due, and not before', async () => {
    const { clock, service, invocations, events } = startService(() => 'done');
    clock.forward(59);
    await service.runDue();
    expect(invocations).toEqual([]);
    clock.forward(1);
    await service.runDue();
    expect(invocations).toEqual([EVENT]);
    expect(service.deliveries.all).toEqual([
      {
        scheduleArn: 'arn:aws:scheduler:us-east-1:123456789012:schedule/default/revoke',
        targetArn: FUNCTION_ARN,
        input: JSON.stringify(EVENT),
        dueAt: clock.now(),
        attempts: 1,
        outcome: 'succeeded',
      },
    ]);
    expect(events).toEqual(['scheduled', 'delivered']);
  });

  test('invokes it once, and stays unless it is to be deleted', async () => {
    const { clock, service, invocations, schedules } = startService(() => undefined);
    clock.forward(60);
    await service.runDue();
    clock.forward(60);
    await service.runDue();
    expect(invocations).toHaveLength(1);
    expect(schedules()).toEqual(['revoke']);
    expect(service.nextDueAt()).toBeUndefined();
  });

  test('is gone after it was done, if that was asked for', async () => {
    const { clock, service, schedules } = startService(() => undefined, {}, { ActionAfterCompletion: 'DELETE' });
    clock.forward(60);
    await service.runDue();
    expect(schedules()).toEqual([]);
  });

  test('does nothing while it is disabled, or after it was deleted', async () => {
    const disabled = startService(() => undefined, {}, { State: 'DISABLED' });
    const deleted = startService(() => undefined);
    deleted.service.call('DeleteSchedule', { Name: 'revoke' });
    for (const { clock, service, invocations } of [disabled, deleted]) {
      expect(service.nextDueAt()).toBeUndefined();
      clock.forward(60);
      await service.runDue();
      expect(invocations).toEqual([]);
    }
  });

  test('is delivered at least once: more often, if that is rehearsed', async () => {
    const { clock, service, invocations } = startService(() => undefined, { deliveriesPerEvent: 2 });
    clock.forward(60);
    await service.runDue();
    expect(invocations).toEqual([EVENT, EVENT]);
  });
});

describe('a function that throws', () => {
  test('is tried twice more', async () => {
    let calls = 0;
    const { clock, service, events } = startService(() => {
      calls += 1;
      return calls < 3 ? throws() : 'done';
    });
    clock.forward(60);
    await service.runDue();
    expect(service.deliveries.all).toMatchObject([{ attempts: 3, outcome: 'succeeded' }]);
    expect(service.deliveries.deadLetters).toEqual([]);
    expect(events).toEqual(['scheduled', 'attemptFailed', 'attemptFailed', 'delivered']);
  });

  test('and goes on throwing leaves a dead letter at its own destination', async () => {
    const { clock, service, events } = startService(throws);
    clock.forward(60);
    await service.runDue();
    const [delivery] = service.deliveries.all;
    expect(delivery).toMatchObject({
      attempts: 3,
      outcome: 'failed',
      error: { name: 'TypeError', message: 'told to fail' },
    });
    expect(service.deliveries.deadLetters).toEqual([{ queueArn: QUEUE_ARN, from: 'function', delivery }]);
    expect(events.at(-1)).toBe('deliveryFailed');
  });

  test('is waited for by whoever wants to see the end', async () => {
    const { clock, service } = startService(throws, { functionRetryDelaysMs: [5, 5] });
    clock.forward(60);
    void service.runDue();
    await service.deliveriesSettled();
    expect(service.deliveries.all).toMatchObject([{ attempts: 3, outcome: 'failed' }]);
  });

  test('is not tried again after the end', async () => {
    const { clock, service, invocations } = startService(throws, { functionRetryDelaysMs: [3_600_000] });
    clock.forward(60);
    const ran = service.runDue();
    await Promise.resolve();
    service.close();
    await ran;
    expect(invocations).toHaveLength(1);
  });
});

test('a function that does not exist leaves a dead letter at the queue of the schedule', async () => {
  const nowhere = `${FUNCTION_ARN}:nowhere`;
  const { Target } = oneTime(new Date());
  const target = { ...Target, Arn: nowhere, RoleArn: Target?.RoleArn, DeadLetterConfig: { Arn: QUEUE_ARN } };
  const { clock, service } = startService(() => undefined, {}, { Target: target });
  clock.forward(60);
  await service.runDue();
  expect(service.deliveries.deadLetters).toMatchObject([
    { queueArn: QUEUE_ARN, from: 'scheduler', delivery: { attempts: 0, error: { name: 'ResourceNotFoundException' } } },
  ]);
});

describe('in real time', () => {
  const soon = () => oneTime(new Date(Math.ceil(Date.now() / 1000) * 1000));

  test('a schedule is run when it is due', async () => {
    const { server, client } = await startLocal();
    const invoked = new Promise((resolve) =>
      server.registerFunction(FUNCTION_ARN, { invoke: async (event) => resolve(event) }),
    );
    await client.createSchedule(soon());
    expect(await invoked).toEqual(EVENT);
  });

  test('one that is due already is run at once, and one that is due in a year keeps nothing waiting', async () => {
    const { server, client } = await startLocal();
    const invoked = new Promise((resolve) =>
      server.registerFunction(FUNCTION_ARN, { invoke: async (event) => resolve(event) }),
    );
    const inAYear = new Date(Date.now() + 365 * 86_400_000);
    await client.createSchedule(oneTime(inAYear, { Name: 'later' }));
    await client.createSchedule(oneTime(new Date('2020-01-01T00:00:00Z')));
    expect(await invoked).toEqual(EVENT);
    expect(server.nextDueAt()?.getFullYear()).toBe(inAYear.getFullYear());
  });

  test('nothing is run after the end', async () => {
    const { server, client } = await startLocal();
    let invocations = 0;
    server.registerFunction(FUNCTION_ARN, { invoke: async () => ++invocations });
    await client.createSchedule(soon());
    await server.close();
    await server.runDue();
    expect(invocations).toBe(0);
  });
});
