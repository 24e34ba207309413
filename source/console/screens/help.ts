import {mark, type Text, t} from '../../locales/index.js';
import {keyLabel} from '../key-names.js';
import {bindings, type Context} from '../keys.js';
import {type Line, pad, plain, width, wrap} from '../lines.js';
import type {Glyphs} from '../theme.js';

const sections: ReadonlyArray<readonly [title: Text, context: Context]> = [
	[mark('Run'), 'run'],
	[mark('Log'), 'log'],
	[mark('Question with choices'), 'choice'],
	[mark('Question with a text'), 'text'],
	[mark('Question of a program'), 'line'],
	[mark('Question with lines of a file'), 'lines'],
	[mark('Findings'), 'findings'],
	[mark('Backups'), 'backups'],
	[mark('Earlier runs'), 'runs'],
	[mark('Steps of an earlier run'), 'past'],
];

/**
Every key, by where it counts, beginning with where the person is; made from the key table. What a key does goes on below itself where a row is too short.
*/
export function helpLines(glyphs: Glyphs, columns: number, here: Context): Line[] {
	const ordered = sections.toSorted(([, a], [, b]) => Number(b === here) - Number(a === here));
	return ordered.flatMap(([title, context], number) => [
		...(number === 0 ? [] : [plain('')]),
		plain(t(title), 'title'),
		...bindings
			.filter(binding => binding.contexts.includes(context))
			.flatMap((binding): Line[] => {
				const keys = binding.keys.map(key => keyLabel(key, !glyphs.unicode)).join(' ');
				const head = `  ${pad(keys, Math.max(16, width(keys)))}  `;
				return wrap(t(binding.help), columns - width(head)).map((part, index) => [
					{text: index === 0 ? head : ' '.repeat(width(head)), tone: 'accent'},
					{text: part},
				]);
			}),
	]);
}
