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
   * @throws InvalidValueError when it is not a credential that can itself be rotated, or disagrees with what is configured for the
   * secret; and RotationError (operator) when nothing is configured that has to be
   */
  read(secretString: string): C;

  /**
   * As {@link read}, also of a credential that may not be used, or not for this secret any more: to tell which one a version holds.
   * @throws InvalidValueError when it is no credential
   */
  inspect(secretString: string): C;

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

  /**
   * Where the successor of `current` is issued, if the service keeps a register of such credentials, from which they can be
   * revoked. Undefined: it is issued by {@link issueSuccessor}, and what is issued lives until it expires.
   */
  registerOf?(current: C): RegisterDoor<C> | undefined;
}

export interface Credential {
  /** When the service stops accepting it. Undefined: never. */
  readonly expiresAt: Date | undefined;
  /** Its name in the service's register. Undefined: it is in none. */
  readonly id?: string;
  /** The role that it has in the register. */
  readonly roleId?: string | undefined;
}

/** The way into a register. */
export interface RegisterDoor<C extends Credential> {
  /** Name or ARN of the secret that holds the credential which may use the register. Undefined: the current one itself may. */
  adminSecret: string | undefined;
  /** What messages call that secret, whose name nobody has confirmed: `the secret that … names`. */
  adminWording: string;
  /**
   * @param adminSecretString the value of that secret
   * @throws InvalidValueError when it holds no such credential, or one that has expired
   */
  open(adminSecretString: string | undefined, now: Date): Register<C>;
}

/** A service's register of the credentials of an account, as one of them may use it. One attempt a call. */
export interface Register<C extends Credential> {
  /** The id of the credential that uses it. */
  readonly adminId: string;
  /** Has the successor of the current credential issued. Never rejects. */
  issue(order: Order, timeoutMs: number): Promise<Issue<C>>;
  /** A page. Rejects with a {@link RegisterError} only. */
  list(pageToken: string | undefined, timeoutMs: number): Promise<RegisterPage>;
  /** The command with which a human revokes a credential that the register told of. */
  howToRevoke(id: string): string;
  /** It is done if there is no such credential any more. Rejects with a {@link RegisterError} only. */
  revoke(id: string, timeoutMs: number): Promise<void>;
}

/** What the protocol says about a successor. */
export interface Order {
  description: string;
  /** The same without what is for humans, for a register that refuses the first. */
  shortDescription: string;
  now: Date;
  /** The entry of the credential that it succeeds. Undefined: it has none, or it is not found. */
  predecessor: Entry | undefined;
  /** When the value was stored that holds the credential that it succeeds. */
  storedAt: Date | undefined;
}

/** What a register tells of a credential. */
export interface Entry {
  id: string;
  roleId: string | undefined;
  /** Free text, given when it was issued. */
  description: string;
  issuedAt: Date;
  /** Undefined: never. */
  expiresAt: Date | undefined;
}

export interface RegisterPage {
  entries: Entry[];
  /** Of the page after this one. */
  nextToken: string | undefined;
}

/** How an attempt to issue a successor ended. `reason` is the service's error code. */
export type Issue<C extends Credential> =
  /** `secretString` is the value to store, from which `successor` is read. From here on it must not be dropped. */
  | { kind: 'issued'; successor: C; secretString: string }
  /**
   * The service will not issue a successor of this credential. `remedy`: what a human has to do, in full sentences, where the
   * answer says it.
   */
  | { kind: 'refused'; reason: string; remedy?: string }
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
