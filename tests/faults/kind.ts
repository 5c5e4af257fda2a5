import { type Authority, authorityIn } from '../../src/momento/authority.ts';
import { readSecretValue, type SecretValue } from '../../src/momento/secret-value.ts';
import type { Configuration } from './configuration.ts';

/** What is configured for a secret, and how its values are read. */
export interface ConfiguredFor {
  authority: Authority;
  readText: typeof readSecretValue;
}

/** One configuration is that of one schedule: nothing is kept from one to the next. */
const CONFIGURED = new WeakMap<Configuration, (secretId: string) => ConfiguredFor>();

/**
 * The function's own, except that what was read once is not read again: hardly anything takes as long, and the same text is
 * read hundreds of times in a schedule.
 *
 * @param secretId name or ARN
 */
export function configuredFor(configuration: Configuration, secretId: string): ConfiguredFor {
  let of = CONFIGURED.get(configuration);
  if (of === undefined) {
    const authorityOf = authorityIn(configuration);
    of = once((id) => ({ authority: authorityOf(id), readText: readOnce() }));
    CONFIGURED.set(configuration, of);
  }
  return of(secretId);
}

function readOnce(): typeof readSecretValue {
  const read = [false, true].map((bringsOver) => once((text): SecretValue => readSecretValue(text, bringsOver)));
  return (text, bringsOver = false) => (read[Number(bringsOver)] as (text: string) => SecretValue)(text);
}

/** Looks up what it has worked out before; what throws, throws again. */
function once<T>(work: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let result = known.get(text);
    if (result === undefined) {
      result = work(text);
      known.set(text, result);
    }
    return result;
  };
}
