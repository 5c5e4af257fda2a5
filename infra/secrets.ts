import { Fn, Names, Stack, Token } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSecret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { looksLikeApiKey } from '../src/momento/encoded-key.ts';
import { isSecretName } from '../src/rotation/secret-id.ts';
import { ConfigurationError } from './configuration-error.ts';
import { requireKeyArn } from './keys.ts';

/** How the services want to hear of a secret. */
export interface NamedSecret {
  /** For the ids of what belongs to it, so that nothing of one secret changes when another one comes or goes. */
  readonly id: string;
  /** For Secrets Manager: its name or its ARN. May be a token. */
  readonly secretId: string;
  /** An upper bound of how many characters that has when it is deployed. */
  readonly secretIdLength: number;
  /** For policies: its ARN, where need be with `??????` for the six characters that the service chose. */
  readonly policyArn: string;
  /** An upper bound of its ARN's length, in characters. */
  readonly arnLength: number;
  /** The customer-managed key. */
  readonly key: IKey | undefined;
}

/**
 * A secret that is to be rotated.
 *
 * Its `secretId` is, of an imported secret, the name, however it was imported: a schedule with another `SecretId` is another
 * schedule. A partial ARN would not do, being ambiguous for a name that ends with a hyphen and six characters. Of a secret
 * of the app it is the ARN, so that it is there first.
 */
export interface RotatedSecret extends NamedSecret {
  /** `Name` of `DescribeSecret`. May be a token. */
  readonly name: string;
  /** What every ARN of it begins with: all of it, where that is known. */
  readonly arnPrefix: string;
}

/**
 * A secret with a key that manages others. The function reads it, and does not rotate it by that. Its `id` is that of the
 * rotated secret, if it is one; its `secretId` the ARN where all of that is known.
 */
export type AdminSecret = NamedSecret;

/** Of a secret's name (API reference, `CreateSecret`). */
const LONGEST_NAME = 512;
/** `arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:`, the longest there is, with a little room. */
const LONGEST_ARN_PREFIX = 72;
/** The hyphen and the six characters that the service puts behind a name. */
const SUFFIX_LENGTH = 7;
/** The hyphen and what CloudFormation puts behind the logical id of a secret that was given no name. */
const GENERATED_LENGTH = 13;

/**
 * @throws ConfigurationError with what to write instead
 */
export function readSecrets(scope: Construct, secrets: readonly ISecret[]): RotatedSecret[] {
  if (secrets.length === 0) {
    throw new ConfigurationError(
      "secrets is empty. Write for example [Secret.fromSecretNameV2(this, 'Secret', 'momento/key')].",
    );
  }
  const read = secrets.map((secret) => readSecret(scope, secret));
  const seen = new Set<string>();
  for (const { id, name } of read) {
    if (seen.has(id))
      throw new ConfigurationError(
        `The secret ${name} is given twice. Leave one of them out: a secret has one rotation schedule.`,
      );
    seen.add(id);
  }
  return read;
}

/**
 * @throws ConfigurationError with what to write instead
 */
export function readAdminSecret(scope: Construct, secret: ISecret): AdminSecret {
  const { secretArn, secretFullArn, secretName, encryptionKey } = secret;
  const literalName = nameOf(secret);
  requireName(secret, literalName ?? secretName);
  const name = literalName ?? secret.node.path;
  requireSamePlace(scope, secretArn, name, (what) =>
    what === 'region'
      ? "Give an adminSecret of the stack's region: a replica there will do."
      : "Give an adminSecret of the stack's account.",
  );
  if (encryptionKey !== undefined) requireKeyArn(encryptionKey, `The encryption key of the secret ${name}`);
  return nameForServices(scope, secret, secretFullArn ?? literalName ?? secretName);
}

/** The one among those that are rotated, if it is there, also when it was imported in another way. */
export function findRotated(rotated: readonly RotatedSecret[], secret: ISecret): RotatedSecret | undefined {
  const id = constructId(secret, nameOf(secret));
  return rotated.find((each) => each.id === id);
}

/** The construct id for a secret's name. The CDK writes `/` as `--`, which a name may have too, but no name has a colon. */
export function idOf(name: string): string {
  return name.replaceAll('/', ':');
}

function readSecret(scope: Construct, secret: ISecret): RotatedSecret {
  const { secretArn, secretFullArn, encryptionKey } = secret;
  const literalName = nameOf(secret);
  const name = literalName ?? nameToCome(secret);
  requireName(secret, name);
  requireSamePlace(
    scope,
    secretArn,
    name,
    (what, theirs) => `Put the construct into a stack with env: { ${what}: '${theirs}' }.`,
  );
  if (encryptionKey !== undefined) requireKeyArn(encryptionKey, `The encryption key of the secret ${name}`);
  return {
    ...nameForServices(scope, secret, isOwned(secret) ? secretArn : name),
    name,
    arnPrefix: secretFullArn ?? `${secretArn}-`,
  };
}

function nameForServices(scope: Construct, secret: ISecret, secretId: string): NamedSecret {
  const literalName = nameOf(secret);
  const { secretArn, secretFullArn, encryptionKey } = secret;
  return {
    id: constructId(secret, literalName),
    secretId,
    secretIdLength: Token.isUnresolved(secretId)
      ? longestArn(literalName?.length ?? longestNameOf(scope, secret))
      : secretId.length,
    policyArn: secretFullArn ?? `${secretArn}-??????`,
    arnLength: longestArn(literalName?.length ?? LONGEST_NAME),
    key: encryptionKey,
  };
}

function constructId({ node }: ISecret, literalName: string | undefined): string {
  return literalName === undefined ? Names.nodeUniqueId(node) : idOf(literalName);
}

function longestArn(nameLength: number): number {
  return LONGEST_ARN_PREFIX + nameLength + SUFFIX_LENGTH;
}

/** Of a name that is not known at synthesis. */
function longestNameOf(scope: Construct, secret: ISecret): number {
  if (!isOwned(secret) || hasName(secret)) return LONGEST_NAME;
  const logicalId: string = Stack.of(scope).resolve(secret.node.defaultChild.logicalId);
  return logicalId.length + GENERATED_LENGTH;
}

/** The name, where it is known at synthesis. An ARN's end is, often, when its region and account are not. */
function nameOf(secret: ISecret): string | undefined {
  if (isOwned(secret)) return literal(secret.node.defaultChild.name);
  const inArn = /:secret:([\w/+=.@-]+)$/.exec(secret.secretArn)?.[1];
  if (inArn === undefined) return literal(secret.secretName);
  return secret.secretFullArn === undefined ? inArn : inArn.slice(0, -SUFFIX_LENGTH);
}

/** The name as CloudFormation will know it. Metrics are by name, and functions of templates cannot cut an ARN's end off. */
function nameToCome(secret: ISecret): string {
  const { node, secretArn, secretFullArn, secretName } = secret;
  if (isOwned(secret)) {
    if (hasName(secret)) return secret.node.defaultChild.name;
    // CloudFormation makes it of two parts, and the service puts a third one behind it in the ARN.
    const parts = Fn.split('-', Fn.select(6, Fn.split(':', secretArn)), 3);
    return Fn.join('-', parts.slice(0, 2));
  }
  if (secretFullArn === undefined) return secretName;
  throw new ConfigurationError(
    `${node.path} has a name that is not known at synthesis, but its metrics go by it. Import the secret with Secret.fromSecretNameV2, or with the secretPartialArn of Secret.fromSecretAttributes.`,
  );
}

type OwnedSecret = ISecret & { node: { defaultChild: CfnSecret } };

/** Is it created by the app? Imported ones have no resource. */
function isOwned(secret: ISecret): secret is OwnedSecret {
  return secret.node.defaultChild instanceof CfnSecret;
}

/** A secret that was given no name has none, or a token that comes to nothing. */
function hasName(secret: OwnedSecret): secret is OwnedSecret & { node: { defaultChild: { name: string } } } {
  const { name } = secret.node.defaultChild;
  return name !== undefined && Stack.of(secret).resolve(name) !== undefined;
}

function literal(name: string | undefined): string | undefined {
  return name !== undefined && !Token.isUnresolved(name) && isSecretName(name) ? name : undefined;
}

/** Secrets Manager invokes functions of a secret's own region, and this function serves its own account. */
function requireSamePlace(
  scope: Construct,
  secretArn: string,
  name: string,
  remedy: (what: 'region' | 'account', theirs: string) => string,
): void {
  const { region, account } = Stack.of(scope);
  const [, , , secretRegion = '', secretAccount = ''] = Token.isUnresolved(secretArn) ? [] : secretArn.split(':');
  for (const [what, theirs, ours] of [
    ['region', secretRegion, region],
    ['account', secretAccount, account],
  ] as const) {
    if (theirs !== '' && !Token.isUnresolved(ours) && theirs !== ours) {
      throw new ConfigurationError(
        `The secret ${name} is in ${what} ${theirs}, the stack in ${ours}. ${remedy(what, theirs)}`,
      );
    }
  }
}

/** Or CloudFormation, and every invocation, would refuse it. Not repeated: it may be a key in the wrong place. */
function requireName({ node }: ISecret, name: string): void {
  if (Token.isUnresolved(name) || (isSecretName(name) && !looksLikeApiKey(name))) return;
  throw new ConfigurationError(
    `${node.path} has no name that a secret can have. Write a name of up to 512 letters, digits and /_+=.@-, and no API key.`,
  );
}
