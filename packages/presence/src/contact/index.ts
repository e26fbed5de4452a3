export {
  CONTACT_NAMESPACE,
  type ContactDocument,
  type DocumentContact,
  RESOURCE_LISTS_NAMESPACE,
  RESOURCE_LISTS_TYPE,
} from './contact-document.ts';
export { formatResourceLists } from './format-resource-lists.ts';
export { readResourceLists } from './read-resource-lists.ts';
