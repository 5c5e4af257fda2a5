import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { startFreezable } from './freezable.ts';
import { SECRET, type Stage, startStage } from './stage.ts';
import { startTopics } from './topics.ts';

/** A clock that goes on by hours while the sandbox is frozen, which takes no time here. */
const CLOCK = `
  const RealDate = Date;
  let frozenMs = 0;
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      if (args.length > 0) super(...args);
      else super(Date.now());
    }
    static now() {
      return RealDate.now() + frozenMs;
    }
  };
`;

/** @param code has the clock, and exports `handler` */
async function startSandbox(code: string, stage: Stage) {
  const resolveDir = fileURLToPath(new URL('.', import.meta.url));
  const { lambda, frozen } = await startFreezable(stage, { contents: `${code}\n${CLOCK}`, resolveDir, loader: 'js' });
  return { lambda, frozen, invoke: (event: object) => lambda.invoke(event) as Promise<unknown> };
}

test('invocations that are shorter than a read, with hours between them, read and write, also when the key was revoked', async () => {
  const stage = await startStage();
  const { invoke, frozen, lambda } = await startSandbox(
    `
      import { Configurations, NoopMomentoLoggerFactory } from '@gomomento/sdk';
      import { cacheClient, momentoCredential } from '../../src/client/index.ts';
      const configuration = Configurations.Lambda.latest(new NoopMomentoLoggerFactory()).withClientTimeoutMillis(60_000);
      const credential = momentoCredential('${SECRET}', { timeoutMs: 3_600_000 });
      const cache = cacheClient(credential, { configuration, defaultTtlSeconds: 60 });
      export async function handler({ hours }) {
        frozenMs += hours * 3_600_000;
        const answers = [await cache.get('cache', 'key'), await cache.set('cache', 'key', 'value')];
        return answers.map(({ type }) => type).join(' ');
      }
    `,
    stage,
  );
  expect(await invoke({ hours: 0 })).toBe('Miss Success');

  stage.secretsManager.faults.add({ call: 'GetSecretValue', mishap: { kind: 'silence' }, times: Infinity });
  for (const reads of [2, 3, 4]) {
    await frozen();
    // No read ends, and each invocation gives up that of the one before.
    expect(await invoke({ hours: 6 })).toBe('Hit Success');
    expect(stage.reads()).toBe(reads);
  }

  let successor = '';
  await frozen(async () => {
    stage.secretsManager.faults.clear();
    successor = stage.momento.idOf(await stage.rotate()) ?? '';
    stage.momento.revokeKey(stage.firstKey);
  });
  stage.secretsManager.faults.add({ call: 'GetSecretValue', mishap: { kind: 'delay', ms: 1000 }, times: Infinity });
  expect(await invoke({ hours: 6 })).toBe('Hit Success');
  expect(stage.momento.calls.at(-1)).toMatchObject({ rpc: 'Set', keyId: successor, outcome: 'OK' });
  expect(lambda.coldStarts).toBe(1);
});

test('a subscription in a sandbox that was frozen while its key was replaced and revoked goes on with the new one', async () => {
  const topics = await startTopics();
  const stage = await startStage(() => topics.secretWith('first'));
  const { invoke, frozen, lambda } = await startSandbox(
    `
      import { NoopMomentoLoggerFactory, TopicConfigurations } from '@gomomento/sdk';
      import { topicClient } from '../../src/client/index.ts';
      const configuration = TopicConfigurations.Default.latest(new NoopMomentoLoggerFactory());
      const topics = topicClient('${SECRET}', { configuration });
      const heard = [];
      const subscribed = topics.subscribe('cache', 'topic', {
        onItem: (item) => heard.push(item.valueString()),
        onDiscontinuity: () => heard.push('?'),
      });
      export async function handler({ hours, say }) {
        frozenMs += hours * 3_600_000;
        await subscribed;
        if (say) heard.push((await topics.publish('cache', 'topic', say)).type);
        return heard;
      }
    `,
    stage,
  );
  expect(await invoke({ hours: 0 })).toEqual([]);
  topics.publish('one');
  await vi.waitFor(async () => expect(await invoke({ hours: 0 })).toEqual(['one']), { timeout: 60_000 });

  await frozen(async () => {
    await stage.put(topics.secretWith('second'));
    topics.revoke('first');
  });
  expect(await invoke({ hours: 6, say: 'two' })).toContain('Success');
  await vi.waitFor(() => expect(topics.subscribers()).toEqual(['second']), { timeout: 60_000 });
  topics.publish('three');
  await vi.waitFor(async () => expect(await invoke({ hours: 0 })).toContain('three'), { timeout: 60_000 });
  expect(await invoke({ hours: 0 })).toContain('?');
  expect(topics.publishers).toEqual(['second']);
  expect(lambda.coldStarts).toBe(1);
});
