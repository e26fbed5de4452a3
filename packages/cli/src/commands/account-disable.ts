import type { Command } from 'commander';
import { setEnabled } from '../account/set-enabled.ts';
import { addBusOption } from '../account/with-bus.ts';
import { addConnectionOptions, addJsonOption } from '../connection.ts';
import { addExamples } from './example.ts';

export function accountDisable(parent: Command): void {
  const command = parent
    .command('disable <uri>')
    .description("refuses an account's registrations and ends those it has")
    .action((uri, options) => setEnabled(uri, false, options));
  addJsonOption(addBusOption(addConnectionOptions(command)));
  addExamples(command, 'rollcall account disable sip:alice@example.org');
}
