/**
 * What happens to a credential and to what follows it. No event holds a value of the secret, and none of the errors in
 * them does.
 */
export type MomentoEvent =
  /** The secret was read, and holds the same key as before, or the first. */
  | { type: 'refreshed'; secretId: string; versionId: string | undefined }
  /** The secret was read, and holds another key: the clients move to it. */
  | { type: 'changed'; secretId: string; versionId: string | undefined }
  /** The secret could not be read, or holds no key, or one that Momento refuses: the last good key goes on being served. */
  | { type: 'servedStale'; secretId: string; error: Error; ageSeconds: number }
  /** The secret could not be read, or holds no key, and there is none to go on with. */
  | { type: 'unavailable'; secretId: string; error: Error }
  /** Momento refused the current key: the secret is read again. Said once for each key. */
  | { type: 'refusedKey'; secretId: string; versionId: string | undefined }
  /** A subscription could not move to the current key; it is tried again. `errorCode` is the SDK's. */
  | { type: 'subscriptionNotMoved'; secretId: string; cacheName: string; topicName: string; errorCode: string };

/**
 * What the console, Powertools' logger and most others have. One that wants the object first, as pino, is turned round:
 * `{ info: (message, details) => log.info(details, message), … }`.
 */
export interface Logger {
  info(message: string, details: object): unknown;
  warn(message: string, details: object): unknown;
}

export interface ReportOptions {
  /** Called for each event. What it throws, or rejects with, is ignored. */
  onEvent?: (event: MomentoEvent) => unknown;
  /** Gets a line for each event. @default none */
  logger?: Logger;
}

/** A credential is used in the middle of requests, which no listener may break. */
export function reporter({ onEvent, logger }: ReportOptions): (event: MomentoEvent) => void {
  return (event) => {
    const { type, secretId, ...details } = event;
    const level = ['refreshed', 'changed'].includes(type) ? 'info' : 'warn';
    const reason = 'error' in event ? ` ${event.error.message}` : '';
    void ignoringErrors(() => onEvent?.(event));
    void ignoringErrors(() => logger?.[level](WORDS[type] + reason, { secretId, ...details }));
  };
}

const WORDS: Record<MomentoEvent['type'], string> = {
  refreshed: 'The secret with the Momento API key was read.',
  changed: 'The Momento API key has changed.',
  servedStale: 'The last good Momento API key goes on being used.',
  unavailable: 'There is no Momento API key.',
  refusedKey: 'Momento refuses the current API key. The secret is read again.',
  subscriptionNotMoved: 'A subscription could not move to the current Momento API key. It is tried again.',
};

async function ignoringErrors(listener: () => unknown): Promise<void> {
  try {
    await listener();
  } catch {
    // It is the listener's.
  }
}
