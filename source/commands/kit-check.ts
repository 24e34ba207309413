import {resolve} from 'node:path';
import {networkEnvironment} from '../host/environment.js';
import {createRunner, plainEnvironment} from '../host/process.js';
import {checkKit} from '../kit/check.js';
import {findInstallation} from '../omflow/installation.js';
import {needsOf, readReleases} from '../omflow/releases.js';
import {parseVersion} from '../omflow/version.js';
import {handMadeKit, takenKit} from './kit-source.js';
import {exitStatus} from './plain.js';
import {Refusal} from './refusal.js';
import {prepareState} from './runs.js';
import {showScreenful} from './screenful.js';
import {type Arguments, UsageError} from './usage.js';
import {findInstalled} from './way.js';

/** Tells whether a kit is complete for this server. Changes nothing; ends with 0, or 3 when something is missing. */
export async function checkKitHere(given: Arguments): Promise<number> {
	const [, named] = given.positionals;
	const isByHand = (given.debs ?? given.wheels) !== undefined;
	if ((named === undefined) === !isByHand) {
		throw new UsageError(
			'Which kit? Name it: omflow-tui kit check KIT, or its folders with --debs DIR and --wheels DIR.',
		);
	}

	await prepareState(given.state);
	const {base} = await findInstalled(given);
	const runner = createRunner({
		log: '/dev/null',
		environment: plainEnvironment,
		networkEnvironment: await networkEnvironment(),
	});
	const installation = await findInstallation(runner, {base}).catch((error: Error) => {
		throw new Refusal(error.message, exitStatus.blocked);
	});
	const kit =
		named === undefined
			? await handMadeKit(runner, given, given.state, installation)
			: await takenKit(runner, resolve(named), given.state);
	const needs = needsOf(parseVersion(kit.manifest.to), await readReleases());
	if (!needs) {
		throw new Refusal(`The kit leads to ${kit.manifest.to}, which needs none.`, exitStatus.blocked);
	}

	const findings = await checkKit(runner, kit, installation, needs);
	const isComplete = !findings.some(({severity}) => severity === 'blocker');
	if (given.json) {
		const {files, ...manifest} = kit.manifest;
		const report = {
			schema: 1,
			outcome: isComplete ? 'complete' : 'incomplete',
			kit: {...manifest, files: files.length},
			findings,
		};
		process.stdout.write(`${JSON.stringify(report)}\n`);
		return isComplete ? 0 : exitStatus.blocked;
	}

	const chosen = await showScreenful<'upgrade' | 'rehearse'>(given, {
		title: isComplete ? 'The kit is complete for this server' : 'The kit is not complete for this server',
		facts: [
			['Kit', named === undefined ? [given.debs, given.wheels].filter(Boolean).join(' and ') : resolve(named)],
			['Way', `${installation.version.text} to ${kit.manifest.to}`],
			['Result', isComplete ? 'complete' : 'not complete'],
		],
		findings,
		choices: isComplete
			? [
					{
						value: 'rehearse',
						label: 'Rehearse with it',
						explanation: 'In a copy-on-write view of this host, which stays as it is.',
					},
					{
						value: 'upgrade',
						label: 'Upgrade with it',
						explanation: 'Nothing is changed before you have seen the plan.',
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
			return isComplete ? 0 : exitStatus.blocked;
	}
}
