import { BackEndError } from '../errors.ts';

/** What is wrong with a file of db/ or with the database it is deployed to. The message begins with file:line:column. */
export class DeployError extends BackEndError {
  override readonly name = 'DeployError';
}
