import { createRequest, type SipRequest } from '../message/index.ts';

/** Stands for the INVITE of a transaction that has let go of it. */
export const RELEASED: SipRequest = createRequest({ method: 'INVITE', uri: 'sip:released.invalid', headers: [] });
