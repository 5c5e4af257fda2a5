import fc from 'fast-check';

/** What happens to one call over the wire. `kill`: the function's process is killed when the call has arrived. */
export interface WireMishap {
  /** `apiKeys`: Momento's HTTP API of v2 keys. */
  service: 'secretsManager' | 'momento' | 'apiKeys';
  call: string;
  at: 'before' | 'after';
  kind: 'throttled' | 'serverError' | 'disconnect' | 'malformed' | 'silence' | 'kill';
  skip: number;
}

export interface WirePlan {
  /** Which the secret holds. v2 keys manage themselves, and one rotation went well before. */
  keys: 'v1' | 'v2';
  mishaps: WireMishap[];
  /** The service's own retries while mishaps may still come. */
  retries: number;
}

const KINDS = ['throttled', 'serverError', 'disconnect', 'malformed', 'silence', 'kill', 'kill'] as const;

/** A call, and how many of them a rotation makes besides the first. */
type Target = readonly [WireMishap['service'], string, number];

const COMMON: Target[] = [
  ['secretsManager', 'DescribeSecret', 1],
  ['secretsManager', 'GetSecretValue', 2],
  ['secretsManager', 'PutSecretValue', 0],
  ['secretsManager', 'UpdateSecretVersionStage', 0],
  ['momento', 'Get', 0],
];

const TARGETS: Record<WirePlan['keys'], Target[]> = {
  v1: [...COMMON, ['momento', 'RefreshApiToken', 0]],
  v2: [...COMMON, ['apiKeys', 'GenerateApiKey', 0], ['apiKeys', 'ListApiKeys', 1], ['apiKeys', 'RevokeApiKey', 0]],
};

const mishapOf = (keys: WirePlan['keys']): fc.Arbitrary<WireMishap> =>
  fc
    .record({
      target: fc.constantFrom(...TARGETS[keys]),
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

/** One in four with v2 keys, which take seconds: an overlap has to pass. */
export function drawPlans(numRuns: number, seed: number): WirePlan[] {
  const plan = fc.constantFrom<WirePlan['keys']>('v1', 'v1', 'v1', 'v2').chain((keys) =>
    fc.record({
      keys: fc.constant(keys),
      mishaps: fc.array(mishapOf(keys), { minLength: 1, maxLength: 2 }),
      retries: fc.nat({ max: 1 }),
    }),
  );
  return fc.sample(plan, { numRuns, seed });
}
