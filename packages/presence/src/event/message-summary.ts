export const MESSAGE_SUMMARY_TYPE = 'application/simple-message-summary';

export interface MessageSummary {
  /** `sip:user@domain` */
  account: string;
  /** Stored messages that wait for it. */
  waiting: number;
}

/** RFC 3842 §5.2. MESSAGE is pager mode (RFC 3428), so that is their class (RFC 3458 §4.1). None of them has been read. */
export function formatMessageSummary({ account, waiting }: MessageSummary): string {
  return (
    `Messages-Waiting: ${waiting > 0 ? 'yes' : 'no'}\r\nMessage-Account: ${account.replace(/[\x00-\x20\x7f]/g, '')}\r\n` +
    `Pager-Message: ${waiting}/0\r\n`
  );
}
