import { managed, SECRET_NAME } from '../stand-ins.ts';
import { issueAdminKey, type KeyKindName } from './key-kinds.ts';
import { replaceByHand } from './operator.ts';
import type { Continuation, Scenario, World } from './scenario.ts';

/** What can go wrong with the management of v2 keys, and stays wrong until somebody mends it. The current key works on. */

const HOUR_SECONDS = 3600;

const keys: readonly KeyKindName[] = ['v2'];

const storeAdminKey: Continuation = {
  says: 'An operator stores another key to manage keys with. Then Secrets Manager tries the rotation again.',
  first: (world) => replaceAdminKey(world, issueAdminKey(world.standIns.momento)),
  by: 'retry',
};

export const managementScenarios: Record<string, () => Scenario> = {
  'admin-key-denied': () => ({
    title: 'The key that is to manage the others lacks the right to',
    keys,
    arrange: (world) => replaceAdminKey(world, world.key.issue(world.standIns.momento)),
    afterFailure: [storeAdminKey],
  }),

  'admin-key-expired': () => {
    let clockOffsetMs = 0;
    return {
      title: 'The key that manages the others has expired',
      keys,
      options: { momento: { now: () => new Date(Date.now() + clockOffsetMs) } },
      async arrange(world) {
        clockOffsetMs = -2 * HOUR_SECONDS * 1000;
        const expired = issueAdminKey(world.standIns.momento, HOUR_SECONDS);
        clockOffsetMs = 0;
        await replaceAdminKey(world, expired);
      },
      afterFailure: [storeAdminKey],
    };
  },

  'role-deleted': () => ({
    title: 'The role of the current key was deleted, so that no other key can have it',
    keys,
    options: { momento: { behaviour: { keysOfDeletedRole: 'kept' } } },
    async arrange(world) {
      await storeKeyOfRole(world, 'payments');
      world.standIns.momento.deleteRole('payments');
    },
    afterFailure: [
      {
        says: 'An operator creates another role, configures the function to give that one, and stores a key that has it. Then the key is rotated again.',
        first: (world) => storeKeyOfRole(world, 'billing'),
        by: 'rotate',
      },
    ],
  }),
};

async function storeKeyOfRole(world: World, roleId: string): Promise<void> {
  const { momento, lambda } = world.standIns;
  lambda.updateEnvironment(managed(SECRET_NAME, roleId));
  momento.createRole({ roleId, permissions: 'super-user', mayManageKeys: false });
  const key = momento.issueV2Key({ roleId, description: 'an application' });
  await replaceByHand(world, world.secretId, key.secretString);
}

async function replaceAdminKey(world: World, secretString: string): Promise<void> {
  if (world.adminSecretId !== undefined) await replaceByHand(world, world.adminSecretId, secretString);
}
