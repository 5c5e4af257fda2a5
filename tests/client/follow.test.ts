import { leaderboard } from '@gomomento/generated-types';
import {
  LeaderboardConfigurations,
  LeaderboardLength,
  NoopMomentoLoggerFactory,
  PreviewLeaderboardClient,
} from '@gomomento/sdk';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { clientsOf } from '../../src/client/follow.ts';
import { follow, type SecretSource, SecretUnavailableError, WaitEnded } from '../../src/client/index.ts';
import { startStage, stopClock } from './stage.ts';

const { _GetLeaderboardLengthResponse, UnimplementedLeaderboardService } = leaderboard.leaderboard;

/** Leaderboards of Momento, over its own gRPC: all have the length 7. */
async function startLeaderboards() {
  const server = new Server();
  const good = new Set<string>();
  const calls: string[] = [];
  server.addService(UnimplementedLeaderboardService.definition, {
    GetLeaderboardLength({ metadata }: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) {
      const key = String(metadata.get('authorization')[0]);
      calls.push(key);
      if (good.has(key)) callback(null, new _GetLeaderboardLengthResponse({ count: 7 }));
      else callback({ code: status.UNAUTHENTICATED });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  onTestFinished(() => server.forceShutdown());
  return {
    calls,
    revoke: (key: string) => good.delete(key),
    legacyKey() {
      const host = `127.0.0.1:${port}`;
      const claims = Buffer.from(JSON.stringify({ sub: 'user@example.com', cp: host, c: host })).toString('base64url');
      const key = `eyJhbGciOiJIUzUxMiJ9.${claims}.c2ln`;
      good.add(key);
      return key;
    },
    secretWith(key: string) {
      good.add(key);
      const apiKey = Buffer.from(JSON.stringify({ endpoint: `127.0.0.1:${port}`, api_key: key })).toString('base64');
      return JSON.stringify({ apiKey });
    },
  };
}

const configuration = LeaderboardConfigurations.Laptop.latest(new NoopMomentoLoggerFactory());

test('a client that this package does not know follows the key, too', async () => {
  const clock = stopClock();
  const leaderboards = await startLeaderboards();
  const stage = await startStage(() => leaderboards.secretWith('first'));
  const closed: number[] = [];
  const made: PreviewLeaderboardClient[] = [];
  const followed = follow(
    stage.credential(),
    (credentialProvider) => {
      const client = new PreviewLeaderboardClient({ credentialProvider, configuration });
      made.push(client);
      return client;
    },
    (client) => {
      closed.push(made.indexOf(client));
      client.close();
    },
  );
  const length = async () => {
    const answer = await followed.use((client) => client.leaderboard('cache', 'players').length());
    return answer instanceof LeaderboardLength.Success ? answer.length() : answer.toString();
  };
  expect(await length()).toBe(7);
  await stage.put(leaderboards.secretWith('second'));
  leaderboards.revoke('first');
  expect(await length()).toBe(7);
  expect(leaderboards.calls).toEqual(['first', 'first', 'second']);
  expect(closed).toEqual([]);

  await stage.put(leaderboards.secretWith('third'));
  leaderboards.revoke('second');
  clock.forward(11);
  expect(await length()).toBe(7);
  expect(closed).toEqual([0]);
  followed.close();
  expect(closed).toEqual([0, 1, 2]);
  await expect(length()).rejects.toMatchObject({ name: 'SecretUnavailableError', code: 'Closed' });
});

test('a call is told why there is no key, or waits no longer than it is to', async () => {
  const stage = await startStage(() => 'hunter2');
  const create = () => ({ call: async () => 'answered' });
  const without = follow(stage.credential(), create, () => {});
  await expect(without.use((client) => client.call())).rejects.toThrow(SecretUnavailableError);

  const silent: SecretSource = { read: () => new Promise(() => {}) };
  const waiting = clientsOf(stage.credential({ source: silent, timeoutMs: 3_600_000 }), create, () => {});
  const late = waiting.use((client) => client.call(), { timeoutMs: 10 });
  await expect(late).rejects.toThrow(WaitEnded);
  await expect(late).rejects.toHaveProperty('name', 'TimeoutError');
  const aborted = waiting.useOnce((client) => client.call(), { signal: AbortSignal.timeout(10) });
  await expect(aborted).rejects.toHaveProperty('name', 'AbortError');
});

test('a legacy key is used as the others are', async () => {
  const leaderboards = await startLeaderboards();
  const stage = await startStage(() => leaderboards.legacyKey());
  const followed = follow(
    stage.credential(),
    (credentialProvider) => new PreviewLeaderboardClient({ credentialProvider, configuration }),
  );
  const answer = await followed.use((client) => client.leaderboard('cache', 'players').length());
  expect(answer).toBeInstanceOf(LeaderboardLength.Success);
  followed.close();
});
