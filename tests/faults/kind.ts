import { type Authority, readAuthority } from '../../src/momento/authority.ts';
import { momentoApiKey } from '../../src/momento/momento-api-key.ts';
import type { SecretValue } from '../../src/momento/secret-value.ts';
import type { CredentialKind } from '../../src/rotation/credential.ts';
import type { Configuration } from './configuration.ts';

/** What the function itself makes of a secret's values, and may do for it. */
export type Kind = CredentialKind<SecretValue> & Pick<Authority, 'managementOf'>;

/** One configuration is that of one schedule: nothing is kept from one to the next. */
const KINDS = new WeakMap<Configuration, (secretId: string) => Kind>();

/**
 * The function's own, except that what was read once is not read again: hardly anything takes as long, and the same text is
 * read hundreds of times in a schedule.
 *
 * @param secretId name or ARN
 */
export function kindFor(configuration: Configuration, secretId: string): Kind {
  let kinds = KINDS.get(configuration);
  if (kinds === undefined) {
    const [kindOf, authorityOf] = [momentoApiKey(configuration), readAuthority(configuration)];
    kinds = once((id) => {
      const kind = kindOf(id);
      return { ...kind, ...authorityOf(id), read: once(kind.read), inspect: once(kind.inspect) };
    });
    KINDS.set(configuration, kinds);
  }
  return kinds(secretId);
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
