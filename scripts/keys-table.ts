// Writes the table of keys into the readme: node --import tsx scripts/keys-table.ts
import {readFile, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {keyLabel} from '../source/console/key-names.js';
import {bindings, type Context} from '../source/console/keys.js';

const start = '<!-- keys: made by scripts/keys-table.ts -->\n';
const end = '\n<!-- /keys -->';

const places: ReadonlyArray<readonly [Context, string]> = [
	['home', 'First screen'],
	['findings', 'Findings'],
	['backups', 'Backups'],
	['past', 'Steps of an earlier run'],
	['run', 'Run'],
	['log', 'Log of a step'],
	['choice', 'A choice'],
	['text', 'A list of lines'],
	['line', 'A program asks'],
	['lines', 'Lines of a file'],
	['review', 'Before lines are used'],
];

/** The readme with the table as the program's own list of keys has it now. */
export function withKeys(readme: string): string {
	const rows = places.flatMap(([context, place]) =>
		bindings
			.filter(({contexts}) => contexts.includes(context))
			.map(({keys, help}) => `| ${place} | ${keys.map(key => `\`${keyLabel(key)}\``).join(' ')} | ${help} |`),
	);
	const table = ['| where | key | what it does |', '|---|---|---|', ...rows].join('\n');
	const [from, to] = [readme.indexOf(start), readme.indexOf(end)];
	return readme.slice(0, from + start.length) + table + readme.slice(to);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const path = fileURLToPath(new URL('../readme.md', import.meta.url));
	await writeFile(path, withKeys(await readFile(path, 'utf8')));
}
