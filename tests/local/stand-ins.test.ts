import { expect, onTestFinished, test } from 'vitest';
import { startStandIns } from '../../src/local/stand-ins.ts';
import { folderForTest } from './lambda/function.ts';

test('the function is pointed at the local services, and can be pointed elsewhere', async () => {
  const taskRoot = await folderForTest({ 'index.mjs': 'export const handler = async () => process.env;' });
  const start = async (environment: Record<string, string>) => {
    const standIns = await startStandIns({ lambda: { taskRoot, environment } });
    onTestFinished(() => standIns.close());
    return standIns;
  };

  const local = await start({});
  expect(await local.lambda.invoke({})).toMatchObject({
    AWS_ENDPOINT_URL_SECRETS_MANAGER: local.secretsManager.endpoint,
    MOMENTO_API_KEYS_ENDPOINT: local.momento.apiKeysEndpoint,
    MOMENTO_HOSTS: '127.0.0.1',
  });
  expect(local.environment['MOMENTO_API_KEYS_ENDPOINT']).toBe(local.momento.apiKeysEndpoint);

  const elsewhere = await start({ MOMENTO_API_KEYS_ENDPOINT: 'https://keys.example.com' });
  expect(await elsewhere.lambda.invoke({})).toMatchObject({ MOMENTO_API_KEYS_ENDPOINT: 'https://keys.example.com' });
});
