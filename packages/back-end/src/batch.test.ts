import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Batcher, type BatchOptions } from './batch.ts';
import { BackEndError, BackEndUnavailableError, ConflictError, InvalidValueError, OverloadedError } from './errors.ts';

interface Call {
  requests: string[];
  finish(): void;
  fail(error: unknown): void;
}

/** A batcher whose calls the test finishes; the outcome of a request is its text in capitals, its key the first letter. */
function open(options: Partial<BatchOptions<string, string>> = {}) {
  const calls: Call[] = [];
  const batcher = new Batcher<string, string>({
    run: (requests) =>
      new Promise((resolve, reject) => {
        calls.push({ requests, finish: () => resolve(requests.map((request) => request.toUpperCase())), fail: reject });
      }),
    keyOf: (request) => request[0],
    ...options,
  });
  const submit = (...requests: string[]) => Promise.allSettled(requests.map((request) => batcher.submit(request)));
  return { calls, batcher, submit };
}

it('sends a lone request at once', async () => {
  const { calls, batcher } = open();
  const outcome = batcher.submit('a');
  await turn();
  expect(calls.map(({ requests }) => requests)).toEqual([['a']]);
  calls[0]!.finish();
  expect(await outcome).toBe('A');
});

it('sends together what came in one turn, and then what came while all calls were in flight', async () => {
  const { calls, submit } = open({ concurrency: 1 });
  void submit('a', 'b');
  await turn();
  void submit('c');
  await turn();
  void submit('d');
  await turn();
  expect(calls.map(({ requests }) => requests)).toEqual([['a', 'b']]);
  calls[0]!.finish();
  await turn();
  await turn();
  expect(calls.map(({ requests }) => requests)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

it('sends a second call beside one in flight when it is worth one, or the first is held up', async () => {
  const { calls, submit } = open({ worthwhile: 3 });
  void submit('a');
  await turn();
  void submit('b', 'c');
  await turn();
  expect(calls.map(({ requests }) => requests)).toEqual([['a']]);
  void submit('d');
  await turn();
  expect(calls.map(({ requests }) => requests)).toEqual([['a'], ['b', 'c', 'd']]);

  const held = open();
  void held.submit('a');
  await turn();
  void held.submit('b');
  await expect.poll(() => held.calls.map(({ requests }) => requests)).toEqual([['a'], ['b']]);
});

it('keeps to the bounds of a batch and of calls in flight', async () => {
  const { calls, submit } = open({ concurrency: 2, maximumBatch: 2 });
  void submit('a', 'b', 'c', 'd', 'e');
  for (let index = 0; index < 5; index++) await turn();
  expect(calls.map(({ requests }) => requests)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

it('keeps requests of one key in order, and never two of them in flight', async () => {
  const { calls, submit } = open({ concurrency: 3, worthwhile: 1 });
  const outcomes = submit('a1', 'b1', 'a2', 'a3', 'c1');
  await turn();
  void submit('a4', 'd1');
  await turn();
  expect(calls.map(({ requests }) => requests)).toEqual([['a1', 'b1', 'c1'], ['d1']]);
  for (const next of ['a2', 'a3', 'a4']) {
    for (const call of calls) call.finish();
    await turn();
    await turn();
    expect(calls.at(-1)?.requests).toEqual([next]);
  }
  expect((await outcomes).map((result) => (result as { value: string }).value)).toEqual(['A1', 'B1', 'A2', 'A3', 'C1']);
});

it('rejects what comes when the queue is full, and takes more when it has drained', async () => {
  const { calls, submit } = open({ concurrency: 1, maximumBatch: 1, maximumQueue: 2 });
  const first = submit('a', 'b', 'c');
  await turn();
  // 'a' is in flight, 'b' waits: there is room for one.
  const second = submit('d', 'e');
  for (let index = 0; index < 3; index++) {
    calls[index]!.finish();
    await turn();
    await turn();
  }
  const full = { reason: expect.any(OverloadedError) };
  expect(await first).toMatchObject([{ value: 'A' }, { value: 'B' }, full]);
  expect(await second).toMatchObject([{ value: 'D' }, full]);
});

it('rejects all members of a batch that failed with an error of its own kind, and goes on', async () => {
  const { calls, submit } = open();
  const failed = submit('a', 'b');
  await turn();
  calls[0]!.fail(new Error('connection reset'));
  for (const result of await failed) expect(result).toMatchObject({ reason: expect.any(BackEndUnavailableError) });
  const later = submit('a');
  await turn();
  calls[1]!.finish();
  expect(await later).toEqual([{ status: 'fulfilled', value: 'A' }]);
});

it('tries a batch once more that lost against another transaction, and only once', async () => {
  const { calls, submit } = open();
  const results = submit('a', 'b');
  await turn();
  calls[0]!.fail(new ConflictError('deadlock detected'));
  await turn();
  expect(calls[1]?.requests).toEqual(['a', 'b']);
  calls[1]!.fail(new ConflictError('deadlock detected'));
  expect(await results).toMatchObject([{ reason: expect.any(ConflictError) }, { reason: expect.any(ConflictError) }]);
});

it('runs the members of a batch alone when one of them cannot be stored', async () => {
  const { batcher } = open({
    run: async (requests) => {
      if (requests.includes('bad')) throw new InvalidValueError('bad');
      return requests.map((request) => request.toUpperCase());
    },
  });
  const results = await Promise.allSettled(['a', 'bad', 'c'].map((request) => batcher.submit(request)));
  expect(results).toMatchObject([{ value: 'A' }, { reason: expect.any(InvalidValueError) }, { value: 'C' }]);
});

it('finishes what it has taken when it is closed, and takes nothing more', async () => {
  const { calls, batcher, submit } = open({ concurrency: 1, maximumBatch: 1 });
  const results = submit('a', 'b');
  let closed = false;
  const close = batcher.close().then(() => {
    closed = true;
  });
  await expect(batcher.submit('c')).rejects.toThrow(BackEndError);
  await turn();
  calls[0]!.finish();
  await turn();
  await turn();
  expect(closed).toBe(false);
  calls[1]!.finish();
  await close;
  expect(await results).toMatchObject([{ value: 'A' }, { value: 'B' }]);
});
