/**
What a dump can hold besides what lies in schemas. It belongs to an administrator of the database, and the user of OMFLOW
may not make it anew: it is left where it is. So are schemas with extensions; an extension is made where it is missing.
*/
const administrators =
	'EVENT TRIGGER|PUBLICATION|SUBSCRIPTION|FOREIGN DATA WRAPPER|SERVER|USER MAPPING|PROCEDURAL LANGUAGE|CAST|TRANSFORM|' +
	'ACCESS METHOD|DATABASE';

/** Entries of a dump that are loaded, as `pg_restore --list` prints them. */
export function entriesToLoad(list: string, schemasThatStay: readonly string[]): string {
	const schemas = schemasThatStay.map(name => `${name.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)} `).join('|');
	const left = new RegExp(
		String.raw`^\d+; \d+ \d+ (?:(?:${administrators}) - |SCHEMA - (?:${schemas})` +
			`|(?:ACL|COMMENT|SECURITY LABEL) - (?:(?:EXTENSION|${administrators}) |SCHEMA (?:${schemas})))`,
	);
	return list
		.split('\n')
		.filter(line => !left.test(line))
		.join('\n');
}

/** Number of tables in a dump, by the same list. */
export function tablesIn(list: string): number {
	return list.split('\n').filter(line => /^\d+; \d+ \d+ TABLE (?!(?:DATA|ATTACH) )/.test(line)).length;
}

/** Schemas with what people made in them, by name and number: all but PostgreSQL's own and those of extensions. */
const schemas = `SELECT oid, nspname, nspowner FROM pg_namespace n
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_namespace'::regclass AND objid = n.oid AND deptype = 'e')`;

/** One a line. In a schema in which extensions are, only the rest is made anew. */
export const schemasThatStay = `SELECT nspname FROM (${schemas}) n WHERE nspname = 'public' OR EXISTS (SELECT FROM pg_extension WHERE extnamespace = n.oid)`;

/** What belongs to no extension and is not a part of something else. */
const things = `SELECT d.classid, d.objid, i.type, i.identity
  FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) i
  WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid IN (SELECT oid FROM (${schemas}) n)
    AND d.deptype = 'n' AND d.objsubid = 0 AND d.classid <> 'pg_extension'::regclass
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = d.classid AND objid = d.objid AND objsubid = 0 AND deptype IN ('e', 'i'))`;

/**
Removes everything a dump could bring and everything that was made beside it, for a user who owns that but is no
superuser. Begins a transaction, which what is read next has to end. Somebody else who holds a table is waited for a minute.
*/
export const dropScript = `BEGIN;
SET LOCAL client_min_messages = error;
SET LOCAL lock_timeout = '60s';
SELECT count(lo_unlink(oid)) FROM pg_largeobject_metadata;
DO $omflow$
DECLARE
  statement text;
BEGIN
  -- All of them are named first: what depends on another one is gone with it.
  FOREACH statement IN ARRAY ARRAY(
    SELECT format('DROP %s IF EXISTS %s CASCADE',
      CASE type WHEN 'composite type' THEN 'TYPE' WHEN 'statistics object' THEN 'STATISTICS' ELSE upper(type) END, identity)
    FROM (${things}) t ORDER BY type <> 'table'
  ) LOOP
    EXECUTE statement;
  END LOOP;
  FOREACH statement IN ARRAY ARRAY(
    SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM (${schemas}) n WHERE nspname NOT IN (${schemasThatStay})
  ) LOOP
    EXECUTE statement;
  END LOOP;
END
$omflow$;
`;

/** What OMFLOW's user may not make anew since it belongs to another, one a line. */
export const foreignThings = `SELECT coalesce(i.type || ' ' || i.identity, 'object ' || o.oid)
FROM (
  SELECT 'pg_class'::regclass AS class, oid, relowner AS owner FROM pg_class
  UNION ALL SELECT 'pg_proc'::regclass, oid, proowner FROM pg_proc
  UNION ALL SELECT 'pg_type'::regclass, oid, typowner FROM pg_type
) o JOIN (${things}) t ON t.classid = o.class AND t.objid = o.oid, pg_identify_object(o.class, o.oid, 0) i
WHERE NOT pg_has_role(owner, 'USAGE')
UNION ALL SELECT 'schema ' || nspname FROM (${schemas}) n
  WHERE nspname NOT IN (${schemasThatStay}) AND NOT pg_has_role(nspowner, 'USAGE')
UNION ALL SELECT 'large object ' || oid FROM pg_largeobject_metadata WHERE NOT pg_has_role(lomowner, 'USAGE')
UNION ALL SELECT DISTINCT 'publication ' || pubname FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
  WHERE NOT pg_has_role(pubowner, 'USAGE')`;
