import { expect, it } from 'vitest';
import { checkPreconditions } from './preconditions.ts';

it.each([
  ['PUT', {}, undefined, 'go_on'],
  ['PUT', { 'if-match': '"7"' }, '7', 'go_on'],
  ['PUT', { 'if-match': '"6", "7"' }, '7', 'go_on'],
  ['PUT', { 'if-match': '"6"' }, '7', 'precondition_failed'],
  ['PUT', { 'if-match': 'W/"7"' }, '7', 'precondition_failed'],
  ['PUT', { 'if-match': '*' }, '7', 'go_on'],
  ['DELETE', { 'if-match': '*' }, undefined, 'precondition_failed'],
  ['PUT', { 'if-none-match': '*' }, undefined, 'go_on'],
  ['PUT', { 'if-none-match': '*' }, '7', 'precondition_failed'],
  ['GET', { 'if-none-match': '"7"' }, '7', 'not_modified'],
  ['GET', { 'if-none-match': 'W/"7"' }, '7', 'not_modified'],
  ['GET', { 'if-none-match': '"6"' }, '7', 'go_on'],
  ['GET', { 'if-match': 'rubbish' }, '7', 'precondition_failed'],
])('%s %j of %s: %s', (method, headers, etag, verdict) => {
  expect(checkPreconditions(method, headers, etag)).toBe(verdict);
});
