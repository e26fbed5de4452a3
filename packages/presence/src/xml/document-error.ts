/** What is wrong with a document, in the terms of RFC 4825 §11; SIP answers 400 (or 413 for too-large) to all of them. */
export type DocumentFault =
  | 'not-well-formed'
  | 'not-utf-8'
  | 'schema-validation-error'
  | 'constraint-failure'
  | 'too-large';

/** A document that is not accepted. The message is meant for who sent it, and quotes at most 100 characters of it. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly fault: DocumentFault;

  constructor(fault: DocumentFault, reason: string) {
    super(reason);
    this.fault = fault;
  }
}
