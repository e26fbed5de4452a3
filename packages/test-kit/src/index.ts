export { createTestDatabase, openClient, type TestDatabase } from './database.ts';
export { canRunSamba, startOpenLdap, startSamba, type TestDirectory } from './directory-server.ts';
export { startRedis, type TestRedis } from './redis.ts';
export { type Ready, type Rollcall, type RollcallOptions, startRollcall } from './rollcall.ts';
export { type CommandResult, runRollcall, spawnRollcall } from './rollcall-command.ts';
export { newBranch, SipClient, type SipRegisterOptions } from './sip-client.ts';
export { type AnsweredContact, readAnswer, type SipAnswer } from './sip-client-answer.ts';
export {
  openSipConnection,
  type SipConnection,
  type SipConnectionOptions,
  type SipTransport,
} from './sip-client-connection.ts';
export { SipDialog } from './sip-client-dialog.ts';
export {
  type CredentialChoices,
  challengesOf,
  digestCredentials,
  type SipAccount,
  type SipChallenge,
} from './sip-client-digest.ts';
export { uriOf, valuesOf } from './sip-client-fields.ts';
export { OutgoingCall } from './sip-client-outgoing-call.ts';
export { readReceived, type SipAnswerOptions, type SipReceived } from './sip-client-received.ts';
export type { SipRequestOptions } from './sip-client-request.ts';
export { openUnsteadyDatabase, type UnsteadyDatabase } from './unsteady-database.ts';
