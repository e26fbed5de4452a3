import type { Command } from 'commander';
import { setEnabled } from '../account/set-enabled.ts';
import { addBusOption } from '../account/with-bus.ts';
import { addConnectionOptions, addJsonOption } from '../connection.ts';
import { addExamples } from './example.ts';

export function accountEnable(parent: Command): void {
  const command = parent
    .command('enable <uri>')
    .description('lets a disabled account register again')
    .action((uri, options) => setEnabled(uri, true, options));
  addJsonOption(addBusOption(addConnectionOptions(command)));
  addExamples(command, 'rollcall account enable sip:alice@example.org');
}
