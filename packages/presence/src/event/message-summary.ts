export const MESSAGE_SUMMARY_TYPE = 'application/simple-message-summary';

export interface MessageSummary {
  /** `sip:user@domain` */
  account: string;
  /** Stored messages that wait for it. */
  waiting: number;
}

/** RFC 3842 §5. */
export function formatMessageSummary(_summary: MessageSummary): string {
  throw new Error('not yet');
}
