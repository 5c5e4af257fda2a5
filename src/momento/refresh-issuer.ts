import type { Credential, Issuer } from '../rotation/credential.ts';
import type { Refresh } from './refresh.ts';
import type { SecretValue } from './secret-value.ts';

/** What a refusal says as long as the current key works. */
const SPENT =
  'its refresh token was probably used before, and the key issued then was lost, or another invocation is still about to store it. If the next try succeeds, nothing needs doing.';

/**
 * Issues the successor of a v1 key by a refresh. It may be tried as long as there is time: what is issued and lost expires by
 * itself. The wait is deliberately long: giving up on an answer that is under way would drop the key in it.
 *
 * @param refresh one attempt, which never rejects
 */
export function refreshIssuer(
  refresh: (timeoutMs: number) => Promise<Refresh>,
  credentialOf: (value: SecretValue) => Credential,
): Issuer {
  return {
    timeoutMs: 60_000,
    maxUnanswered: Number.POSITIVE_INFINITY,
    fate: { unanswered: 'expires by itself', lost: 'expires by itself' },
    async issue(timeoutMs) {
      const answer = await refresh(timeoutMs);
      switch (answer.kind) {
        case 'refreshed':
          return { kind: 'issued', secretString: answer.secretString, successor: credentialOf(answer.value) };
        case 'refused':
          return { kind: 'spent', reason: answer.reason, explanation: SPENT };
        case 'throttled':
          return answer;
        case 'unavailable':
          return { ...answer, mayHaveIssued: true };
      }
    },
  };
}
