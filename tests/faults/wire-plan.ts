import fc from 'fast-check';

/** What happens to one call over the wire. `kill`: the function's process is killed when the call has arrived. */
export interface WireMishap {
  service: 'secretsManager' | 'momento';
  call: string;
  at: 'before' | 'after';
  kind: 'throttled' | 'serverError' | 'disconnect' | 'malformed' | 'silence' | 'kill';
  skip: number;
}

export interface WirePlan {
  mishaps: WireMishap[];
  /** The service's own retries while mishaps may still come. */
  retries: number;
}

const KINDS = ['throttled', 'serverError', 'disconnect', 'malformed', 'silence', 'kill', 'kill'] as const;

const mishap: fc.Arbitrary<WireMishap> = fc
  .record({
    target: fc.constantFrom(
      ['secretsManager', 'DescribeSecret', 1] as const,
      ['secretsManager', 'GetSecretValue', 2] as const,
      ['secretsManager', 'PutSecretValue', 0] as const,
      ['secretsManager', 'UpdateSecretVersionStage', 0] as const,
      ['momento', 'RefreshApiToken', 0] as const,
      ['momento', 'Get', 0] as const,
    ),
    at: fc.constantFrom('before', 'after'),
    kind: fc.constantFrom(...KINDS),
    skip: fc.nat({ max: 2 }),
  })
  .map(({ target: [service, call, times], at, kind, skip }) => ({
    service,
    call,
    at,
    kind,
    skip: Math.min(skip, times),
  }));

export function drawPlans(numRuns: number, seed: number): WirePlan[] {
  const plan = fc.record({ mishaps: fc.array(mishap, { minLength: 1, maxLength: 2 }), retries: fc.nat({ max: 1 }) });
  return fc.sample(plan, { numRuns, seed });
}
