import { describe, expect, test } from 'vitest';
import { eventReader } from '../src/event.ts';

const readEvent = eventReader((text) => text.includes('credential'));

const step = { Step: 'createSecret', SecretId: 'arn', ClientRequestToken: 'token' };

describe('an event of the rotation protocol', () => {
  test.each(['createSecret', 'setSecret', 'testSecret', 'finishSecret'])('asks for %s', (name) => {
    expect(readEvent({ ...step, Step: name })).toEqual({
      kind: 'step',
      step: name,
      secretId: 'arn',
      versionId: 'token',
      rotationToken: undefined,
    });
  });

  test('hands its RotationToken on', () => {
    expect(readEvent({ ...step, RotationToken: 'sensitive' })).toMatchObject({ rotationToken: 'sensitive' });
  });
});

test.each([
  'name',
  'momento/authentication-token',
  'arn:aws:secretsmanager:us-east-1:123456789012:secret:momento/authentication-token-AbCdEf',
  'arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:a+b=c.d@e_f',
])('a secret may be named as %s', (SecretId) => {
  expect(readEvent({ SecretId })).toEqual({ kind: 'rotate', secretId: SecretId });
});

describe('an event that starts a rotation by hand', () => {
  test.each([{ momento_auth_token_secret_name: 'name' }, { SecretId: 'name' }])('may look like %j', (event) => {
    expect(readEvent(event)).toEqual({ kind: 'rotate', secretId: 'name' });
  });
});

test('an event that has secrets checked names them', () => {
  expect(readEvent({ CheckSecrets: ['one', 'two'] })).toEqual({ kind: 'check', secretIds: ['one', 'two'] });
});

describe('an event that has keys revoked names', () => {
  test('their secret', () => {
    expect(readEvent({ RevokeRetiredKeys: 'name' })).toEqual({ kind: 'revoke', secretIds: ['name'], isByHand: true });
  });

  test('several secrets, in their order', () => {
    expect(readEvent({ RevokeRetiredKeys: ['one', 'two'] })).toEqual({
      kind: 'revoke',
      secretIds: ['one', 'two'],
      isByHand: false,
    });
  });
});

describe('any other event is refused', () => {
  test.each([
    [undefined, 'The event is not a JSON object.'],
    [null, 'The event is not a JSON object.'],
    ['createSecret', 'The event is not a JSON object.'],
    [[step], 'The event is not a JSON object.'],
    [{}, 'field "SecretId" is missing'],
    [{ SecretId: '' }, 'field "SecretId" is not a non-empty string'],
    [{ SecretId: 7 }, 'field "SecretId" is not a non-empty string'],
    [{ momento_auth_token_secret_name: ' ' }, 'field "momento_auth_token_secret_name" is not a non-empty string'],
    [{ CheckSecrets: [] }, 'field "CheckSecrets" is not a list of non-empty strings'],
    [{ CheckSecrets: 'one' }, 'field "CheckSecrets" is not a list of non-empty strings'],
    [{ CheckSecrets: ['one', ''] }, 'field "CheckSecrets" is not a list of non-empty strings'],
    [{ RevokeRetiredKeys: '' }, 'field "RevokeRetiredKeys" is not a non-empty string'],
    [{ RevokeRetiredKeys: [] }, 'field "RevokeRetiredKeys" is not a list of non-empty strings'],
    [{ RevokeRetiredKeys: 7 }, 'field "RevokeRetiredKeys" is not a list of non-empty strings'],
    [{ RevokeRetiredKeys: ['one', 2] }, 'field "RevokeRetiredKeys" is not a list of non-empty strings'],
    [{ SecretId: 'a-credential' }, 'field "SecretId" holds something else than the name or ARN of a secret'],
    [{ SecretId: 'a secret' }, 'field "SecretId" holds something else than the name or ARN of a secret'],
    [{ SecretId: `${'a'.repeat(520)}` }, 'field "SecretId" holds something else'],
    [{ SecretId: 'arn:aws:lambda:us-east-1:123456789012:function:name' }, 'field "SecretId" holds something else'],
    [{ CheckSecrets: ['name', 'a-credential'] }, 'field "CheckSecrets" holds something else'],
    [{ RevokeRetiredKeys: 'a-credential' }, 'field "RevokeRetiredKeys" holds something else'],
    [{ RevokeRetiredKeys: ['name', 'a-credential'] }, 'field "RevokeRetiredKeys" holds something else'],
    [{ momento_auth_token_secret_name: 'a-credential' }, 'field "momento_auth_token_secret_name" holds something else'],
    [{ ...step, ClientRequestToken: 'a'.repeat(65) }, 'field "ClientRequestToken" is not the name of a version'],
    [{ ...step, Step: undefined }, 'field "Step" is missing'],
    [{ ...step, Step: 'create_secret' }, 'field "Step" is not one of the four steps'],
    [{ ...step, Step: 'toString' }, 'field "Step" is not one of the four steps'],
    [{ ...step, SecretId: undefined }, 'field "SecretId" is missing'],
    [{ ...step, ClientRequestToken: undefined }, 'field "ClientRequestToken" is missing'],
    [{ ...step, ClientRequestToken: {} }, 'field "ClientRequestToken" is not a non-empty string'],
    [{ ...step, RotationToken: 1 }, 'field "RotationToken" is not a non-empty string'],
  ])('%j: %s', (event, problem) => {
    const accepted =
      /"Step": createSecret \| setSecret \| testSecret \| finishSecret, .*"ClientRequestToken": version id.*\{"SecretId": name or ARN\}.*momento_auth_token_secret_name.*CheckSecrets.*RevokeRetiredKeys/;
    expect(() => readEvent(event)).toThrow(problem);
    expect(() => readEvent(event)).toThrow(accepted);
    expect(() => readEvent(event)).toThrow(expect.objectContaining({ failure: 'operator', name: 'InvalidEventError' }));
  });

  test('without quoting what it holds', () => {
    expect(() => readEvent({ ...step, Step: 'hunter2', RotationToken: 'hunter2' })).toThrow(/^((?!hunter2).)*$/s);
  });
});
