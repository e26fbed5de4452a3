export {
  CONTACT_NAMESPACE,
  type ContactDocument,
  formatResourceLists,
  RESOURCE_LISTS_NAMESPACE,
  RESOURCE_LISTS_TYPE,
  readResourceLists,
} from './resource-lists.ts';
