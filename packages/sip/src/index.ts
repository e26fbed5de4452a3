export * from './auth/index.ts';
export * from './gruu/index.ts';
export * from './message/index.ts';
export * from './proxy/index.ts';
export * from './transaction/index.ts';
export * from './transport/index.ts';
