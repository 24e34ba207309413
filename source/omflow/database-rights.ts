import type {Runner} from '../host/process.js';
import {askDatabase} from './database-programs.js';
import type {Reached} from './database-tool.js';
import {foreignThings} from './postgresql.js';

/**
What of a database OMFLOW's user cannot make anew from a dump since it belongs to somebody else; one name each. Asked
before anything is changed: a dump that cannot be loaded takes nothing back.
*/
export async function thingsOfOthers(runner: Runner, reached: Reached): Promise<string[]> {
	const found = await askDatabase(runner, reached, reached.kind === 'postgresql' ? foreignThings : foreignDefiners);
	return found.split('\n').filter(Boolean);
}

/** Views and programs of MySQL keep who defined them; only with one of these rights others may define them in his name. */
const foreignDefiners = `SELECT name FROM (
  SELECT CONCAT('view ', TABLE_NAME) AS name, DEFINER AS definer FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
  UNION ALL SELECT CONCAT('trigger ', TRIGGER_NAME), DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
  UNION ALL SELECT CONCAT(LOWER(ROUTINE_TYPE), ' ', ROUTINE_NAME), DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
  UNION ALL SELECT CONCAT('event ', EVENT_NAME), DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()
) things WHERE definer <> CURRENT_USER() AND NOT EXISTS (
  SELECT 1 FROM information_schema.USER_PRIVILEGES
  WHERE PRIVILEGE_TYPE IN ('SUPER', 'SET USER', 'SET_USER_ID', 'SET_ANY_DEFINER')
)`;
