import { AllDataReadWrite, ExpiresIn, GenerateApiKeyResponse } from '@gomomento/sdk';
import { InternalSuperUserPermissions } from '@gomomento/sdk-core/dist/src/internal/utils/auth.js';
import { expect, test } from 'vitest';
import { authClient, cacheClient, momentoForTest, standingClock, verdict } from './sdk.ts';
import { loginOnWire } from './wire.ts';

test('a login ends with a session token, which is good for a day', async () => {
  const clock = standingClock();
  const momento = await momentoForTest({ now: clock.now });
  const messages = await loginOnWire(momento);
  expect(messages.map(({ state }) => state)).toEqual(['message', 'logged_in']);
  const { session_token: sessionToken = '', valid_for_seconds: lifetime } = messages.at(-1)?.logged_in ?? {};
  expect(lifetime).toBe(86_400);
  expect(momento.issuedKeys()).toMatchObject([{ origin: 'Login', validUntil: clock.epochSeconds() + 86_400 }]);
  expect(momento.calls).toMatchObject([{ rpc: 'Login', outcome: 'OK' }]);

  const client = cacheClient(momento, sessionToken);
  expect(verdict(await client.createCache('other'))).toBe('Success');
  clock.forward(86_400);
  expect(verdict(await client.listCaches())).toBe('AUTHENTICATION_ERROR');
});

test('how long, is a switch', async () => {
  const momento = await momentoForTest({ behaviour: { sessionLifetime: 60 } });
  const messages = await loginOnWire(momento);
  expect(messages.at(-1)?.logged_in.valid_for_seconds).toBe(60);
});

test('with a session token super users are made, which make none', async () => {
  const clock = standingClock();
  const momento = await momentoForTest({ now: clock.now });
  const session = momento.issueSessionToken({ validForSeconds: 3600 });
  expect(session.validUntil).toBe(clock.epochSeconds() + 3600);
  const scope = new InternalSuperUserPermissions();
  const key = await authClient(momento, session.sessionToken).generateApiKey(scope, ExpiresIn.never());
  if (key.type !== GenerateApiKeyResponse.Success) throw new Error(`refused: ${key.errorCode()}`);
  expect(verdict(await cacheClient(momento, key.apiKey).listCaches())).toBe('Success');
  const client = authClient(momento, key.apiKey);
  expect(verdict(await client.generateApiKey(scope, ExpiresIn.hours(1)))).toBe('PERMISSION_ERROR');
  expect(verdict(await client.generateApiKey(AllDataReadWrite, ExpiresIn.hours(1)))).toBe('Success');
});

test('a session token can be revoked, manages no v2 keys, and is among the secrets', async () => {
  const momento = await momentoForTest();
  const { sessionToken } = momento.issueSessionToken();
  const answer = await fetch(`${momento.apiKeysEndpoint}/api-keys`, { headers: { Authorization: sessionToken } });
  expect(answer.status).toBe(403);
  expect(momento.secretsInPlay()).toEqual([sessionToken]);
  momento.revokeKey(sessionToken);
  expect(verdict(await cacheClient(momento, sessionToken).get('cache', 'key'))).toBe('AUTHENTICATION_ERROR');
});
