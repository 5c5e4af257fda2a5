import type { Filter } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import { api, type ConformanceCase, type Endpoint, refused } from './case.ts';

async function namesMatching({ client }: Endpoint, Filters: Filter[], rest = {}): Promise<(string | undefined)[]> {
  const { SecretList } = await client.listSecrets({ Filters, ...rest });
  return (SecretList ?? []).map((secret) => secret.Name).sort();
}

export const listCases: ConformanceCase[] = [
  {
    name: 'a filter by name takes a prefix, case-sensitively, and several values as alternatives',
    source: 'AWS API reference, Filter',
    async run(endpoint) {
      const [first, second] = [await endpoint.create('v'), await endpoint.create('v')];
      const names = [first.name, second.name].sort();
      expect(await namesMatching(endpoint, [{ Key: 'name', Values: [first.name.slice(0, -1), second.name] }])).toEqual(
        names,
      );
      expect(await namesMatching(endpoint, [{ Key: 'name', Values: [first.name.toUpperCase()] }])).toEqual([]);
      expect(await namesMatching(endpoint, [{ Key: 'name', Values: [first.name.slice(1)] }])).toEqual([]);
    },
  },
  {
    name: 'filters by tag and description must all match',
    source: 'AWS user guide, Find secrets in Secrets Manager; AWS API reference, Filter',
    async run(endpoint) {
      const { client } = endpoint;
      const [first, second] = [await endpoint.create('v'), await endpoint.create('v')];
      for (const { name } of [first, second])
        await client.tagResource({ SecretId: name, Tags: [{ Key: `key-${first.name}`, Value: `value-${name}` }] });
      await client.updateSecret({ SecretId: first.name, Description: `About ${first.name}` });
      const byKey: Filter = { Key: 'tag-key', Values: [`key-${first.name}`] };
      expect(await namesMatching(endpoint, [byKey])).toEqual([first.name, second.name].sort());
      expect(await namesMatching(endpoint, [byKey, { Key: 'tag-value', Values: [`value-${second.name}`] }])).toEqual([
        second.name,
      ]);
      expect(await namesMatching(endpoint, [{ Key: 'description', Values: [`about ${first.name}`] }])).toEqual([
        first.name,
      ]);
      expect(await namesMatching(endpoint, [{ Key: 'all', Values: [first.name.toUpperCase()] }])).toContain(first.name);
    },
  },
  {
    name: 'an exclamation mark negates a filter',
    source: 'AWS API reference, Filter, Values',
    async run(endpoint) {
      const [first, second] = [await endpoint.create('v'), await endpoint.create('v')];
      const filters: Filter[] = [
        { Key: 'name', Values: [first.name, second.name] },
        { Key: 'name', Values: [`!${first.name}`] },
      ];
      expect(await namesMatching(endpoint, filters)).toEqual([second.name]);
    },
  },
  {
    name: 'a secret that is to be deleted is listed on request only',
    source: `${api('ListSecrets')}, IncludePlannedDeletion`,
    async run(endpoint) {
      const { name } = await endpoint.create('v');
      await endpoint.client.deleteSecret({ SecretId: name });
      const filter: Filter[] = [{ Key: 'name', Values: [name] }];
      expect(await namesMatching(endpoint, filter)).toEqual([]);
      expect(await namesMatching(endpoint, filter, { IncludePlannedDeletion: true })).toEqual([name]);
    },
  },
  {
    name: 'lists come in pages',
    source: `${api('ListSecrets')}, MaxResults and NextToken`,
    async run({ client, create }) {
      const created = [await create('v'), await create('v'), await create('v')];
      const Filters: Filter[] = [{ Key: 'name', Values: created.map(({ name }) => name) }];
      const first = await client.listSecrets({ Filters, MaxResults: 2 });
      expect(first.SecretList).toHaveLength(2);
      const second = await client.listSecrets({ Filters, MaxResults: 2, NextToken: `${first.NextToken}` });
      expect(second.SecretList).toHaveLength(1);
      expect(second.NextToken).toBeUndefined();
      const listed = [...(first.SecretList ?? []), ...(second.SecretList ?? [])].map((secret) => secret.Name);
      expect(listed.sort()).toEqual(created.map(({ name }) => name).sort());
    },
  },
  {
    name: 'versions come in pages',
    source: `${api('ListSecretVersionIds')}, MaxResults and NextToken`,
    async run({ client, create }) {
      const { name } = await create('1');
      await client.putSecretValue({ SecretId: name, SecretString: '2' });
      const first = await client.listSecretVersionIds({ SecretId: name, MaxResults: 1 });
      expect(first.Versions).toHaveLength(1);
      const second = await client.listSecretVersionIds({ SecretId: name, NextToken: `${first.NextToken}` });
      expect(second.Versions).toHaveLength(1);
      expect(second.Versions?.[0]?.VersionId).not.toBe(first.Versions?.[0]?.VersionId);
    },
  },
  {
    name: 'a NextToken that was never given is refused',
    source: `${api('ListSecrets')}, Errors`,
    async run({ client }) {
      await refused(client.listSecrets({ NextToken: 'no-such-token' }), 'InvalidNextTokenException');
    },
  },
  {
    name: 'a list of versions has the ARN and the dates of each version',
    source: "LocalStack's snapshots of AWS, test_deprecated_secret_version_stage",
    async run({ client, create }) {
      const { name, arn, versionId } = await create('1');
      const listed = await client.listSecretVersionIds({ SecretId: name });
      expect(listed.ARN).toBe(arn);
      expect(listed.NextToken).toBeUndefined();
      expect(listed.Versions).toEqual([
        expect.objectContaining({
          VersionId: versionId,
          VersionStages: ['AWSCURRENT'],
          CreatedDate: expect.any(Date),
          KmsKeyIds: ['DefaultEncryptionKey'],
        }),
      ]);
      expect(listed.Versions?.[0]?.LastAccessedDate).toBeUndefined();
    },
  },
  {
    name: 'versions of a secret that does not exist are not found',
    source: "LocalStack's snapshots of AWS, test_secret_not_found",
    async run({ client, newName }) {
      await refused(client.listSecretVersionIds({ SecretId: newName() }), 'ResourceNotFoundException');
    },
  },
];
