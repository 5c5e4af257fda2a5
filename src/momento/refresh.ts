import { type AuthClient, MomentoErrorCode, RefreshApiKeyResponse } from '@gomomento/sdk';
import type { AuthConnection } from './auth-connection.ts';
import { readIfValid, type SecretValue } from './secret-value.ts';
import type { V1SecretValue } from './v1-secret-value.ts';
import { within } from './within.ts';

/** The answers by which Momento says no. After any other, asking again may succeed. */
const REFUSALS: string[] = [
  MomentoErrorCode.AUTHENTICATION_ERROR,
  MomentoErrorCode.PERMISSION_ERROR,
  MomentoErrorCode.INVALID_ARGUMENT_ERROR,
  MomentoErrorCode.NOT_FOUND_ERROR,
  MomentoErrorCode.FAILED_PRECONDITION_ERROR,
];

/** How a refresh ended. `reason` is the SDK's error code. */
export type Refresh =
  /** Sensitive. */
  | { kind: 'refreshed'; secretString: string; value: SecretValue }
  | { kind: 'refused'; reason: string }
  | { kind: 'throttled'; reason: string }
  /** There may be a key all the same. */
  | { kind: 'unavailable'; reason: string };

/**
 * Refreshes an API key: Momento issues one with the same permissions and the same lifetime, counted from now, and a
 * refresh token of its own. The old key goes on working until it expires.
 */
export async function refresh(connection: AuthConnection, value: V1SecretValue, timeoutMs: number): Promise<Refresh> {
  const answer = await ask(connection.clientFor(value.apiKey), value, timeoutMs);
  if (answer.kind === 'unavailable') connection.close();
  return answer;
}

async function ask(client: AuthClient, value: V1SecretValue, timeoutMs: number): Promise<Refresh> {
  const response = await within(timeoutMs, client.refreshApiKey(value.refreshToken));
  if (response === undefined) {
    return { kind: 'unavailable', reason: MomentoErrorCode.TIMEOUT_ERROR };
  }
  if (response.type === RefreshApiKeyResponse.Error) {
    const reason = response.errorCode();
    if (REFUSALS.includes(reason)) return { kind: 'refused', reason };
    if (reason === MomentoErrorCode.LIMIT_EXCEEDED_ERROR) return { kind: 'throttled', reason };
    return { kind: 'unavailable', reason };
  }
  const secretString = value.withKey({
    apiKey: response.apiKey,
    refreshToken: response.refreshToken,
    validUntil: response.expiresAt.epoch(),
  });
  const successor = readIfValid(secretString);
  if (successor === undefined) return { kind: 'unavailable', reason: 'MALFORMED_RESPONSE' };
  return { kind: 'refreshed', value: successor, secretString };
}
