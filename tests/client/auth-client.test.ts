import {
  AuthClient,
  AuthClientConfigurations,
  ExpiresIn,
  GenerateDisposableTokenResponse,
  NoopMomentoLoggerFactory,
  RefreshApiKey,
  TokenScopes,
} from '@gomomento/sdk';
import { expect, test } from 'vitest';
import { authClient } from '../../src/client/index.ts';
import { startStage } from './stage.ts';

const configuration = AuthClientConfigurations.Default.latest(new NoopMomentoLoggerFactory());

test('tokens are vended with the current key', async () => {
  const stage = await startStage();
  const auth = authClient(stage.credential(), { configuration });
  expect(auth).toBeInstanceOf(AuthClient);
  const vend = () =>
    auth.generateDisposableToken(TokenScopes.topicSubscribeOnly('cache', 'topic'), ExpiresIn.minutes(5));
  expect((await vend()).type).toBe(GenerateDisposableTokenResponse.Success);

  const successor = stage.momento.idOf(await stage.rotate());
  stage.momento.revokeKey(stage.firstKey);
  expect((await vend()).type).toBe(GenerateDisposableTokenResponse.Success);
  const keys = stage.momento.issuedKeys();
  expect(keys.filter(({ origin }) => origin === 'GenerateDisposableToken').map(({ from }) => from)).toEqual([
    'key-1',
    successor,
  ]);

  auth.close();
  expect(String(await vend())).toContain('The client is closed.');
});

test('a refresh token that is refused says nothing about the key', async () => {
  const stage = await startStage();
  const credential = stage.credential();
  const auth = authClient(credential, { configuration });
  for (const refresh of [() => auth.refreshApiKey('hunter2'), () => auth.refreshAuthToken('hunter2')]) {
    const calls = stage.momento.calls.length;
    const answer = await refresh();
    expect(answer instanceof RefreshApiKey.Error && answer.errorCode()).toBe('AUTHENTICATION_ERROR');
    expect(stage.momento.calls).toHaveLength(calls + 1);
  }
  await stage.expectEvents('refreshed');
  auth.close();
});

test('without a configuration it is as the SDK would have it', async () => {
  const stage = await startStage();
  const auth = authClient(stage.credential());
  expect((await auth.refreshApiKey('hunter2')).type).toBe('Error');
  auth.close();
});
