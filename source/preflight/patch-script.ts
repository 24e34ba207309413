import {realpath} from 'node:fs/promises';
import type {Finding} from '../engine/state.js';
import {showCommand} from '../host/process.js';
import {t} from '../locales/index.js';
import {firstOf, shownLine} from './show.js';

/** Where the vendor's documents install OMFLOW. */
const documented = '/opt/omflow';

/** OMFLOW's place by the name the vendor's scripts use, if that leads there; else as it is. */
export async function baseAsDocumented(base: string, place = documented): Promise<string> {
	const [here, there] = await Promise.all([base, place].map(path => realpath(path).catch(() => undefined)));
	return here !== undefined && here === there ? place : base;
}

/**
What the text of a patch.sh says about how it can be run. A shell script cannot be understood by looking, so only what
stands at the beginning of a command counts; a script that hides it is not found out.

@param base - OMFLOW's place, after `baseAsDocumented`.
*/
export function patchScriptFindings(scriptText: string, base: string): readonly Finding[] {
	const lines = linesOf(scriptText);
	const places = (pattern: RegExp, part: 'code' | 'command', except = /^\b$/) =>
		lines
			.filter(line => pattern.test(line[part]) && !except.test(line.command))
			.map(({number, code}) => `patch.sh:${number}: ${shownLine(code)}`);
	const finding = (rest: Omit<Finding, 'evidence'>, found: readonly string[]): Finding[] =>
		found.length === 0 ? [] : [{...rest, evidence: firstOf(found, 5)}];
	return [
		...finding(
			{
				severity: 'blocker',
				id: 'patch-base',
				sentence: t('The patch is written for {documented}, but OMFLOW is in {base}.', {documented, base}),
				remedy: t(
					'Make the one lead to the other first, with “{documented}”, or ask the vendor for a patch for that place.',
					{documented: showCommand(['ln', '-sT', base, documented])},
				),
			},
			base === documented
				? []
				: places(/(?<![\w./}-])\/opt\/omflow(?![\w.-])/, 'code', /^\s*(?:echo|printf)\b[^|&;>]*$/),
		),
		...finding(
			{
				severity: 'warning',
				id: 'patch-asks',
				sentence: t('The patch seems to ask for input, which a run with --yes cannot give.'),
				remedy: t(
					'Read patch.sh before the upgrade, and stay at the console to answer: the service is down until then.',
				),
			},
			places(asks, 'command'),
		),
		...finding(
			{
				severity: 'warning',
				id: 'patch-reboots',
				sentence: t('The patch seems to restart or halt this machine, which cuts the upgrade.'),
				remedy: t(
					'Read patch.sh before the upgrade. After the restart it is run once more from the backup, or start omflow-tui to see.',
				),
			},
			places(reboots, 'command'),
		),
	];
}

/** Where a command begins. */
const start = String.raw`(?:^|[;&|({!]|\b(?:then|do|else|if|sudo|exec))\s*`;

/** Not a `read` that has its input from a file or a pipe. */
const asks = new RegExp(
	String.raw`^(?!.*(?:\bwhile\b|\buntil\b|<|\|\s*read)).*${start}(?:read(?=\s|$|;)|select\s+\w+\s+in\b)`,
);
const reboots = new RegExp(
	String.raw`${start}(?:(?:/usr)?/s?bin/)?(?:(?:systemctl\s+)?(?:reboot|poweroff|halt)|shutdown|(?:tel)?init\s+[06])(?=\s|$|;)`,
);

type Line = {
	/** From 1. */
	readonly number: number;
	/** Without a comment. */
	readonly code: string;
	/** With what stands in quotes taken out as well. */
	readonly command: string;
};

/** The lines of a script that are commands, without what is fed to them in here-documents. */
function linesOf(text: string): Line[] {
	const lines: Line[] = [];
	let until: string | undefined;
	for (const [index, line] of text.split(/\r?\n/).entries()) {
		if (until !== undefined) {
			until = line.replace(/^\t+/, '') === until ? undefined : until;
			continue;
		}

		const code = line.replace(/(^|\s)#.*$/, '$1');
		const command = code.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"/g, '""');
		lines.push({number: index + 1, code, command});
		until = /(?<!<)<<-?\s*(["']?)(\w+)\1/.exec(code)?.[2];
	}

	return lines;
}
