import { StatusError } from './status-error.ts';

/**
 * What a key may do. Only `super-user` reaches the control plane: even a key that may read and write everything can neither create
 * nor delete a cache (integration tests of Momento's JavaScript SDK), nor list them.
 */
export type Permissions = 'super-user' | readonly Permission[];

export type Permission = CachePermission | TopicPermission | FunctionPermission;

export type CacheRole = 'readwrite' | 'readonly' | 'writeonly';
export type TopicRole = 'publishsubscribe' | 'subscribeonly' | 'publishonly';
export type FunctionRole = 'functioninvoke';

export interface CachePermission {
  role: CacheRole;
  /** @default every cache */
  cache?: string;
  /** @default every item */
  item?: Selector;
}

export interface TopicPermission {
  role: TopicRole;
  /** @default every cache */
  cache?: string;
  /** @default every topic */
  topic?: Selector;
}

export interface FunctionPermission {
  role: FunctionRole;
  /** @default every cache */
  cache?: string;
  /** @default every function */
  func?: Selector;
}

/** Exactly one name, or every name that starts so. */
export type Selector = { is: string } | { startsWith: string };

export type Access = 'read' | 'write';
export type TopicAccess = 'publish' | 'subscribe';

/**
 * @throws {StatusError} `INVALID_ARGUMENT` for an empty list, and for two entries on the same subject (integration tests of
 *   Momento's JavaScript SDK).
 */
export function checkPermissions(permissions: Permissions): void {
  if (permissions === 'super-user') return;
  if (permissions.length === 0) throw new StatusError('INVALID_ARGUMENT', 'permissions must not be empty');
  const subjects = new Set(permissions.map(subjectOf));
  if (subjects.size < permissions.length) {
    throw new StatusError('INVALID_ARGUMENT', 'permissions must not name the same subject twice');
  }
}

export function permits(permissions: Permissions, access: Access, cache: string, item: string): boolean {
  if (permissions === 'super-user') return true;
  return permissions.some(
    (permission) =>
      grants(permission, access) && covers(permission, cache) && (!permission.item || selects(permission.item, item)),
  );
}

export function permitsTopic(permissions: Permissions, access: TopicAccess, cache: string, topic: string): boolean {
  if (permissions === 'super-user') return true;
  return permissions.some(
    (permission) =>
      grantsTopic(permission, access) &&
      covers(permission, cache) &&
      (!permission.topic || selects(permission.topic, topic)),
  );
}

function grants(permission: Permission, access: Access): permission is CachePermission {
  return permission.role === 'readwrite' || permission.role === `${access}only`;
}

function grantsTopic(permission: Permission, access: TopicAccess): permission is TopicPermission {
  return permission.role === 'publishsubscribe' || permission.role === `${access}only`;
}

function covers({ cache }: Permission, name: string): boolean {
  return cache === undefined || cache === name;
}

function selects(selector: Selector, name: string): boolean {
  return 'is' in selector ? name === selector.is : name.startsWith(selector.startsWith);
}

const kinds: Readonly<Record<Permission['role'], 'cache' | 'topic' | 'function'>> = {
  readwrite: 'cache',
  readonly: 'cache',
  writeonly: 'cache',
  publishsubscribe: 'topic',
  subscribeonly: 'topic',
  publishonly: 'topic',
  functioninvoke: 'function',
};

function subjectOf({ role, cache, ...names }: Permission): string {
  return JSON.stringify([kinds[role], cache, names]);
}
