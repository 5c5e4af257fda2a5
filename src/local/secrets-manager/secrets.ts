import { randomInt } from 'node:crypto';
import { invalidParameter, notFound, validation } from './secrets-manager-errors.ts';
import { requireActive, type Secret } from './stored-secret.ts';

interface SecretsOptions {
  region: string;
  accountId: string;
  now: () => Date;
}

const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const SUFFIX = /-[A-Za-z0-9]{6}$/;

/** The secrets of one account in one Region, by name. */
export class Secrets {
  readonly #byName = new Map<string, Secret>();
  readonly #options: SecretsOptions;

  constructor(options: SecretsOptions) {
    this.#options = options;
  }

  /** Undefined if there is none of that name or ARN, or if its recovery window is over. */
  lookUp(secretId: string): Secret | undefined {
    this.#purge();
    if (!secretId.startsWith('arn:')) {
      requireName(secretId, /^[A-Za-z0-9/_+=.@!-]+$/);
      return this.#byName.get(secretId);
    }
    const whole = [...this.#byName.values()].find((secret) => secret.arn === secretId);
    const prefix = this.#arn('');
    // An ARN whose end looks like the random suffix is taken for a complete one (CreateSecret, Name).
    if (whole || SUFFIX.test(secretId) || !secretId.startsWith(prefix)) return whole;
    return this.#byName.get(secretId.slice(prefix.length));
  }

  /** @throws ResourceNotFoundException */
  find(secretId: string | undefined): Secret {
    const secret = secretId === undefined ? undefined : this.lookUp(secretId);
    if (!secret) throw notFound("Secrets Manager can't find the specified secret.");
    return secret;
  }

  /** For an action that changes the secret: refuses one that is scheduled for deletion, and a replica. */
  findWritable(secretId: string | undefined): Secret {
    const secret = this.find(secretId);
    requirePrimary(secret);
    requireActive(secret);
    return secret;
  }

  create(name: string): Secret {
    requireName(name, /^[A-Za-z0-9/_+=.@-]+$/);
    const createdDate = this.#options.now();
    const arn = this.newArn(name);
    const secret: Secret = {
      name,
      arn,
      createdDate,
      lastChangedDate: createdDate,
      tags: [],
      versions: new Map(),
      rotatedTokens: new Set(),
    };
    this.#byName.set(name, secret);
    return secret;
  }

  /** An ARN with its own six random characters. */
  newArn(name: string): string {
    const suffix = Array.from({ length: 6 }, () => SUFFIX_ALPHABET[randomInt(SUFFIX_ALPHABET.length)]).join('');
    return this.#arn(`${name}-${suffix}`);
  }

  remove(secret: Secret): void {
    this.#byName.delete(secret.name);
  }

  all(): Secret[] {
    this.#purge();
    return [...this.#byName.values()];
  }

  #arn(resource: string): string {
    return `arn:aws:secretsmanager:${this.#options.region}:${this.#options.accountId}:secret:${resource}`;
  }

  #purge(): void {
    const now = this.#options.now();
    for (const secret of this.#byName.values())
      if (secret.deletionDate && secret.deletionDate <= now) this.remove(secret);
  }
}

export function requirePrimary(secret: Secret): void {
  if (secret.primaryRegion)
    throw invalidParameter(
      "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
    );
}

function requireName(name: string, pattern: RegExp): void {
  if (!pattern.test(name))
    throw validation(
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    );
}
