export type {
  AnswerContent,
  ApplicationActions,
  ApplicationHost,
  ApplicationMessage,
  ApplicationRequest,
  SentMessage,
  ServerApplication,
} from './applications/application.ts';
export { ApplicationError } from './applications/load.ts';
export { findCertificate } from './certificate.ts';
export { type FrontEndOptions, type RunningFrontEnd, startFrontEnd } from './front-end.ts';
export { ListenError } from './listeners.ts';
export { type FrontEndSettings, frontEndSettings } from './settings.ts';
