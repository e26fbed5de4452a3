export { checkDialogInfo, DIALOG_INFO_TYPE, formatDialogInfo } from './dialog-info.ts';
export { formatMessageSummary, MESSAGE_SUMMARY_TYPE, type MessageSummary } from './message-summary.ts';
export { formatReginfo, REGINFO_TYPE, type Registration, type RegistrationContact } from './reginfo.ts';
export { formatWatcherinfo, WATCHERINFO_TYPE, type Watcher, type WatcherList } from './watcherinfo.ts';
export { formatXcapDiff, XCAP_DIFF_TYPE, type XcapDiff } from './xcap-diff.ts';
