/**
 * Where an application reads its secret. Any implementation will do: {@link secretsManager} is the default, and
 * `secretsManagerAgent` reads from AWS's local caches.
 */
export interface SecretSource {
  /** Reads the current version (`AWSCURRENT`). Rejects when there was no answer, or none with a value. */
  read(request: SecretRequest): Promise<SecretVersion>;
}

export interface SecretRequest {
  /** The secret's name or ARN. */
  secretId: string;
  /** Whether Momento refused the key that was read last, so that a cache must not answer. */
  refused: boolean;
  /** Aborted when nobody waits for the answer any longer. */
  signal: AbortSignal;
}

/** A version of a secret. Sensitive. */
export interface SecretVersion {
  /** Undefined for a binary secret. */
  secretString: string | undefined;
  versionId: string | undefined;
}

/** There is no key. The message names the secret and an error code, and never a value. */
export class SecretUnavailableError extends Error {
  override readonly name = 'SecretUnavailableError';
  /**
   * Why: the service's own error code (`AccessDeniedException`), Node.js's (`ECONNRESET`), or one of these: `Timeout`, there was
   * no answer in time; `InvalidValue`, the secret holds no key; `Closed`, the client or the credential is closed;
   * `Unavailable`, anything else.
   */
  readonly code: string;

  /** @param options `cause` is what was thrown, if its message cannot quote the secret */
  constructor(message: string, { code = 'Unavailable', ...options }: { code?: string; cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
