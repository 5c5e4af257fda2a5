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

  get region(): string {
    return this.#options.region;
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
    return this.#add(name, this.newArn(name), this.#options.now());
  }

  /** "The replica ARN is the same as the original primary secret ARN", but for the Region (StopReplicationToReplica, SecretId). */
  createReplica(primary: Secret): Secret {
    const arn = primary.arn.replace(`:${primary.region}:`, `:${this.region}:`);
    const replica = this.#add(primary.name, arn, primary.createdDate);
    replica.primaryRegion = primary.region;
    return replica;
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

  #add(name: string, arn: string, createdDate: Date): Secret {
    const secret: Secret = {
      name,
      arn,
      region: this.region,
      createdDate,
      lastChangedDate: createdDate,
      versions: new Map(),
      replicas: new Map(),
      rotatedTokens: new Set(),
    };
    this.#byName.set(name, secret);
    return secret;
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

/** The secrets of one account, Region by Region. */
export class Regions {
  readonly #secrets = new Map<string, Secrets>();
  readonly #options: Omit<SecretsOptions, 'region'>;

  constructor(options: Omit<SecretsOptions, 'region'>) {
    this.#options = options;
  }

  in(region: string): Secrets {
    const known = this.#secrets.get(region);
    if (known) return known;
    const secrets = new Secrets({ ...this.#options, region });
    this.#secrets.set(region, secrets);
    return secrets;
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
