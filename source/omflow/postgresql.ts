/**
Entries of a dump that are loaded, as `pg_restore --list` prints them. Extensions and the schema `public` are left where
they are: they belong to an administrator of the database, and the user of OMFLOW may not make them anew.
*/
export function entriesToLoad(list: string): string {
	const kept = /^\d+; \d+ \d+ (?:EXTENSION - |COMMENT - EXTENSION |SCHEMA - public |(?:COMMENT|ACL) - SCHEMA public )/;
	return list
		.split('\n')
		.filter(line => !kept.test(line))
		.join('\n');
}

/** Number of tables in a dump, by the same list. */
export function tablesIn(list: string): number {
	return list
		.split('\n')
		.filter(line => /^\d+; \d+ \d+ TABLE /.test(line) && !/^\d+; \d+ \d+ TABLE (?:DATA|ATTACH) /.test(line)).length;
}

/**
Removes everything a dump could bring and everything that was made beside it, for a user who owns the database and
what is in it but is no superuser. What belongs to an extension stays.
*/
export const dropScript = `SET client_min_messages = warning;
DO $omflow$
DECLARE
  item record;
BEGIN
  FOR item IN SELECT oid FROM pg_largeobject_metadata LOOP
    PERFORM lo_unlink(item.oid);
  END LOOP;
  FOR item IN
    SELECT nspname AS name FROM pg_namespace n
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', item.name);
  END LOOP;
  FOR item IN
    SELECT c.oid, c.relname AS name, CASE c.relkind
        WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
        WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END AS kind
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  LOOP
    -- What depended on an earlier one is gone with it.
    IF EXISTS (SELECT FROM pg_class WHERE oid = item.oid) THEN
      EXECUTE format('DROP %s public.%I CASCADE', item.kind, item.name);
    END IF;
  END LOOP;
  FOR item IN
    SELECT p.oid, p.oid::regprocedure AS name,
      CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END AS kind
    FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  LOOP
    IF EXISTS (SELECT FROM pg_proc WHERE oid = item.oid) THEN
      EXECUTE format('DROP %s %s CASCADE', item.kind, item.name);
    END IF;
  END LOOP;
  FOR item IN
    SELECT t.oid, t.typname AS name FROM pg_type t
    WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd', 'r')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
  LOOP
    IF EXISTS (SELECT FROM pg_type WHERE oid = item.oid) THEN
      EXECUTE format('DROP TYPE public.%I CASCADE', item.name);
    END IF;
  END LOOP;
END
$omflow$;
`;
