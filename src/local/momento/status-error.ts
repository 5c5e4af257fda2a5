import type { status } from '@grpc/grpc-js';

/** The name of a gRPC status code, for example `UNAUTHENTICATED`. */
export type StatusName = keyof typeof status;

/** A call that is refused: the gRPC status, and `details` as the message. Never carries a key or a token. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: StatusName;

  constructor(code: StatusName, details: string) {
    super(details);
    this.code = code;
  }
}
