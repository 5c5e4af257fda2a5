import type { IKey } from 'aws-cdk-lib/aws-kms';
import { ConfigurationError } from './configuration-error.ts';

/**
 * A policy's resource cannot be an alias, and CloudWatch Logs takes none.
 *
 * @param what it is of, for the message
 * @throws ConfigurationError
 */
export function requireKeyArn(key: IKey, what: string): void {
  if (key.keyArn.includes(':alias/')) {
    throw new ConfigurationError(
      `${what} is given by an alias, which a policy cannot name. Import it with Key.fromKeyArn or Key.fromLookup.`,
    );
  }
}
