/** An error as the service's JSON carries it. `status` is the HTTP status. @default 400 */
export interface AwsError {
  code: string;
  message: string;
  status?: number;
}

/** What an action throws. `name` is the error code, as on the exceptions of the AWS SDK. */
export class SecretsManagerError extends Error implements AwsError {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = code;
    this.code = code;
  }
}

export const invalidParameter = (message: string) => new SecretsManagerError('InvalidParameterException', message);

export const invalidRequest = (message: string) => new SecretsManagerError('InvalidRequestException', message);

export const notFound = (message: string) => new SecretsManagerError('ResourceNotFoundException', message);

export const resourceExists = (message: string) => new SecretsManagerError('ResourceExistsException', message);

export const limitExceeded = (message: string) => new SecretsManagerError('LimitExceededException', message);

export const accessDenied = (message: string) => new SecretsManagerError('AccessDeniedException', message);

export const validation = (message: string) => new SecretsManagerError('ValidationException', message);
