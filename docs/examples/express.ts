import { CacheGetResponse, CacheSetResponse, Configurations } from '@gomomento/sdk';
import express from 'express';
import { cacheClient, momentoCredential } from 'momento-key-rotation/client';

const credential = momentoCredential('momento/authentication-token', { logger: console });
const cache = cacheClient(credential, {
  configuration: Configurations.InRegion.Default.latest(),
  defaultTtlSeconds: 60,
});

const app = express();

app.get('/sessions/:id', async ({ params }, response) => {
  const session = await cache.get('sessions', params.id);
  if (session.type === CacheGetResponse.Hit) response.type('json').send(session.valueString());
  else response.sendStatus(session.type === CacheGetResponse.Miss ? 404 : 503);
});

app.put('/sessions/:id', express.text({ type: '*/*' }), async ({ params, body }, response) => {
  const stored = await cache.set('sessions', params.id, body);
  response.sendStatus(stored.type === CacheSetResponse.Success ? 204 : 503);
});

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');

process.once('SIGTERM', () => {
  server.close(() => {
    cache.close();
    credential.close();
  });
});
