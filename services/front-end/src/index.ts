export { type FrontEndOptions, type RunningFrontEnd, startFrontEnd } from './front-end.ts';
export { ListenError } from './listeners.ts';
export { DIGEST_ALGORITHMS, type FrontEndSettings, frontEndSettings } from './settings.ts';
