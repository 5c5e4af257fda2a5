import { cacheClient } from 'momento-key-rotation/client';

const cache = cacheClient('momento/authentication-token', { defaultTtlSeconds: 60 });

const caches = await cache.listCaches();
if (caches.type === 'Error') throw caches.innerException();
for (const each of caches.getCaches()) process.stdout.write(`${each.getName()}\n`);
