import * as v from 'valibot';
import { THIS_MACHINE } from './hosts.ts';

/** docs.momentohq.com, "API keys" */
export const DEFAULT_API_KEYS_ENDPOINT = 'https://mga.registry.prod.a.momentohq.com';

/** `MOMENTO_API_KEYS_ENDPOINT`, an address that keys may be sent to; without a slash at its end when it was read. */
export const API_KEYS_ENDPOINT = v.pipe(
  v.string(),
  v.check(
    isForKeys,
    'is not the address of a service: give it as https://HOST, or on this machine as http://127.0.0.1:PORT.',
  ),
  v.transform((url) => {
    const { origin, pathname } = new URL(url);
    return origin + pathname.replace(/\/+$/, '');
  }),
);

function isForKeys(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, search, hash, username } = new URL(url);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && THIS_MACHINE.includes(hostname));
  return isSafe && search === '' && hash === '' && username === '';
}
