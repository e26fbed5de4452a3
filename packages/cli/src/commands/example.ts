import type { Command } from 'commander';

/** Puts examples under a command's help, written as they are typed. */
export function addExamples(command: Command, ...examples: string[]): Command {
  const title = examples.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText('after', `\n${title}:\n${examples.map((example) => `  ${example}`).join('\n')}`);
}
