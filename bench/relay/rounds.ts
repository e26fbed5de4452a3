import { cpuSeconds } from '../measure/cpu.ts';
import { runSipp, type SippResult, sumOf } from '../measure/sipp.ts';
import type { Arena, Contestant } from './contestants.ts';

/** What one contestant did, over all its turns. */
export interface Measured {
  contestant: Contestant;
  /** Messages or calls. */
  operations: number;
  failed: number;
  seconds: number;
  retransmissions: number;
  /** ms, as the sender sees it. */
  times: number[];
  /** µs an operation: the server, and PostgreSQL for it. */
  serverCpu: number;
  databaseCpu: number;
}

export interface RoundsOptions {
  scenario: string;
  /** Operations of each contestant. */
  operations: number;
  senders: number;
  turns: number;
  /** Operations before the first that counts. */
  warmUp: number;
  /** Senders share one TCP connection, or have one each. */
  connections: 'one' | 'each';
}

/**
 * The contestants take turns, every other time in the opposite order: a machine that shares its cores is now slow and now
 * fast, and what is compared should have met both.
 */
export async function measureInTurns(arena: Arena, options: RoundsOptions): Promise<Measured[]> {
  const { operations, turns, warmUp } = options;
  for (const contestant of arena.contestants) {
    const { result } = await send(arena, contestant, options, warmUp);
    if (result.failed > 0) throw new Error(`${result.failed} senders failed before the first turn`);
  }
  const all = arena.contestants.map((contestant) => ({
    contestant,
    results: [] as SippResult[],
    sent: 0,
    serverSeconds: 0,
    databaseSeconds: 0,
  }));
  for (let turn = 0; turn < turns; turn++) {
    for (const one of turn % 2 ? all.toReversed() : all) {
      const roots = [one.contestant.processes, [arena.database.processId]];
      const [serverBefore, databaseBefore] = roots.map(cpuSeconds);
      const { result, sent } = await send(arena, one.contestant, options, operations / turns);
      const [serverAfter, databaseAfter] = roots.map(cpuSeconds);
      one.results.push(result);
      one.sent += sent;
      one.serverSeconds += serverAfter! - serverBefore!;
      one.databaseSeconds += databaseAfter! - databaseBefore!;
    }
  }
  return all.map(({ contestant, results, sent, serverSeconds, databaseSeconds }) => {
    const { times, seconds, retransmissions, failed } = sumOf(results);
    // A conversation that fails stops: what it has not sent has failed with it.
    const operations = failed === 0 ? sent : Math.min(sent, times.length);
    return {
      ...{ contestant, operations, failed: sent - operations, seconds, retransmissions, times },
      serverCpu: (serverSeconds / sent) * 1e6,
      databaseCpu: (databaseSeconds / sent) * 1e6,
    };
  });
}

async function send(arena: Arena, contestant: Contestant, options: RoundsOptions, operations: number) {
  const { senders, scenario, connections } = options;
  const rounds = Math.max(1, Math.round(operations / senders));
  const result = await runSipp({
    scenario,
    users: arena.senders,
    files: { 'receivers.csv': contestant.receivers },
    values: { ROUNDS: rounds, RECEIVERS: arena.receivers - 1 },
    target: contestant.target,
    calls: senders,
    concurrency: senders,
    transport: contestant.sender === 'UDP' ? 'u1' : connections === 'one' ? 't1' : 'tn',
    timeoutSeconds: 120,
    ignoresUnexpected: true,
  });
  if (result.failed > 0) console.error(`${contestant.server}, ${contestant.place}: ${result.firstError}`);
  return { result, sent: rounds * senders };
}
