import { AwsServiceError } from '../aws/error.ts';

export { type AwsError, AwsServiceError, notFound, validation } from '../aws/error.ts';

export const invalidParameter = (message: string) => new AwsServiceError('InvalidParameterException', message);

export const invalidRequest = (message: string) => new AwsServiceError('InvalidRequestException', message);

export const resourceExists = (message: string) => new AwsServiceError('ResourceExistsException', message);

export const limitExceeded = (message: string) => new AwsServiceError('LimitExceededException', message);

export const accessDenied = (message: string) => new AwsServiceError('AccessDeniedException', message);

export const invalidNextToken = (message: string) => new AwsServiceError('InvalidNextTokenException', message);
