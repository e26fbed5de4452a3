-- A document that an XCAP client has deleted (RFC 4825 §7.4) is not there until somebody writes it again; its version goes on counting.
alter table data.contact_list add column removed boolean not null default false;
alter table data.access_rule_set add column removed boolean not null default false;
