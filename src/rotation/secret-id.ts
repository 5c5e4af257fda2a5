/** What the service takes as the name of a secret (API reference, `CreateSecret`). */
const NAME = /^[\w/+=.@-]{1,512}$/;

/** Its name, or its ARN, whole or without the characters that the service adds. */
const SECRET_ID = /^(arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:)?[\w/+=.@-]{1,519}$/;

/** The service puts six characters behind a name in an ARN. */
const ARN = /^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(.+)-[A-Za-z0-9]{6}$/;

export const isSecretName = (text: string): boolean => NAME.test(text);

/** Whether a text can name a secret at all. */
export const isSecretId = (text: string): boolean => SECRET_ID.test(text);

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
