import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {Ajv2020, type ErrorObject} from 'ajv/dist/2020.js';

/** Sees that a value is as a schema of `schemas/` publishes it, or as one of the definitions in that schema does. */
export async function isAsPublished(value: unknown, name: string, definition?: string): Promise<void> {
	assert.deepEqual(await problems(value, name, definition), []);
}

/** What of a value is otherwise than published. */
export async function problems(value: unknown, name: string, definition?: string): Promise<readonly ErrorObject[]> {
	const text = await readFile(new URL(`../schemas/${name}.json`, import.meta.url), 'utf8');
	const ajv = new Ajv2020({allErrors: true}).addSchema(JSON.parse(text), name);
	const validate = ajv.getSchema(definition === undefined ? name : `${name}#/$defs/${definition}`);
	assert.ok(validate, `There is no schema ${name} ${definition ?? ''}`);
	return validate(value) ? [] : (validate.errors ?? []);
}
