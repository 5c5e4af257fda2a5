/** An error as an AWS service's answer carries it. `status` is the HTTP status, by default the service's own for this code. */
export interface AwsError {
  code: string;
  message: string;
  status?: number;
}

/** What an action throws. `name` is the error code, as on the exceptions of the AWS SDK. */
export class AwsServiceError extends Error implements AwsError {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = code;
    this.code = code;
  }
}

export const notFound = (message: string) => new AwsServiceError('ResourceNotFoundException', message);

export const validation = (message: string) => new AwsServiceError('ValidationException', message);

export const serialization = (message: string) => new AwsServiceError('SerializationException', message);
