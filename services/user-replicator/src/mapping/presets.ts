import type { Mapping } from './mapping.ts';

export type PresetName = 'active-directory' | 'openldap';

/** [MS-ADTS] §2.2.16: trusts between domains, workstations, domain controllers. */
const TRUST_ACCOUNTS = 0x0800 | 0x1000 | 0x2000;
const ACCOUNT_DISABLED = 0x0002;

const activeDirectory: Mapping = {
  address: ['msRTCSIP-PrimaryUserAddress', 'proxyAddresses', 'mail', 'userPrincipalName'],
  signInName: ['userPrincipalName', 'dn'],
  passwordChanged: ['pwdLastSet'],
  disabled: [
    { attribute: 'userAccountControl', bits: ACCOUNT_DISABLED },
    { attribute: 'msRTCSIP-UserEnabled', is: 'FALSE' },
    { attribute: 'accountExpires', past: true },
  ],
  excluded: [
    { attribute: 'objectClass', is: ['computer', 'contact', 'group'] },
    { attribute: 'userAccountControl', bits: TRUST_ACCOUNTS },
    // krbtgt, Guest, Administrator
    { attribute: 'isCriticalSystemObject', is: 'TRUE' },
  ],
  hidden: [{ attribute: 'msExchHideFromAddressLists', is: 'TRUE' }],
  displayName: ['displayName', 'cn'],
  givenName: ['givenName'],
  surname: ['sn'],
  mail: ['mail'],
  phones: {
    work: ['telephoneNumber', 'otherTelephone'],
    mobile: ['mobile', 'otherMobile'],
    home: ['homePhone', 'otherHomePhone'],
    other: ['ipPhone', 'otherIpPhone'],
  },
  title: ['title'],
  department: ['department'],
  company: ['company'],
  office: ['physicalDeliveryOfficeName'],
  manager: ['manager'],
  photo: ['thumbnailPhoto', 'jpegPhoto'],
  groups: [],
};

const openLdap: Mapping = {
  address: ['mail', '{uid}@{domain}'],
  signInName: ['dn'],
  passwordChanged: ['pwdChangedTime'],
  disabled: [
    // slapo-ppolicy(5): locked by an administrator, for good. A time instead of this is a lock after wrong passwords, which
    // anybody can bring about; it keeps nobody from being called.
    { attribute: 'pwdAccountLockedTime', is: '000001010000Z' },
    // 389 Directory Server and FreeIPA; eDirectory
    { attribute: 'nsAccountLock', is: 'TRUE' },
    { attribute: 'loginDisabled', is: 'TRUE' },
  ],
  excluded: [],
  hidden: [],
  displayName: ['displayName', 'cn'],
  givenName: ['givenName'],
  surname: ['sn'],
  mail: ['mail'],
  phones: { work: ['telephoneNumber'], mobile: ['mobile'], home: ['homePhone'], other: [] },
  title: ['title'],
  department: ['departmentNumber', 'ou'],
  company: ['o'],
  office: ['physicalDeliveryOfficeName', 'roomNumber'],
  manager: ['manager'],
  photo: ['jpegPhoto'],
  groups: [],
};

export const PRESETS: Readonly<Record<PresetName, Mapping>> = {
  'active-directory': activeDirectory,
  openldap: openLdap,
};
