export { formatList, type ListNotification, type ListResource, RLMI_TYPE } from './format-list.ts';
