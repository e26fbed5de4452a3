import type { FrontEndAddresses } from '@rollcall/back-end';
import type { Command } from 'commander';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withBackEnd } from '../connection.ts';
import { printRows } from '../print.ts';
import { addExamples } from './example.ts';

export function frontEnds(parent: Command): void {
  const command = parent.command('front-ends').description('lists the front ends of the pool').action(run);
  addJsonOption(addConnectionOptions(command));
  addExamples(command, 'rollcall front-ends --json');
}

async function run(options: ConnectionOptions & { json?: boolean }): Promise<void> {
  const found = await withBackEnd(options, (backEnd) => backEnd.listFrontEnds());
  const rows = found.map(({ id, processId, state, addresses, ...frontEnd }) => {
    return { id, pid: processId, state, addresses: inOrder(addresses), ...frontEnd };
  });
  printRows(
    options.json,
    rows,
    [
      { title: 'ID', of: (row) => row.id, right: true },
      { title: 'PID', of: (row) => row.pid, right: true },
      { title: 'STATE', of: (row) => row.state },
      { title: 'CONNECTIONS', of: (row) => row.connections, right: true },
      { title: 'ENDPOINTS', of: (row) => row.endpoints, right: true },
      {
        title: 'ADDRESSES',
        of: (row) =>
          Object.entries(row.addresses)
            .map(([transport, address]) => `${transport} ${address}`)
            .join(', '),
      },
    ],
    'No front end is running.',
  );
}

/** The order in which people look for them. */
const TRANSPORTS = ['udp', 'tcp', 'tls', 'ws', 'http', 'internal'];

function inOrder(addresses: FrontEndAddresses): FrontEndAddresses {
  return Object.fromEntries(
    Object.entries(addresses).sort(([a], [b]) => TRANSPORTS.indexOf(a) - TRANSPORTS.indexOf(b)),
  );
}
