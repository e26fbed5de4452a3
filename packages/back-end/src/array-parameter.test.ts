import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test-kit/src/index.ts';
import { bigints, booleans, byteas, checkInteger, checkText, integers, smallints, texts } from './array-parameter.ts';
import { InvalidValueError } from './errors.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
});
afterAll(() => database.drop());

const self = <Value>(value: Value): Value => value;

it.each([
  ['bool', booleans([true, false, null], self), '{t,f,NULL}'],
  ['int2', smallints([0, 1000, -32768, null], self), '{0,1000,-32768,NULL}'],
  ['int4', integers([0, 2147483647, -2147483648, undefined], self), '{0,2147483647,-2147483648,NULL}'],
  ['int8', bigints([0, 2 ** 53, -1, -(2 ** 40), null], self), '{0,9007199254740992,-1,-1099511627776,NULL}'],
  ['int8', bigints([9223372036854775807n, -1n], self), '{9223372036854775807,-1}'],
  ['text', texts(['', 'a"b\\{},', 'é€😀', null, 'NULL'], self), '{"","a\\"b\\\\{},",é€😀,NULL,"NULL"}'],
  ['bytea', byteas([Buffer.from([0, 255]), null, Buffer.alloc(0)], self), '{"\\\\x00ff",NULL,"\\\\x"}'],
  ['text', texts([], self), '{}'],
])('%s[] arrives as it was', async (type, parameter, expected) => {
  expect(await database.query(`select $1::${type}[]::text as text`, [parameter])).toEqual([{ text: expected }]);
});

describe('values that PostgreSQL does not store', () => {
  it.each(['\0', 'a\0b', '\ud800', 'a\udfff'])('%j is no text', (value) => {
    expect(() => checkText('flow', value)).toThrow(InvalidValueError);
  });

  it.each([-1, 11, 1.5, Number.NaN])('%d is no integer from 0 to 10', (value) => {
    expect(() => checkInteger('q', value, 0, 10)).toThrow(InvalidValueError);
  });
});
