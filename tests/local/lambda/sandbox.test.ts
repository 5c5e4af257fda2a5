import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FOREVER, functionError, functionForTest, saying } from './function.ts';

const isRunning = (pid: unknown) => {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
};

describe('sandboxes', () => {
  const PID = 'let count = 0; export const handler = async () => ({ pid: process.pid, count: ++count });';

  test('are kept for the next event', async () => {
    const { lambda } = await functionForTest(PID);
    expect(lambda.coldStarts).toBe(0);
    const first = (await lambda.invoke({})) as { pid: number };
    expect(first).toMatchObject({ count: 1 });
    expect(first.pid).not.toBe(process.pid);
    expect(await lambda.invoke({})).toEqual({ pid: first.pid, count: 2 });
    expect(lambda.coldStarts).toBe(1);
  });

  // Each handler waits until the other has said that it is there.
  const RENDEZVOUS = `import { existsSync, writeFileSync } from 'node:fs';
    import { setTimeout } from 'node:timers/promises';
    export const handler = async ({ me, other }) => {
      writeFileSync(me, '');
      while (!existsSync(other)) await setTimeout(5);
      return process.pid;
    };`;

  test('are one for each event at the same time, of which one is kept', async () => {
    const { lambda, taskRoot } = await functionForTest(RENDEZVOUS, { reservedConcurrency: 2 });
    const pair = () => Promise.all([lambda.invoke({ me: 'a', other: 'b' }), lambda.invoke({ me: 'b', other: 'a' })]);
    const [first, second] = await pair();
    expect(first).not.toBe(second);
    expect(lambda.coldStarts).toBe(2);
    expect([first, second]).toContain(await lambda.invoke({ me: 'a', other: 'b' }));
    expect(lambda.coldStarts).toBe(2);
    await rm(join(taskRoot, 'a'));
    await rm(join(taskRoot, 'b'));
    await pair();
    expect(lambda.coldStarts).toBe(3);
  });

  test('begin anew when the environment is changed, also one that was busy then', async () => {
    const { lambda, logged } = await functionForTest(
      `import { setTimeout } from 'node:timers/promises';
      export const handler = async (ms) => {
        console.log('begun');
        await setTimeout(ms);
        return [process.env.KEPT, process.env.CHANGED];
      };`,
      { environment: { KEPT: 'kept', CHANGED: 'before' } },
    );
    expect(await lambda.invoke(0)).toEqual(['kept', 'before']);
    lambda.updateEnvironment({ CHANGED: 'after' });
    expect(await lambda.invoke(0)).toEqual(['kept', 'after']);
    expect(lambda.coldStarts).toBe(2);

    const busy = lambda.invoke(100);
    await logged('begun');
    lambda.updateEnvironment({ CHANGED: 'later' });
    expect(await busy).toEqual(['kept', 'after']);
    expect(await lambda.invoke(0)).toEqual(['kept', 'later']);
  });

  test('are limited, and an event too many is throttled', async () => {
    const { lambda } = await functionForTest(RENDEZVOUS, { reservedConcurrency: 1 });
    const first = lambda.invoke({ me: 'a', other: 'a' });
    await expect(lambda.invoke({ me: 'b', other: 'b' })).rejects.toMatchObject({ name: 'TooManyRequestsException' });
    expect(await first).toBeTypeOf('number');
  });

  test('are gone when the function is closed, which takes no more events', async () => {
    const { lambda } = await functionForTest(PID);
    const { pid } = (await lambda.invoke({})) as { pid: number };
    await lambda.close();
    expect(isRunning(pid)).toBe(false);
    await expect(lambda.invoke({})).rejects.toThrow('closed');
  });
});

describe('a sandbox that ends in the middle of an event', () => {
  // Comes to grief in the way that the event asks for.
  const GRIEF = `export const handler = async ({ grief }) => {
      console.log('started');
      if (grief === 'exit 0') process.exit(0);
      if (grief === 'exit 7') process.exit(7);
      if (grief === 'time') await ${FOREVER};
      if (grief === 'loop') for (;;);
      if (grief === 'uncaught') { setImmediate(() => { throw new RangeError('out of range'); }); await ${FOREVER}; }
      if (grief === 'rejection') { Promise.reject(new Error('unheard')); await ${FOREVER}; }
      if (grief === 'unsettled') await new Promise(() => {});
      return process.pid;
    };`;

  test.each([
    ['exit 0', 'Runtime.ExitError', saying('Runtime exited without providing a reason')],
    ['exit 7', 'Runtime.ExitError', saying('Runtime exited with error: exit status 7')],
    ['uncaught', 'RangeError', 'out of range'],
    ['rejection', 'Runtime.UnhandledPromiseRejection', 'Error: unheard'],
    ['unsettled', 'Runtime.NodeJsExit', expect.stringContaining('never settled')],
  ])('by %s is reported, and the next event is a cold start', async (grief, errorType, errorMessage) => {
    const { lambda } = await functionForTest(GRIEF);
    await expect(lambda.invoke({ grief })).rejects.toEqual(functionError(errorType, errorMessage));
    expect(await lambda.invoke({})).toBeTypeOf('number');
    expect(lambda.coldStarts).toBe(2);
  });

  test.each(['time', 'loop'])('for want of time is reported (%s), and the next is cold', async (grief) => {
    const { lambda, lines } = await functionForTest(GRIEF, { timeoutMs: 1250 });
    const before = await lambda.invoke({});
    const expected = functionError('Sandbox.Timedout', saying('Task timed out after 1.25 seconds'));
    await expect(lambda.invoke({ grief })).rejects.toEqual(expected);
    expect(isRunning(before)).toBe(false);
    expect(await lambda.invoke({})).not.toBe(before);
    expect(lambda.coldStarts).toBe(2);
    expect(lines).toEqual(['started', 'started', 'started']);
  });

  test('by a kill is reported, and the next event is a cold start', async () => {
    const { lambda, logged } = await functionForTest(GRIEF);
    const killed = lambda.invoke({ grief: 'time' });
    await logged('started');
    lambda.kill();
    const expected = functionError('Runtime.ExitError', saying('Runtime exited with error: signal: killed'));
    await expect(killed).rejects.toEqual(expected);
    expect(await lambda.invoke({})).toBeTypeOf('number');
    expect(lambda.coldStarts).toBe(2);
  });

  test('by a kill while it starts is reported', async () => {
    const { lambda } = await functionForTest(GRIEF);
    const killed = lambda.invoke({});
    lambda.kill();
    const expected = functionError('Runtime.ExitError', saying('Runtime exited with error: signal: killed'));
    await expect(killed).rejects.toEqual(expected);
  });

  test('by a kill between two events, makes the next a cold start', async () => {
    const { lambda } = await functionForTest(GRIEF);
    const before = await lambda.invoke({});
    lambda.kill();
    expect(await lambda.invoke({})).not.toBe(before);
    expect(lambda.coldStarts).toBe(2);
  });

  test('by running out of memory is reported, and what Node says about it is in the log', async () => {
    const { lambda, lines } = await functionForTest(
      'const all = []; export const handler = async () => { for (;;) all.push({ size: all.length }); };',
      { memoryMb: 32 },
    );
    const expected = functionError('Runtime.ExitError', saying('Runtime exited with error: signal: SIG[A-Z]+'));
    await expect(lambda.invoke({})).rejects.toEqual(expected);
    expect(lines).toEqual(expect.arrayContaining([expect.stringContaining('heap out of memory')]));
  });
});
