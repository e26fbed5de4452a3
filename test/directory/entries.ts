import { Attribute, Change, type Client } from 'ldapts';

/** Replaces the values of an attribute; without values it goes. */
export async function replaceAttribute(admin: Client, dn: string, type: string, ...values: string[]): Promise<void> {
  await admin.modify(dn, new Change({ operation: 'replace', modification: new Attribute({ type, values }) }));
}

/** Somebody of the name `uid` under `parent`, of OpenLDAP. @returns the DN */
export async function addPerson(
  admin: Client,
  parent: string,
  uid: string,
  attributes: Record<string, string>,
): Promise<string> {
  const dn = `uid=${uid},${parent}`;
  await admin.add(dn, { objectClass: 'inetOrgPerson', cn: uid, sn: uid, uid, ...attributes });
  return dn;
}
