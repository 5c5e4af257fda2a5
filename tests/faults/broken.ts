import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import type { MomentoKind } from '../../src/momento/kind.ts';
import type { Credential } from '../../src/rotation/credential.ts';
import { RotationError, SecretStoreError } from '../../src/rotation/errors.ts';
import { openSecret } from '../../src/rotation/secret.ts';
import { holderOf, type SecretDescription, type SecretStore } from '../../src/rotation/secret-store.ts';
import { withIssuer } from '../sandbox.ts';
import type { RunStep, StepTask } from './entry-point.ts';
import { realSteps } from './world.ts';

/** The function, with one thing wrong with it. */
export interface Broken {
  run: RunStep;
  /** The invariant that it breaks. */
  caughtBy: string;
}

/** The real steps over a store that does something else. */
export const withStore = (change: (store: SecretStore, rotation: StepTask) => Partial<SecretStore>): RunStep => {
  return (step, rotation, client, link) => {
    const store = { ...rotation.store, ...change(rotation.store, rotation) };
    return realSteps(step, { ...rotation, store }, client, link);
  };
};

export const withKind = (change: (kind: MomentoKind, rotation: StepTask) => Partial<MomentoKind>): RunStep => {
  return (step, rotation, client, link) => {
    const kind = { ...rotation.kind, ...change(rotation.kind, rotation) };
    return realSteps(step, { ...rotation, kind }, client, link);
  };
};

/** The real steps with credentials that do something else. */
export const withCredential = (change: (credential: Credential) => Partial<Credential>): RunStep =>
  withKind((kind) => ({
    read(secretString) {
      const credential = kind.read(secretString);
      return { ...credential, ...change(credential) };
    },
  }));

export const describing = (
  change: (description: SecretDescription, rotation: StepTask) => SecretDescription,
): RunStep =>
  withStore((store, rotation) => ({
    describe: async (...request) => change(await store.describe(...request), rotation),
  }));

export const broken: Record<string, Broken> = {
  'skips the ping': {
    run: withCredential(() => ({ ping: async () => ({ kind: 'accepted' }) })),
    caughtBy: 'success-left-its-effect',
  },
  'takes the word of another sandbox for the ping': {
    run: (step, rotation, client, link) => {
      const { memory, budget } = rotation;
      if (step === 'finishSecret') Object.assign(memory, { acceptedAt: budget.clock.now(), predecessor: undefined });
      return realSteps(step, rotation, client, link);
    },
    caughtBy: 'promoted-was-accepted',
  },
  'swallows errors': {
    run: (step, rotation, client, link) => realSteps(step, rotation, client, link).catch(() => 'failed'),
    caughtBy: 'success-left-its-effect',
  },
  'is content when its version is not staged': {
    run: async (step, rotation, client, link) => {
      try {
        return await realSteps(step, rotation, client, link);
      } catch (error) {
        if (error instanceof RotationError && error.message.includes('is not staged')) return 'nothing to do';
        throw error;
      }
    },
    caughtBy: 'success-left-its-effect',
  },
  'puts without VersionStages': {
    run: (step, rotation, client, link) => {
      const store: SecretStore = {
        ...rotation.store,
        async putPending(SecretId, { versionId, secretString, rotationToken }) {
          await client.send(
            new PutSecretValueCommand({
              SecretId,
              ClientRequestToken: versionId,
              SecretString: secretString,
              RotationToken: rotationToken,
            }),
          );
        },
      };
      return realSteps(step, { ...rotation, store }, client, link);
    },
    caughtBy: 'promoted-was-accepted',
  },
  'promotes before testing': {
    run: async (step, rotation, client, link) => {
      if (step === 'testSecret') await moveAnyhow(rotation);
      return realSteps(step, rotation, client, link);
    },
    caughtBy: 'promoted-was-accepted',
  },
  'promotes without looking at the version': {
    run: async (step, rotation, client, link) => {
      if (step !== 'finishSecret') return realSteps(step, rotation, client, link);
      await moveAnyhow(rotation);
      return 'promoted';
    },
    caughtBy: 'acts-only-in-rotation',
  },
  'refreshes twice': {
    run: withKind((kind) =>
      withIssuer(kind, ({ issue }) => ({
        async issue(timeoutMs) {
          await issue(timeoutMs);
          return issue(timeoutMs);
        },
      })),
    ),
    caughtBy: 'no-key-dropped',
  },
  'keeps quiet about a key that is lost': {
    run: (step, rotation, client, link) =>
      realSteps(step, { ...rotation, report: { ...rotation.report, warn: () => {} } }, client, link),
    caughtBy: 'no-key-dropped',
  },
  'puts another value when a put failed': {
    run: withStore((store, { kind, budget, report, ...rotation }) => ({
      async putPending(secretId, version, timeoutMs) {
        try {
          await store.putPending(secretId, version, timeoutMs);
        } catch {
          const secret = openSecret(store, rotation.secretId, budget);
          const { versionId } = rotation;
          const predecessor = { versionId, storedAt: undefined };
          const issuer = await kind
            .read(version.secretString)
            .issuerFor({ secret, secretArn: secret.id, versionId, predecessor, report });
          const issue = await issuer.issue(budget.remaining());
          if (issue.kind !== 'issued') throw new RotationError('transient', 'No other value.');
          await store.putPending(secretId, { ...version, secretString: issue.secretString }, timeoutMs);
        }
      },
    })),
    caughtBy: 'looks-before-repeating',
  },
  'drops the key at the first put that fails': {
    run: (step, rotation, client, link) => {
      let hasFailed = false;
      const budget = { ...rotation.budget, remaining: () => (hasFailed ? 0 : rotation.budget.remaining()) };
      const store: SecretStore = {
        ...rotation.store,
        putPending: (...request) =>
          rotation.store.putPending(...request).catch((error) => {
            hasFailed = true;
            throw error;
          }),
      };
      return realSteps(step, { ...rotation, budget, store }, client, link);
    },
    caughtBy: 'stores-to-the-last',
  },
  'forgets the RotationToken': {
    run: (step, rotation, client, link) => realSteps(step, { ...rotation, rotationToken: undefined }, client, link),
    caughtBy: 'remedy-mends',
  },
  'keeps a pending version that can never work': {
    run: withStore(() => ({ removePending: async () => {} })),
    caughtBy: 'class-tells-truth',
  },
  'gives the version up when there was no answer': {
    run: async (step, rotation, client, link) => {
      try {
        return await realSteps(step, rotation, client, link);
      } catch (error) {
        const { store, secretId, versionId } = rotation;
        await store.removePending(secretId, versionId, 3000).catch(() => undefined);
        throw error;
      }
    },
    caughtBy: 'keeps-good-pending',
  },
  'gives the version up when a refresh is refused': {
    run: async (step, rotation, client, link) => {
      try {
        return await realSteps(step, rotation, client, link);
      } catch (error) {
        const isRefusal = error instanceof RotationError && error.message.includes('refuses to issue');
        const { store, secretId, versionId } = rotation;
        if (isRefusal) await store.removePending(secretId, versionId, 3000);
        throw error;
      }
    },
    caughtBy: 'keeps-good-pending',
  },
  'logs the value': {
    run: withStore((store, { report }) => ({
      async getVersion(...request) {
        const version = await store.getVersion(...request);
        report.warn(`read ${version?.secretString}`);
        return version;
      },
    })),
    caughtBy: 'no-secret-leaves',
  },
  'quotes a part of the RotationToken in an error': {
    run: (step, rotation, client, link) =>
      realSteps(step, rotation, client, link).catch(() => {
        throw new RotationError('transient', `failed with ${rotation.rotationToken?.slice(0, 12)}`);
      }),
    caughtBy: 'no-secret-leaves',
  },
  'moves AWSCURRENT without naming its holder': {
    run: (step, rotation, client, link) => {
      const store: SecretStore = {
        ...rotation.store,
        async moveCurrent(SecretId, { to }) {
          const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: to };
          await client.send(new UpdateSecretVersionStageCommand(move));
        },
      };
      return realSteps(step, { ...rotation, store }, client, link);
    },
    caughtBy: 'recovers',
  },
  'aims again when AWSCURRENT has moved': {
    run: withStore((store) => ({
      async moveCurrent(secretId, { to }, timeoutMs) {
        const from = holderOf(await store.describe(secretId, timeoutMs), 'AWSCURRENT') ?? to;
        await store.moveCurrent(secretId, { from, to }, timeoutMs);
      },
    })),
    caughtBy: 'operator-wins',
  },
  'forgets whose successor it issued': {
    run: (step, rotation, client, link) => {
      const { memory } = rotation;
      if (step === 'finishSecret') delete memory.predecessor;
      return realSteps(step, rotation, client, link);
    },
    caughtBy: 'operator-wins',
  },
  'goes on when rotation is off': {
    run: describing((description) => ({ ...description, rotationEnabled: true })),
    caughtBy: 'acts-only-in-rotation',
  },
  'goes on when the label is gone': {
    run: describing((description, { versionId }) => {
      const labels = description.stages[versionId] ?? [];
      return { ...description, stages: { ...description.stages, [versionId]: [...labels, 'AWSPENDING'] } };
    }),
    caughtBy: 'acts-only-in-rotation',
  },
  'promotes a key that may do less': {
    run: withCredential((credential) => ({
      async ping(timeoutMs) {
        const ping = await credential.ping(timeoutMs);
        return ping.kind === 'denied' ? { kind: 'accepted' } : ping;
      },
    })),
    caughtBy: 'promoted-keeps-rights',
  },
  'makes a move again without looking': {
    run: withStore((store) => ({
      moveCurrent: (...request) => store.moveCurrent(...request).catch(() => store.moveCurrent(...request)),
    })),
    caughtBy: 'looks-before-repeating',
  },
  'asks for another key without looking for the first': {
    run: withKind((kind) =>
      withIssuer(kind, ({ issue }) => ({
        async issue(timeoutMs) {
          const first = await issue(timeoutMs);
          return first.kind === 'unavailable' ? issue(timeoutMs) : first;
        },
      })),
    ),
    caughtBy: 'looks-before-repeating',
  },
  'calls a human for what passes': {
    run: (step, rotation, client, link) =>
      realSteps(step, rotation, client, link).catch((error) => {
        throw new RotationError('operator', String(error));
      }),
    caughtBy: 'class-tells-truth',
  },
  'throws what is not its own error': {
    run: (step, rotation, client, link) =>
      realSteps(step, rotation, client, link).catch((error) => {
        throw new Error(String(error));
      }),
    caughtBy: 'class-tells-truth',
  },
  'does not watch the time': {
    run: (step, rotation, client, link) =>
      realSteps(step, { ...rotation, budget: { ...rotation.budget, remaining: () => 30_000 } }, client, link),
    caughtBy: 'ends-in-time',
  },
  'never tries a call again': {
    run: (step, rotation, client, link) => {
      const remaining = () => Math.min(60, rotation.budget.remaining());
      return realSteps(step, { ...rotation, budget: { ...rotation.budget, remaining } }, client, link);
    },
    caughtBy: 'absorbs-a-passing-mishap',
  },
  'tries again at once': {
    run: (step, rotation, client, link) => {
      const { budget } = rotation;
      return realSteps(
        step,
        { ...rotation, budget: { ...budget, clock: { ...budget.clock, sleep: async () => {} } } },
        client,
        link,
      );
    },
    caughtBy: 'does-not-hammer',
  },
  'does not look at the date of a key': {
    run: withCredential(() => ({ expiresAt: undefined })),
    caughtBy: 'knows-what-expired',
  },
  'does not measure how long the new key lives': {
    run: (step, rotation, client, link) =>
      realSteps(step, { ...rotation, report: { ...rotation.report, measure: () => {} } }, client, link),
    caughtBy: 'warns-early',
  },
  'counts a rotation that another sandbox finished': {
    run: async (step, rotation, client, link) => {
      const outcome = await realSteps(step, rotation, client, link);
      if (step === 'finishSecret' && outcome !== 'promoted') rotation.report.measure('RotationSucceeded', 1);
      return outcome;
    },
    caughtBy: 'counts-promotions',
  },
  'tests a version that lost its label': {
    run: withStore((store) => ({
      async getVersion(...request) {
        const version = await store.getVersion(...request);
        return version && { ...version, stages: ['AWSPENDING'] };
      },
    })),
    caughtBy: 'tests-only-what-is-staged',
  },
  'blames another call': {
    run: (step, rotation, client, link) =>
      realSteps(step, rotation, client, link).catch((error) => {
        if (!(error instanceof SecretStoreError)) throw error;
        throw new SecretStoreError('ListSecrets', error.code, { transient: error.failure === 'transient' });
      }),
    caughtBy: 'names-what-failed',
  },
  'fails without a word': {
    run: (step, rotation, client, link) =>
      realSteps(step, rotation, client, link).catch(({ failure }) => {
        throw new RotationError(failure, '');
      }),
    caughtBy: 'is-not-silent',
  },
  'reads more than it needs': {
    run: async (step, rotation, client, link) => {
      await rotation.store.describe(rotation.secretId, 3000).catch(() => undefined);
      return realSteps(step, rotation, client, link);
    },
    caughtBy: 'seven-and-two',
  },
};

/** Moves AWSCURRENT to the version in rotation from wherever it is. */
async function moveAnyhow({ store, secretId, versionId }: StepTask): Promise<void> {
  const from = holderOf(await store.describe(secretId, 3000), 'AWSCURRENT');
  if (from !== undefined && from !== versionId) await store.moveCurrent(secretId, { from, to: versionId }, 3000);
}
