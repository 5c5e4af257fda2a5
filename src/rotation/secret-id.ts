/** The service puts six characters behind a name in an ARN. */
const ARN = /^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(.+)-[A-Za-z0-9]{6}$/;

/**
 * Whether two texts name one secret of this account and Region, each by its name or its whole ARN. A part of an ARN names none: it is
 * ambiguous for a name that ends with a hyphen and six characters.
 */
export function isSameSecret(one: string, other: string): boolean {
  return one === other || nameIn(one) === other || one === nameIn(other);
}

export const isArn = (secretId: string): boolean => ARN.test(secretId);

/** `momento/authentication-token`, of its ARN or itself. */
export const secretName = (secretId: string): string => nameIn(secretId) ?? secretId;

const nameIn = (arn: string): string | undefined => ARN.exec(arn)?.[1];
