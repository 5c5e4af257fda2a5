/**
 * What the protocol asks of a kind of credential. It is all that the protocol knows about one: another kind is rotated
 * by another implementation of this interface.
 */
export interface CredentialKind<C extends Credential> {
  /** Words for messages. */
  readonly wording: {
    /** Who issues the credential, for example `Momento`. */
    service: string;
    /** How a human makes a fresh one, as a full sentence. */
    howToReplace: string;
  };

  /**
   * Reads a secret's value.
   * @throws InvalidValueError when it is not a credential that can itself be rotated
   */
  read(secretString: string): C;

  /**
   * Has the successor of `current` issued. One attempt: the protocol decides about retries. Never rejects.
   * @param timeoutMs how long to wait for the answer
   */
  issueSuccessor(current: C, timeoutMs: number): Promise<Issue<C>>;

  /**
   * An authenticated request that shows whether the service lets the credential in. One attempt. Never rejects.
   * @param timeoutMs how long to wait for the answer
   */
  ping(credential: C, timeoutMs: number): Promise<Ping>;
}

export interface Credential {
  /** When the service stops accepting it. Undefined: never. */
  readonly expiresAt: Date | undefined;
}

/** How an attempt to issue a successor ended. `reason` is the service's error code. */
export type Issue<C extends Credential> =
  /** `secretString` is the value to store, from which `successor` is read. From here on it must not be dropped. */
  | { kind: 'issued'; successor: C; secretString: string }
  /** The service will not issue a successor of this credential. */
  | { kind: 'refused'; reason: string }
  /** No answer, or none that says anything. `mayHaveIssued`: the attempt may have had its effect all the same. */
  | { kind: 'unavailable'; reason: string; mayHaveIssued: boolean };

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
