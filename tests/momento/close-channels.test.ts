import {
  AuthClient,
  AuthClientConfigurations,
  CacheClient,
  Configurations,
  CredentialProvider,
  LeaderboardConfigurations,
  type MomentoLogger,
  PreviewFunctionClient,
  PreviewLeaderboardClient,
  TopicClient,
  TopicConfigurations,
} from '@gomomento/sdk';
import { Client, credentials } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import { closeChannels } from '../../src/momento/close-channels.ts';

const credentialProvider = CredentialProvider.forMomentoLocal({});

/** All gRPC clients that hang on an object, however deep. */
function grpcClientsIn(part: unknown, seen = new Set<unknown>()): Set<Client> {
  if (typeof part === 'object' && part !== null && !seen.has(part)) {
    seen.add(part);
    if (!(part instanceof Client)) for (const each of Object.values(part)) grpcClientsIn(each, seen);
  }
  return new Set([...seen].filter((each) => each instanceof Client));
}

/** A logger of an application that has a gRPC client of its own. */
function startLogger() {
  const client = new Client('127.0.0.1:1', credentials.createInsecure());
  const log = () => {};
  const logger: MomentoLogger = { error: log, warn: log, info: log, debug: log, trace: log };
  return { client, loggerFactory: { getLogger: () => Object.assign(logger, { client }) } };
}

const { client: loggersClient, loggerFactory } = startLogger();

test.each([
  [
    'CacheClient',
    7,
    () =>
      new CacheClient({
        credentialProvider,
        configuration: Configurations.Laptop.latest(loggerFactory),
        defaultTtlSeconds: 60,
      }),
  ],
  [
    'TopicClient',
    9,
    () => new TopicClient({ credentialProvider, configuration: TopicConfigurations.Default.latest(loggerFactory) }),
  ],
  [
    'AuthClient',
    2,
    () => new AuthClient({ credentialProvider, configuration: AuthClientConfigurations.Default.latest(loggerFactory) }),
  ],
  [
    'PreviewLeaderboardClient',
    6,
    () =>
      new PreviewLeaderboardClient({
        credentialProvider,
        configuration: LeaderboardConfigurations.Laptop.latest(loggerFactory),
      }),
  ],
  ['PreviewFunctionClient', 1, () => new PreviewFunctionClient({ credentialProvider })],
])('all gRPC clients of a %s are closed, once, and none of the application', (_, count, make) => {
  const client = make();
  const close = vi.spyOn(Client.prototype, 'close');
  closeChannels(client);

  const closed = [...close.mock.contexts];
  close.mockRestore();
  const itsOwn = grpcClientsIn(client);
  itsOwn.delete(loggersClient);
  expect(closed).toHaveLength(count);
  expect(itsOwn.size).toBe(count);
  expect(closed.every((each) => itsOwn.has(each as Client))).toBe(true);
});

test('what is not there does not get in the way', () => {
  expect(() => closeChannels({ dataClients: [{}], controlClient: { clientWrapper: {} } })).not.toThrow();
});
