import type { CredentialKind, Issue } from '../rotation/credential.ts';
import { RotationError } from '../rotation/errors.ts';
import type { Report } from '../rotation/report.ts';
import type { Secret } from '../rotation/secret.ts';

/**
 * What revocation asks of a kind of credential of which the service keeps a registry: a list of all that an account has, from
 * which they can be revoked.
 */
export interface RevocableKind extends Pick<CredentialKind, 'wording'> {
  /**
   * The way into the registry for a secret with this value. Undefined: its credential is in none.
   * @throws InvalidValueError and RotationError, as `read` of the kind
   */
  registryFor(secretString: string): RegistryAccess | undefined;

  /**
   * Which credential a value holds, also one that may not be used, or not for this secret any more.
   * @throws InvalidValueError when it is no credential
   */
  identify(secretString: string): Identity;
}

/** Which of the registry's credentials one is. */
export interface Identity {
  /** Undefined: it is in no registry. */
  readonly id?: string | undefined;
  readonly roleId?: string | undefined;
  /** Undefined: never. */
  readonly expiresAt: Date | undefined;
}

/** The way into a registry. */
export type RegistryAccess =
  | {
      /** Name or ARN of the secret that holds the credential which may use the registry. */
      adminSecret: string;
      /** What messages call that secret, whose name nobody has confirmed: `the secret that … names`. */
      adminWording: string;
      /**
       * @param adminSecretString the value of that secret
       * @throws InvalidValueError when it holds no such credential, or one that has expired
       */
      open(adminSecretString: string, now: Date): Registry;
    }
  /** The current credential itself may use it. */
  | { adminSecret?: undefined; open(): Registry };

/** A service's registry of the credentials of an account, as one of them may use it. One attempt a call. */
export interface Registry {
  /** The id of the credential that uses it. */
  readonly adminId: string;
  /** Has the successor of the current credential issued. Never rejects. */
  issue(request: IssueRequest, timeoutMs: number): Promise<RegistryIssue>;
  /** A page. Rejects with a {@link RegistryError} only. */
  list(pageToken: string | undefined, timeoutMs: number): Promise<RegistryPage>;
  /** The command with which a human revokes a credential that the registry told of. */
  howToRevoke(id: string): string;
  /** It is done if there is no such credential any more. Rejects with a {@link RegistryError} only. */
  revoke(id: string, timeoutMs: number): Promise<void>;
}

/** How an attempt to issue a successor ended. It comes with the name that it has in the registry. */
export type RegistryIssue =
  | (Omit<Extract<Issue, { kind: 'issued' }>, 'discard'> & { id: string })
  | Extract<Issue, { kind: 'refused' | 'throttled' | 'unavailable' }>;

/** What is said about a successor. */
export interface IssueRequest {
  description: string;
  /** The same without what is for humans, for a registry that refuses the first. */
  shortDescription: string;
  now: Date;
  /** The record of the credential that it succeeds. Undefined: it has none, or it is not found. */
  predecessor: KeyRecord | undefined;
  /** When the value was stored that holds the credential that it succeeds. */
  storedAt: Date | undefined;
}

/** What a registry tells of a credential. */
export interface KeyRecord {
  id: string;
  roleId: string | undefined;
  /** Free text, given when it was issued. */
  description: string;
  issuedAt: Date;
  /** Undefined: never. */
  expiresAt: Date | undefined;
}

export interface RegistryPage {
  records: KeyRecord[];
  /** Of the page after this one. */
  nextToken: string | undefined;
}

/** A call to the registry that did not succeed. The message says what a human has to do, if anything. */
export class RegistryError extends RotationError {
  /** The service's error code, or the name of the error that kept an answer from arriving. */
  readonly reason: string;
  /** What a human has to do, in full sentences. Undefined: nothing but to wait. */
  readonly remedy: string | undefined;

  constructor(service: string, reason: string, remedy: string | undefined) {
    super(
      remedy === undefined ? 'transient' : 'operator',
      remedy === undefined
        ? `${service} did not answer for its registry of keys (${reason}).`
        : `${service} refuses its registry of keys (${reason}). ${remedy}`,
    );
    this.name = 'RegistryError';
    this.reason = reason;
    this.remedy = remedy;
  }
}

/** What is configured about superseded credentials. */
export interface RevocationPolicy {
  /** Milliseconds for which one goes on working after its successor was promoted, at least. */
  overlapMs: number;
  /** One that was stored by hand, and then succeeded, is treated as one that was issued for the secret. */
  revokesFirstKey: boolean;
  /** A schedule is to revoke, also what `AWSPREVIOUS` holds. Otherwise rotations do, and that one stays. */
  revokesOnSchedule: boolean;
}

/** Work on the superseded credentials of one secret. */
export interface RevocationTask extends RevocationPolicy {
  secret: Secret;
  kind: RevocableKind;
  report: Report;
}
