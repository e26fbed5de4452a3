import { expect, it } from 'vitest';
import { checkPreconditions } from './preconditions.ts';

const THERE = { etag: '7', exists: true };
const NO_DOCUMENT = { etag: undefined, exists: false };
const NO_ELEMENT = { etag: '7', exists: false };

it.each([
  ['PUT', {}, NO_DOCUMENT, 'go_on'],
  ['PUT', { 'if-match': '"7"' }, THERE, 'go_on'],
  ['PUT', { 'if-match': '"6", "7"' }, THERE, 'go_on'],
  ['PUT', { 'if-match': '"6"' }, THERE, 'precondition_failed'],
  ['PUT', { 'if-match': 'W/"7"' }, THERE, 'precondition_failed'],
  ['PUT', { 'if-match': '*' }, THERE, 'go_on'],
  ['PUT', { 'if-match': '"7"' }, NO_ELEMENT, 'go_on'],
  ['PUT', { 'if-match': '"6"' }, NO_ELEMENT, 'precondition_failed'],
  ['PUT', { 'if-match': '*' }, NO_ELEMENT, 'precondition_failed'],
  ['DELETE', { 'if-match': '*' }, NO_DOCUMENT, 'precondition_failed'],
  ['PUT', { 'if-none-match': '*' }, NO_DOCUMENT, 'go_on'],
  ['PUT', { 'if-none-match': '*' }, NO_ELEMENT, 'go_on'],
  ['PUT', { 'if-none-match': '*' }, THERE, 'precondition_failed'],
  ['GET', { 'if-none-match': '"7"' }, THERE, 'not_modified'],
  ['GET', { 'if-none-match': 'W/"7"' }, THERE, 'not_modified'],
  ['GET', { 'if-none-match': '"6"' }, THERE, 'go_on'],
  ['GET', { 'if-match': 'rubbish' }, THERE, 'precondition_failed'],
])('%s %j of %j: %s', (method, headers, condition, verdict) => {
  expect(checkPreconditions(method, headers, condition)).toBe(verdict);
});
