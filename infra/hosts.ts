import { Token } from 'aws-cdk-lib';
import * as v from 'valibot';
import { isDomain } from '../src/momento/hosts.ts';
import { ConfigurationError } from './configuration-error.ts';

const NO_DOMAIN =
  'is not a domain. Write its name alone, in lower case, like momentohq.com: no scheme, user, port or path, no * and no address.';

/** A domain as the function takes it, but for names of the machine that it would run on. */
export const DOMAIN = v.pipe(v.string(), v.check(isDomain, NO_DOMAIN));

/**
 * The value of `MOMENTO_HOSTS`.
 *
 * @throws ConfigurationError
 */
export function joinHosts(hosts: readonly string[]): string {
  if (hosts.length === 0) {
    throw new ConfigurationError('hosts is empty. Write the domains that keys may be sent to, or leave it out.');
  }
  hosts.forEach((host, index) => {
    if (Token.isUnresolved(host) || v.is(DOMAIN, host)) return;
    throw new ConfigurationError(`hosts[${index}] ${NO_DOMAIN}`);
  });
  return hosts.join(',');
}
