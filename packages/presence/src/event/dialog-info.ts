export const DIALOG_INFO_TYPE = 'application/dialog-info+xml';

/** The text of a published document (RFC 4235), checked, to be stored as it is. At most 25 KB. @throws {DocumentError} */
export function checkDialogInfo(_body: Buffer): string {
  throw new Error('not yet');
}

/** All dialogs of several documents that `checkDialogInfo` has passed, as one of full state. */
export function formatDialogInfo(_documents: readonly string[], _options: { entity: string; version: number }): string {
  throw new Error('not yet');
}
