import { Token } from 'aws-cdk-lib';

const MOST_CHARACTERS = 253;
/** Two labels or more, of which the last is no number: neither an address nor a name of this machine. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The value of `MOMENTO_HOSTS`.
 *
 * @throws Error with what to write instead
 */
export function readHosts(hosts: readonly string[]): string {
  if (hosts.length === 0)
    throw new Error('hosts is empty. Write the domains that keys may be sent to, or leave it out.');
  hosts.forEach((host, index) => {
    if (Token.isUnresolved(host) || (host.length <= MOST_CHARACTERS && DOMAIN.test(host))) return;
    throw new Error(
      `hosts[${index}] is not a domain. Write its name alone, in lower case, like momentohq.com: no scheme, user, port or path, no * and no address.`,
    );
  });
  return hosts.join(',');
}
