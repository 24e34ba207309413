import {resolve} from 'node:path';
import type {Finding} from '../engine/state.js';
import {networkEnvironment} from '../host/environment.js';
import {createRunner, plainEnvironment, type Runner} from '../host/process.js';
import {checkKit} from '../kit/check.js';
import type {Kit} from '../kit/taken.js';
import {list, t} from '../locales/index.js';
import {findInstallation, type Installation} from '../omflow/installation.js';
import {changesEnvironment, readReleases} from '../omflow/releases.js';
import {findRoute} from '../omflow/route.js';
import {parseVersion} from '../omflow/version.js';
import {archivesIn, aside, handMadeKit, takenKit} from './kit-source.js';
import {exitStatus} from './plain.js';
import {Refusal} from './refusal.js';
import {showScreenful} from './screenful.js';
import {type Arguments, UsageError} from './usage.js';
import {archivesOf, checkedVersion, findInstalled} from './way.js';

/**
Tells whether a kit is complete for this server. Changes nothing; ends with 0, with 3 when something is missing, or with 4 when that
could not be tried to its end.
*/
export async function checkKitHere(given: Arguments): Promise<number> {
	const [, named] = given.positionals;
	const isByHand = (given.debs ?? given.wheels) !== undefined;
	if ((named === undefined) === !isByHand) {
		throw new UsageError(
			t('Which kit? Name it: omflow-tui kit check KIT, or its folders with --debs DIR and --wheels DIR.'),
		);
	}

	const {base} = await findInstalled(given);
	const runner = createRunner({
		log: '/dev/null',
		environment: plainEnvironment,
		networkEnvironment: await networkEnvironment(),
	});
	const installation = await findInstallation(runner, {base}).catch((error: Error) => {
		throw new Refusal(error.message, exitStatus.blocked);
	});
	const {findings, kit} = await aside(given.state, async state => {
		const taken =
			named === undefined
				? await handMadeKit(runner, given, state, installation)
				: await takenKit(runner, resolve(named), state);
		return {kit: taken, findings: await examine(runner, taken, installation, given)};
	});
	return tell(given, kit, installation, findings);
}

/** What is wrong with the way that the kit leads, else what is missing for it. */
async function examine(
	runner: Runner,
	kit: Kit,
	installation: Installation,
	given: Arguments,
): Promise<readonly Finding[]> {
	const releases = await readReleases();
	const [from, to] = [installation.version, parseVersion(kit.manifest.to)];
	const needs = changesEnvironment(from, to, releases);
	const archives = await archivesOf({...given, patches: [...given.patches, ...(await archivesIn(kit))], to: to.text});
	const via = given.via.map(each => checkedVersion(each).text);
	const route = findRoute({from, to, archives, releases, via});
	const blocker = {severity: 'blocker', id: 'kit-way'} as const;
	if (!route.allowed) {
		return [{...blocker, sentence: route.reason, remedy: route.remedy}];
	}

	if (!needs) {
		return [
			{
				...blocker,
				sentence: t('The kit leads to {to}, and from {from} Python and Django stay: no kit is needed.', {
					to: to.text,
					from: from.text,
				}),
				remedy: t('Upgrade with the patch archive alone.'),
			},
		];
	}

	const lacking: Finding[] =
		route.missing.length > 0
			? [
					{
						severity: 'warning',
						id: 'kit-way',
						sentence: t('The kit has no patch archive for {missing}.', {missing: list(route.missing)}),
						remedy: t('Name it beside the kit: omflow-tui upgrade --kit KIT --patch FILE.'),
					},
				]
			: [];
	return [...lacking, ...(await checkKit(runner, kit, installation, needs))];
}

async function tell(
	given: Arguments,
	kit: Kit,
	installation: Installation,
	findings: readonly Finding[],
): Promise<number> {
	const [, named] = given.positionals;
	const isComplete = !findings.some(({severity}) => severity === 'blocker');
	// What could not be tried is for a person to judge.
	const isCertain = !findings.some(({id, severity}) => id === 'kit-pip' && severity === 'warning');
	const status = isComplete ? exitStatus[isCertain ? 'kept' : 'needs-attention'] : exitStatus.blocked;
	if (given.json) {
		const {files, ...manifest} = kit.manifest;
		const report = {
			schema: 1,
			outcome: isComplete ? (isCertain ? 'complete' : 'uncertain') : 'incomplete',
			kit: {...manifest, files: files.length},
			findings,
		};
		process.stdout.write(`${JSON.stringify(report)}\n`);
		return status;
	}

	const isUsable = isComplete && !findings.some(({id}) => id === 'kit-way');
	const chosen = await showScreenful<'upgrade' | 'rehearse'>(given, {
		title: isComplete
			? isCertain
				? t('The kit is complete for this server')
				: t('The kit seems complete; not all of it could be tried')
			: t('The kit is not complete for this server'),
		facts: [
			[
				t('Kit'),
				named === undefined ? list([given.debs, given.wheels].filter(each => each !== undefined)) : resolve(named),
			],
			[t('Way'), t('{version} to {to}', {version: installation.version.text, to: kit.manifest.to})],
			[t('Result'), isComplete ? (isCertain ? 'complete' : t('complete as far as could be tried')) : t('not complete')],
		],
		findings,
		choices: isUsable
			? [
					{
						value: 'rehearse',
						label: t('Rehearse with it'),
						explanation: t('In a copy-on-write view of this host, which stays as it is.'),
					},
					{
						value: 'upgrade',
						label: t('Upgrade with it'),
						explanation: t('Nothing is changed before you have seen the plan.'),
					},
				]
			: [],
	});
	const asked: Arguments = {...given, positionals: [], ...(named === undefined ? {} : {kit: resolve(named)})};
	switch (chosen) {
		case 'upgrade':
			return (await import('./upgrade.js')).upgrade(asked);
		case 'rehearse':
			return (await import('./rehearse.js')).rehearse(asked);
		default:
			return status;
	}
}
