import type { Permissions } from './permissions.ts';
import { StatusError } from './status-error.ts';

/** What a v2 key may do is said by its role. */
export interface Role {
  readonly roleId: string;
  /** May be an empty list: a role that may not even read. */
  readonly permissions: Permissions;
  /** The right `auth_management`: to generate, list and revoke v2 keys. */
  readonly mayManageKeys: boolean;
}

export interface Roles {
  /** @throws {StatusError} `ALREADY_EXISTS` */
  create(role: Role): void;
  /** @throws {StatusError} `NOT_FOUND` */
  open(roleId: string): Role;
  /** Returns what it was. @throws {StatusError} `NOT_FOUND` */
  delete(roleId: string): Role;
  /** Undefined for a role that does not exist, or no longer. */
  find(roleId: string): Role | undefined;
}

/** The roles that every account has (docs.momentohq.com, "API keys"); their ids are not documented. */
const systemRoles: readonly Role[] = [
  { roleId: 'owner', permissions: 'super-user', mayManageKeys: true },
  { roleId: 'operator', permissions: 'super-user', mayManageKeys: false },
  { roleId: 'viewer', permissions: [{ role: 'readonly' }], mayManageKeys: false },
];

export function createRoles(): Roles {
  const roles = new Map(systemRoles.map((role) => [role.roleId, role]));
  const open = (roleId: string) => {
    const role = roles.get(roleId);
    if (!role) throw new StatusError('NOT_FOUND', 'role_id: there is no such role');
    return role;
  };
  return {
    open,
    create(role) {
      if (roles.has(role.roleId)) throw new StatusError('ALREADY_EXISTS', `Role already exists: ${role.roleId}`);
      // A copy: a role that is created once more is another one.
      roles.set(role.roleId, { ...role });
    },
    delete(roleId) {
      const role = open(roleId);
      roles.delete(roleId);
      return role;
    },
    find: (roleId) => roles.get(roleId),
  };
}
