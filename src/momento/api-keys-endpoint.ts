import { THIS_MACHINE } from './hosts.ts';

/** docs.momentohq.com, "API keys" */
export const DEFAULT_API_KEYS_ENDPOINT = 'https://mga.registry.prod.a.momentohq.com';

/**
 * @param url `MOMENTO_API_KEYS_ENDPOINT`
 * @returns it, without a slash at its end
 * @throws Error when keys must not be sent there
 */
export function apiKeysEndpoint(url: string): string {
  const { protocol, hostname, pathname, search, hash, username, origin } = URL.canParse(url)
    ? new URL(url)
    : new URL('about:blank');
  const isSafe = protocol === 'https:' || (protocol === 'http:' && THIS_MACHINE.includes(hostname));
  const isBare = search === '' && hash === '' && username === '';
  if (!isSafe || !isBare) {
    throw new Error(
      'MOMENTO_API_KEYS_ENDPOINT is not the address of a service: give it as https://HOST, or on this machine as http://127.0.0.1:PORT.',
    );
  }
  return origin + pathname.replace(/\/+$/, '');
}
