import { dirname } from 'node:path';

/** Why a file or folder cannot be written. */
const UNWRITABLE = ['EACCES', 'EDQUOT', 'EEXIST', 'EISDIR', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS'];

/** What is wrong with the loopback interface. */
const NO_LOOPBACK = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETDOWN', 'ENETUNREACH'];

/**
 * A sentence about an error for which nobody but the machine is to blame: a port, the loopback interface, a folder that cannot be
 * written. Undefined for any other.
 *
 * @param portOptions by which options a command's ports are chosen
 */
export function describeEnvironmentError(
  error: unknown,
  portOptions: Readonly<Record<string, number>> = {},
): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const {
    code = '',
    syscall,
    address,
    port,
    path,
  } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  // Where it is down, some systems refuse to listen, and others to connect.
  if (['listen', 'bind', 'connect'].includes(syscall ?? '') && NO_LOOPBACK.includes(code)) {
    return `${address} cannot be used (${code}): is the loopback interface up?`;
  }
  if (syscall === 'listen' || syscall === 'bind') {
    const [option] = Object.entries(portOptions).find(([, chosen]) => chosen === port) ?? [];
    const remedy = option === undefined ? '' : `; choose another with ${option}, or 0 for any that is free`;
    if (code === 'EADDRINUSE') return `port ${port} is taken${remedy}`;
    if (code === 'EACCES' || code === 'EPERM') return `port ${port} may not be listened on (${code})${remedy}`;
    return undefined;
  }
  if (path === undefined) return undefined;
  if (syscall === 'mkdtemp') {
    return `the temporary folder ${dirname(path)} cannot be written (${code}); name another one in TMPDIR`;
  }
  return UNWRITABLE.includes(code) ? `${path} cannot be written (${code})` : undefined;
}
