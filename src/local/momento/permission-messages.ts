import type { auth } from '@gomomento/generated-types';
import type { CacheRole, FunctionRole, Permission, Permissions, TopicRole } from './permissions.ts';
import { StatusError } from './status-error.ts';

type Request = Pick<auth.auth._GenerateApiTokenRequest, 'permissions' | 'has_permissions'>;
type PermissionMessage = Request['permissions']['explicit']['permissions'][number];
type CachePermissionsMessage = PermissionMessage['cache_permissions'];
type TopicPermissionsMessage = PermissionMessage['topic_permissions'];
type FunctionPermissionsMessage = PermissionMessage['function_permissions'];

/** The wire's numbers for roles (`permissionmessages.proto`); 0 is no role at all. */
const cacheRoles: readonly (CacheRole | undefined)[] = [undefined, 'readwrite', 'readonly', 'writeonly'];
const topicRoles: readonly (TopicRole | undefined)[] = [undefined, 'publishsubscribe', 'subscribeonly', 'publishonly'];
const functionRoles: readonly (FunctionRole | undefined)[] = [undefined, 'functioninvoke'];

/** @throws {StatusError} `INVALID_ARGUMENT` for what cannot be understood. */
export function readPermissions({ has_permissions, permissions }: Request): Permissions {
  switch (has_permissions ? permissions.kind : 'none') {
    case 'super_user':
      return 'super-user';
    case 'explicit':
      return permissions.explicit.permissions.map(readPermission);
    case 'none':
      throw new StatusError('INVALID_ARGUMENT', 'permissions must be given');
  }
}

function readPermission(message: PermissionMessage): Permission {
  switch (message.kind) {
    case 'cache_permissions':
      return readCachePermission(message.cache_permissions);
    case 'topic_permissions':
      return readTopicPermission(message.topic_permissions);
    case 'function_permissions':
      return readFunctionPermission(message.function_permissions);
    case 'none':
      throw new StatusError('INVALID_ARGUMENT', 'a permission must name a cache, a topic or a function');
  }
}

function readCachePermission(message: CachePermissionsMessage): Permission {
  const { item_selector: items } = message;
  return {
    role: readRole(cacheRoles, message.role),
    ...readCache(message),
    ...(message.cache_item === 'item_selector' && {
      item: items.has_key_prefix ? { startsWith: itemKey(items.key_prefix) } : { is: itemKey(items.key) },
    }),
  };
}

function readTopicPermission(message: TopicPermissionsMessage): Permission {
  const { topic_selector: topics } = message;
  return {
    role: readRole(topicRoles, message.role),
    ...readCache(message),
    ...(message.topic === 'topic_selector' && {
      topic: topics.has_topic_name_prefix ? { startsWith: topics.topic_name_prefix } : { is: topics.topic_name },
    }),
  };
}

function readFunctionPermission(message: FunctionPermissionsMessage): Permission {
  const { function_selector: functions } = message;
  return {
    role: readRole(functionRoles, message.role),
    ...readCache(message),
    ...(message.function === 'function_selector' && {
      func: functions.has_function_name_prefix
        ? { startsWith: functions.function_name_prefix }
        : { is: functions.function_name },
    }),
  };
}

type Scoped = CachePermissionsMessage | TopicPermissionsMessage | FunctionPermissionsMessage;

function readCache({ cache, cache_selector }: Scoped): { cache?: string } {
  return cache === 'cache_selector' ? { cache: cache_selector.cache_name } : {};
}

function readRole<R>(roles: readonly (R | undefined)[], number: number): R {
  const role = roles[number];
  if (role === undefined) throw new StatusError('INVALID_ARGUMENT', 'a permission must have a role');
  return role;
}

/** The key of an item as the model has it: one character a byte. */
export function itemKey(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
