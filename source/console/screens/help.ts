import {bindings, type Context, keyLabel} from '../keys.js';
import {type Line, pad, plain, width} from '../lines.js';
import type {Glyphs} from '../theme.js';

const sections: ReadonlyArray<readonly [title: string, context: Context]> = [
	['Run', 'run'],
	['Log', 'log'],
	['Question with choices', 'choice'],
	['Question with a text', 'text'],
	['Question with lines of a file', 'lines'],
];

/** Every key, by where it counts; made from the key table. */
export function helpLines(glyphs: Glyphs): Line[] {
	return sections.flatMap(([title, context], number) => [
		...(number === 0 ? [] : [plain('')]),
		plain(title, 'title'),
		...bindings
			.filter(binding => binding.contexts.includes(context))
			.map((binding): Line => {
				const keys = binding.keys.map(key => keyLabel(key, !glyphs.unicode)).join(' ');
				return [{text: `  ${pad(keys, Math.max(16, width(keys)))}  `, tone: 'accent'}, {text: binding.help}];
			}),
	]);
}
