/** Where Momento's own hosts are (`@gomomento/sdk`: `control.`, `cache.` and `token.` before a key's endpoint). */
const MOMENTO = 'momentohq.com';

export const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'];

/** The host of an endpoint on this machine, which has a port; undefined if it is none. */
export function hostOnThisMachine(endpoint: string): string | undefined {
  const host = /^(.+):\d{1,5}$/.exec(endpoint)?.[1];
  return host !== undefined && THIS_MACHINE.includes(host) ? host : undefined;
}

const MOST_CHARACTERS = 253;
const DOMAIN = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z](?:[a-z\d-]{0,61}[a-z\d])?$/;

/** `example.com`, in lower case: two labels at least, and the last one begins with a letter, which that of an address does not. */
export function isDomain(host: string): boolean {
  return host.length <= MOST_CHARACTERS && DOMAIN.test(host);
}

/** Tells to which endpoints keys may be sent. */
export type Hosts = (endpoint: string) => boolean;

/**
 * Endpoints are compared as hosts, label by label: it is one of the domains, or under one. One on this machine has to be listed itself.
 * Nothing else has a port.
 *
 * @param entries `MOMENTO_HOSTS`, domains, and hosts of this machine
 */
export function hostsIn(entries: readonly string[] = [MOMENTO]): Hosts {
  const listed = entries.map((entry) => entry.toLowerCase());
  const domains = listed.filter(isDomain);
  return (endpoint) => {
    const local = hostOnThisMachine(endpoint);
    if (local !== undefined) return listed.includes(local);
    const host = endpoint.toLowerCase();
    return isDomain(host) && domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
  };
}
