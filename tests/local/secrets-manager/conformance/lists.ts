import type { Filter } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import { api, type ConformanceCase, type Endpoint, localstack, moto, refused } from './case.ts';

async function namesMatching({ client }: Endpoint, Filters: Filter[], rest = {}): Promise<(string | undefined)[]> {
  const { SecretList } = await client.listSecrets({ Filters, ...rest });
  return (SecretList ?? []).map((secret) => secret.Name).sort();
}

/** Of the secrets with these names, those that match. The names are compared once all of them are listed. */
async function matching(endpoint: Endpoint, names: string[], filter: Filter): Promise<(string | undefined)[]> {
  const known: Filter = { Key: 'name', Values: names };
  await endpoint.eventually(async () => expect(await namesMatching(endpoint, [known])).toHaveLength(names.length));
  const found = await namesMatching(endpoint, [known, filter]);
  return names.filter((name) => found.includes(name));
}

/** Secrets with the descriptions, named after them. */
async function withDescriptions({ client, newName }: Endpoint, ...descriptions: string[]): Promise<string[]> {
  return Promise.all(
    descriptions.map(async (Description) => {
      const { Name } = await client.createSecret({ Name: newName(), SecretString: 'v', Description });
      return `${Name}`;
    }),
  );
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
    name: 'each of several secrets is listed with its ARN, every time',
    source: localstack('test_call_lists_secrets_multiple_times', 'test_create_multi_secrets'),
    async run(endpoint) {
      const created = [await endpoint.create('v'), await endpoint.create('v'), await endpoint.create('v')];
      const Filters: Filter[] = [{ Key: 'name', Values: created.map(({ name }) => name) }];
      const check = async () => {
        const { SecretList = [] } = await endpoint.client.listSecrets({ Filters });
        expect(SecretList.map(({ ARN }) => ARN).sort()).toEqual(created.map(({ arn }) => arn).sort());
      };
      await endpoint.eventually(check);
      for (let time = 0; time < 3; time += 1) await check();
    },
  },
  {
    name: 'a filter by description takes the beginnings of words; of a name, the beginning of all of it',
    source: localstack('test_list_secrets_filtering'),
    async run(endpoint) {
      const names = await withDescriptions(endpoint, 'a secret', 'an secret', 'asecret', 'thesecret');
      const [one, two, three, four] = names;
      const described = (value: string) => matching(endpoint, names, { Key: 'description', Values: [value] });
      expect(await described('a')).toEqual([one, two, three]);
      expect(await described('!a')).toEqual([four]);
      expect(await described('a secret')).toEqual([one, two]);
      expect(await described('!c')).toEqual(names);
      const named = (value: string) => matching(endpoint, names, { Key: 'name', Values: [value] });
      expect(await named('secret')).toEqual([]);
      expect(await named(`${one?.replaceAll('-', ' ')}`)).toEqual([]);
      expect(await named('conformance-')).toEqual(names);
      expect(await named('!conformance-')).toEqual([]);
    },
  },
  {
    name: 'every word of a description filter has to be there, in any order and with others between',
    source: moto('test_with_filter_with_value_with_multiple_words'),
    async run(endpoint) {
      const names = await withDescriptions(endpoint, 'one two', 'one and two', 'one', 'two', 'unrelated');
      const [foo, bar, , qux] = names;
      const described = (value: string) => matching(endpoint, names, { Key: 'description', Values: [value] });
      expect(await described('one two')).toEqual([foo, bar]);
      expect(await described('o t')).toEqual([foo, bar]);
      expect(await described('t')).toEqual([foo, bar, qux]);
    },
  },
  {
    name: 'two filters with the same key must both match',
    source: moto('test_with_duplicate_filter_keys'),
    async run(endpoint) {
      const names = await withDescriptions(endpoint, 'one two', 'one', 'two', 'unrelated');
      const words = ['one', 'two'].map((word): Filter => ({ Key: 'description', Values: [word] }));
      await matching(endpoint, names, { Key: 'name', Values: names });
      expect(await namesMatching(endpoint, [{ Key: 'name', Values: names }, ...words])).toEqual([names[0]]);
    },
  },
  {
    name: 'the filter all takes beginnings of words of names, descriptions and tags; a capital begins a word',
    source: moto('test_with_all_filter'),
    async run(endpoint) {
      const { client, newName } = endpoint;
      const create = async (ending: string, rest = {}) => {
        const Name = `${newName()}-${ending}`;
        await client.createSecret({ Name, SecretString: 'v', ...rest });
        return Name;
      };
      const names = [
        await create('SecretOne'),
        await create('SecretTwo', { Description: 'NoteTwo' }),
        await create('Thirdsecret'),
        await create('SecretFTag', { Tags: [{ Key: '1', Value: 'nofoo' }] }),
        await create('SecretFValue', { Tags: [{ Key: 'nofoo', Value: 'v' }] }),
      ];
      const [one, two, third, tag, value] = names;
      const all = (...Values: string[]) => matching(endpoint, names, { Key: 'all', Values });
      try {
        expect(await all('SecretOne')).toEqual([one]);
        expect(await all('nofoo')).toEqual([tag, value]);
        for (const word of ['Secret', 'secret', 'sec']) expect(await all(word)).toEqual([one, two, tag, value]);
        for (const word of ['ret', 'SomeSecret']) expect(await all(word)).toEqual([]);
        expect(await all('note')).toEqual([two]);
        expect(await all('n t')).toEqual([two, tag]);
        expect(await all('t')).toEqual([two, third, tag]);
      } finally {
        for (const SecretId of names) await client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
      }
    },
  },
  {
    name: 'for the filter all, each of /_+=.@- parts words, and is none',
    source: moto('test_with_all_filter_special_characters'),
    async run(endpoint) {
      const { client, newName } = endpoint;
      const create = async (separator: string, ...ending: string[]) => {
        const Name = [...newName().split('-'), ...ending].join(separator);
        await client.createSecret({ Name, SecretString: 'v' });
        return Name;
      };
      const parted = await Promise.all(
        ['/', '_', '+', '=', '.', '@', '-'].map((each) => create(each, 'prod', 'AppBeta')),
      );
      const [upper, mixed] = [await create('/', 'uat', 'COMPANY'), await create('/', 'uat', 'COMPANYthings')];
      const names = [...parted, upper, mixed];
      const all = (...Values: string[]) => matching(endpoint, names, { Key: 'all', Values });
      try {
        for (const words of [['AppBeta'], ['Beta'], ['AppBeta', 'prod']]) expect(await all(...words)).toEqual(parted);
        expect(await all('+')).toEqual([]);
        expect(await all('conformance')).toEqual(names);
        expect(await all('company')).toEqual([upper]);
        expect(await all('Ythings')).toEqual([mixed]);
        for (const word of ['things', 'N', 'pany']) expect(await all(word)).toEqual([]);
      } finally {
        for (const SecretId of names) await client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
      }
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
    source: localstack('test_deprecated_secret_version_stage'),
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
    source: localstack('test_secret_not_found'),
    async run({ client, newName }) {
      await refused(client.listSecretVersionIds({ SecretId: newName() }), 'ResourceNotFoundException');
    },
  },
];
