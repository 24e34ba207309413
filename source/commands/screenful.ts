import {pad, width} from '../console/lines.js';
import type {Fact, Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {describeFinding} from './plain.js';
import {wantsConsole} from './terminal.js';
import type {Arguments} from './usage.js';

/** What a command has found out, and what can be done next. */
export type Screenful<Value extends string> = {
	readonly title: string;
	readonly facts: readonly Fact[];
	readonly findings: readonly Finding[];
	readonly choices?: ReadonlyArray<{readonly value: Value; readonly label: string; readonly explanation: string}>;
};

/** Shows it on a screen of its own and returns the choice, or prints it where nobody is at a terminal. */
export async function showScreenful<Value extends string = never>(
	given: Arguments,
	{choices = [], ...shown}: Screenful<Value>,
): Promise<Value | 'leave' | undefined> {
	if (!wantsConsole(given)) {
		const room = Math.max(...shown.facts.map(([label]) => width(label)));
		const lines = [
			...shown.findings.map(describeFinding),
			...(shown.findings.length > 0 ? [''] : []),
			...shown.facts.map(([label, value]) => `${pad(label, room)}  ${value}`),
		];
		process.stdout.write(`${lines.join('\n')}\n`);
		return undefined;
	}

	const {runHome} = await import('../console/main.js');
	return runHome<Value | 'leave'>({
		...shown,
		choices: [...choices, {value: 'leave', label: t('Leave'), explanation: t('Nothing more is done.')}],
		ascii: given.ascii,
		color: given.color,
		stdin: process.stdin,
		stdout: process.stdout,
	});
}
