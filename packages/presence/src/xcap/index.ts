export { deleteNode, getNode, type NodeChange, type NodeContent, putNode } from './node.ts';
export { type NodeSelector, readNodeSelector } from './node-selector.ts';
export { formatXcapError, XCAP_ERROR_TYPE, type XcapError } from './xcap-error.ts';
