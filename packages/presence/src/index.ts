export * from './contact/index.ts';
export * from './event/index.ts';
export * from './list/index.ts';
export * from './pidf/index.ts';
export * from './rule/index.ts';
export * from './xcap/index.ts';
export { DocumentError } from './xml/document-error.ts';
