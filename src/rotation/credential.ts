import type { Report } from './report.ts';
import type { Secret } from './secret.ts';

/**
 * What the protocol asks of a kind of credential. It is all that the protocol knows about one: another kind is rotated
 * by another implementation of this interface.
 */
export interface CredentialKind {
  /** Words for messages. */
  readonly wording: {
    /** Who issues the credential: the name of the service. */
    service: string;
    /** How a human makes a fresh one, as a full sentence. */
    howToReplace: string;
  };

  /**
   * Reads a secret's value.
   * @throws InvalidValueError when it is not a credential that can itself be rotated, or disagrees with what is configured for the
   * secret; and RotationError (operator) when nothing is configured that has to be
   */
  read(secretString: string): Credential;
}

/** A credential, and what can be done with this very one. Its own value stays in it. Sensitive. */
export interface Credential {
  /** When the service stops accepting it. Undefined: never. */
  readonly expiresAt: Date | undefined;

  /** The service keeps a registry of such credentials, from which those before it are retired when it has been promoted. */
  readonly isRegistered: boolean;

  /**
   * An authenticated request that shows whether the service lets the credential in. One attempt. Never rejects.
   * @param timeoutMs how long to wait for the answer
   */
  ping(timeoutMs: number): Promise<Ping>;

  /**
   * Whom its successor is asked of.
   * @throws RotationError when nobody can be asked now; what it says is for whoever is on call
   */
  issuerFor(succession: Succession): Promise<Issuer>;
}

/** Which credential is to be succeeded, and by what version. */
export interface Succession {
  /** The secret whose credential it is, and the time that there is. */
  secret: Secret;
  secretArn: string;
  /** The version in rotation, which is to hold the successor. */
  versionId: string;
  /** The version that holds the credential. */
  predecessor: { versionId: string; storedAt: Date | undefined };
  report: Report;
}

/** Has the successor of one credential issued. */
export interface Issuer {
  /** One attempt: the protocol decides about retries. Never rejects. */
  issue(timeoutMs: number): Promise<Issue>;
  /** How long to wait for an answer, in milliseconds. */
  readonly timeoutMs: number;
  /** How many attempts of one invocation may go unanswered, and have had their effect all the same. */
  readonly maxUnanswered: number;
  /** What becomes of a credential that nobody holds, for messages: `it …`. */
  readonly fate: {
    /** Of one that an attempt without an answer may have brought. */
    unanswered: string;
    /** Of one that could not be stored. */
    lost: string;
  };
  /**
   * Takes back what attempts brought that were not answered, as far as the service tells of it: nobody else can have it. Never
   * rejects. Undefined: it cannot be taken back.
   */
  settle?(): Promise<void>;
}

/** How an attempt to issue a successor ended. `reason` is the service's error code. */
export type Issue =
  | Issued
  /** The service will not issue a successor of this credential. `remedy`: what a human has to do, in full sentences. */
  | { kind: 'refused'; reason: string; remedy: string }
  /**
   * What is needed for it can be used once, and was: perhaps just now, by another sandbox. `explanation`: what that means as long as
   * the credential itself still works, in full sentences.
   */
  | { kind: 'spent'; reason: string; explanation: string }
  /** Too much was asked of the service at once, perhaps by others. Nothing was issued. */
  | { kind: 'throttled'; reason: string }
  /** No answer, or none that says anything. `mayHaveIssued`: the attempt may have had its effect all the same. */
  | { kind: 'unavailable'; reason: string; mayHaveIssued: boolean };

/** From here on it must not be dropped. */
export interface Issued {
  kind: 'issued';
  /** The value to store. Sensitive. */
  secretString: string;
  /** What the value holds. */
  successor: Credential;
  /**
   * Takes it back when it could not be stored. Never rejects. Undefined: it cannot be taken back.
   * @returns what became of it, for messages: `it …`
   */
  discard?(): Promise<string>;
}

/** How a ping ended. `reason` is the service's error code. */
export type Ping =
  /** Let in. */
  | { kind: 'accepted' }
  /** Not authenticated. */
  | { kind: 'refused'; reason: string }
  /** Authenticated, but not permitted to do what the ping does. */
  | { kind: 'denied'; reason: string }
  /** No answer, or none that says anything. */
  | { kind: 'unavailable'; reason: string };
