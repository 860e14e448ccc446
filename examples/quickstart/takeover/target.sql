-- The platform that takes the customers over: text ids of its own, and foreign keys that the database
-- knows, so that plain SQL can say whether every reference arrived where it should.
CREATE TABLE companies (id TEXT PRIMARY KEY NOT NULL, legacyId INTEGER NOT NULL UNIQUE, name TEXT NOT NULL,
  vatNumber TEXT);
CREATE TABLE agents (id TEXT PRIMARY KEY NOT NULL, legacyId INTEGER NOT NULL UNIQUE, name TEXT NOT NULL,
  managerId TEXT REFERENCES agents (id));
CREATE TABLE contacts (id TEXT PRIMARY KEY NOT NULL, legacyId INTEGER NOT NULL UNIQUE, name TEXT NOT NULL,
  email TEXT NOT NULL, status TEXT NOT NULL, companyId TEXT REFERENCES companies (id),
  referredBy TEXT REFERENCES contacts (id));
CREATE TABLE deals (id TEXT PRIMARY KEY NOT NULL, legacyId INTEGER NOT NULL UNIQUE, title TEXT NOT NULL,
  amount TEXT NOT NULL, contactId TEXT NOT NULL REFERENCES contacts (id),
  agentId TEXT REFERENCES agents (id));
CREATE TABLE quotes (id TEXT PRIMARY KEY NOT NULL, dealId TEXT NOT NULL REFERENCES deals (id),
  version INTEGER NOT NULL, total TEXT NOT NULL, accepted INTEGER NOT NULL);
CREATE TABLE quoteItems (id TEXT PRIMARY KEY NOT NULL, legacyId INTEGER NOT NULL UNIQUE,
  quoteId TEXT REFERENCES quotes (id), description TEXT NOT NULL, quantity INTEGER NOT NULL);
CREATE TABLE activities (id TEXT PRIMARY KEY NOT NULL, legacyId INTEGER NOT NULL UNIQUE,
  contactId TEXT NOT NULL REFERENCES contacts (id), dealId TEXT REFERENCES deals (id),
  kind TEXT NOT NULL, happenedAt TEXT NOT NULL);
