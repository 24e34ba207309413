import type {AskedQuestion, Mood, Pane} from '../../engine/state.js';
import {type InstalledPackage, normalizeName, type PackageState, type PipProgress} from '../../host/pip.js';
import {type Marked, mark, t} from '../../locales/index.js';
import {nameOfDropped, nameOfLine} from '../../omflow/requirements.js';

type Remarks = Extract<AskedQuestion, {kind: 'text'}>['remarks'];

/** What is the matter with a package that only the old environment has. */
export type Absent = 'missing' | 'not yet' | 'dropped';

/** What still lacks comes first; what nobody wants any more comes last. */
const states = {
	missing: {word: mark('missing'), mood: 'bad'},
	wanted: {word: mark('wanted'), mood: 'dull'},
	building: {word: mark('building'), mood: 'busy'},
	fetching: {word: mark('fetching'), mood: 'busy'},
	ready: {word: mark('ready'), mood: 'busy'},
	'not yet': {word: mark('not yet'), mood: 'dull'},
	installed: {word: mark('installed'), mood: 'good'},
	dropped: {word: mark('dropped'), mood: 'dull'},
} as const satisfies Record<PackageState | Absent, {readonly word: Marked; readonly mood: Mood}>;

const order = Object.keys(states) as Array<keyof typeof states>;

/** Name, old version, new version, state, and how many there are of each state. `now` is by normalised name. */
export function packageTable(
	before: readonly InstalledPackage[],
	now: PipProgress['packages'],
	absent: (name: string) => Absent,
): Pane {
	const old = new Map(before.map(found => [normalizeName(found.name), found]));
	const rows = [...new Set([...old.keys(), ...Object.keys(now)])].map(key => {
		const found = now[key];
		const state = found?.state ?? absent(key);
		const name = found?.name ?? old.get(key)?.name ?? key;
		return {state, name, cells: [name, old.get(key)?.version ?? '', found?.version ?? '', t(states[state].word)]};
	});
	rows.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name));
	const counts = order.flatMap(state => {
		const count = rows.filter(row => row.state === state).length;
		return count === 0 ? [] : [`${count} ${t(states[state].word)}`];
	});
	return {
		kind: 'table',
		columns: [t('Package'), t('Old'), t('New'), t('State')],
		rows: rows.map(({cells, state}) => ({cells, mood: states[state].mood})),
		facts: [[t('Packages'), counts.join(', ')]],
	};
}

/** The same table beside the lines of a list that is to be changed: old and new version, and the state. */
export function packageRemarks(
	lines: readonly string[],
	before: readonly InstalledPackage[],
	now: readonly InstalledPackage[],
): Remarks {
	const old = new Map(before.map(({name, version}) => [normalizeName(name), version]));
	const present = new Map(now.map(({name, version}) => [normalizeName(name), version]));
	return lines.flatMap((line, index) => {
		const dropped = nameOfDropped(line);
		const name = dropped ?? (line.trim().startsWith('#') ? undefined : nameOfLine(line));
		if (name === undefined) {
			return [];
		}

		const state = dropped ? 'dropped' : present.has(name) ? 'installed' : 'missing';
		const versions = [old.get(name), present.get(name)].filter(Boolean).join(' > ');
		const word = t(states[state].word);
		return [{index, remark: versions === '' ? word : `${word}, ${versions}`, mood: states[state].mood}];
	});
}

/** Remarks at the lines whose package a failure names, so that the eye finds them. */
export function blamed(lines: readonly string[], why: string): Remarks {
	const words = new Set((why.match(/[A-Za-z\d][\w.-]*/g) ?? []).map(word => normalizeName(word.replace(/\.$/, ''))));
	return lines.flatMap((line, index) => {
		const name = line.trim().startsWith('#') ? undefined : nameOfLine(line);
		return name !== undefined && words.has(name)
			? [{index, remark: t('named in the failure'), mood: 'bad' as const}]
			: [];
	});
}
