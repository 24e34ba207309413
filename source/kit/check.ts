import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {type InstallPlan, planInstall} from '../host/apt.js';
import {AptRefusal} from '../host/apt-output.js';
import {freeze, normalizeName} from '../host/pip.js';
import type {Runner} from '../host/process.js';
import {glibcVersion, parseSourceName, parseWheelName, unfit} from '../host/wheel.js';
import {list, mark, t} from '../locales/index.js';
import type {Installation} from '../omflow/installation.js';
import {type Needs, withoutApache} from '../omflow/releases.js';
import {missingFrom} from '../omflow/requirements.js';
import {platformOf} from './ask.js';
import {type KitManifest, kitFiles} from './manifest.js';
import {aptFor, type Kit} from './taken.js';
import {linesOf} from './text.js';
import {mend, tryPip} from './trial.js';

/**
Whether a kit is complete for this host, without a network: everything that apt and pip would do with it is tried. Says
exactly what is missing and what is too much. Changes nothing besides the kit's own folder.
*/
export async function checkKit(
	runner: Runner,
	kit: Kit,
	installation: Installation,
	wanted: Needs,
): Promise<readonly Finding[]> {
	const needs = installation.apache ? wanted : withoutApache(wanted);
	const {manifest} = kit;
	const misfit = await platformFindings(runner, manifest, installation, needs);
	if (misfit.length > 0) {
		return misfit;
	}

	const [packages, wheels, list] = [
		await packageFindings(runner, kit, namesFor(manifest, needs)),
		await wheelFindings(runner, kit),
		await listFindings(runner, kit, installation),
	];
	const lacksNothing = ![...packages, ...wheels].some(({severity}) => severity === 'blocker');
	const pip = lacksNothing ? await tryPip(runner, kit, needs.python) : [];
	const from = manifest.request ? t(' It was made for {host}.', {host: manifest.request.host}) : '';
	const signed = kit.signedBy ? t(' Signed by {signedBy}.', {signedBy: kit.signedBy}) : '';
	return [
		...packages,
		...wheels,
		...list,
		...pip,
		{
			severity: 'info',
			id: 'kit',
			sentence: t('The kit leads to {to}, with {files} files as they were built.{from}{signed}', {
				to: manifest.to,
				files: manifest.files.length,
				from,
				signed,
			}),
		},
	];
}

/** What is too much is in nobody's way. */
const harmlessRest = mark(
	'It does no harm. A kit without it: omflow-tui kit request here, then omflow-tui kit build REQUEST on the connected machine.',
);

/** What apt is to install with a kit: what the release needs, and what the kit's own list is compiled with. */
export function namesFor({aptPackages}: KitManifest, needs: Needs): string[] {
	return [...new Set([...needs.aptPackages, ...aptPackages])];
}

async function platformFindings(
	runner: Runner,
	manifest: KitManifest,
	installation: Installation,
	needs: Needs,
): Promise<Finding[]> {
	const {platform, python} = manifest;
	const host = await platformOf(runner, installation);
	const blocker = (id: string, sentence: string): Finding => ({
		severity: 'blocker',
		id,
		sentence,
		remedy: mend(manifest),
	});
	return [
		...(platform.architecture === host.architecture
			? []
			: [
					blocker(
						'kit-architecture',
						t('The kit is for {architecture}, and this host is {here}.', {
							architecture: platform.architecture,
							here: host.architecture,
						}),
					),
				]),
		...(platform.id === host.id && platform.version === host.version
			? []
			: [
					blocker(
						'kit-system',
						t('The kit is for {id} {version}, and this host is {hereId} {hereVersion}.', {
							id: platform.id,
							version: platform.version,
							hereId: host.id,
							hereVersion: host.version,
						}),
					),
				]),
		...(python === needs.python
			? []
			: [
					blocker(
						'kit-python',
						t('The kit brings Python {python}, and {needed} is needed.', {python, needed: needs.python}),
					),
				]),
	];
}

async function packageFindings(runner: Runner, kit: Kit, names: readonly string[]): Promise<Finding[]> {
	let plan: InstallPlan;
	try {
		plan = await planInstall(runner, names, {configuration: await aptFor(runner, kit)});
	} catch (error) {
		return [{severity: 'blocker', id: 'kit-packages', sentence: inKit(error as Error), remedy: mend(kit.manifest)}];
	}

	const findings: Finding[] = [];
	if (plan.unavailable.length > 0) {
		const sentence =
			plan.unavailable.length === 1
				? t('The kit lacks the package {name}.', {name: plan.unavailable[0]})
				: t('The kit lacks the packages {names}.', {names: plan.unavailable.join(', ')});
		findings.push({severity: 'blocker', id: 'kit-packages', sentence, remedy: mend(kit.manifest)});
	}

	if (plan.removes.length > 0) {
		findings.push({
			severity: 'blocker',
			id: 'kit-packages',
			sentence: t('With this kit apt would remove {removes}.', {removes: plan.removes.join(', ')}),
			remedy: mend(kit.manifest),
		});
	}

	const used = new Set(plan.packages.map(({name}) => name.replace(/:.*/, '')));
	const idle = (await readdir(join(kit.directory, 'debs')))
		.filter(name => name.endsWith('.deb'))
		.filter(name => !used.has(name.split('_')[0] ?? ''));
	findings.push({
		severity: 'info',
		id: 'kit-packages',
		sentence:
			plan.packages.length === 0
				? t('Every package is installed already.')
				: t('apt would install {packages} packages of the kit, and nothing else.', {packages: plan.packages.length}),
	});
	if (idle.length > 0) {
		findings.push({
			severity: 'info',
			id: 'kit-superfluous',
			sentence:
				idle.length === 1
					? t('One package of the kit is not needed here.')
					: t('{count} packages of the kit are not needed here.', {count: idle.length}),
			evidence: idle.map(name => name.split('_')[0]).join(', '),
			remedy: t(harmlessRest),
		});
	}

	return findings;
}

/** In apt's sentences a host's sources are meant; here it is the kit. */
function inKit(error: Error): string {
	if (error instanceof AptRefusal && error.unknown !== undefined) {
		return t('The kit lacks the package {name}.', {name: error.unknown});
	}

	return error instanceof AptRefusal && error.unmet !== undefined
		? t('The packages of the kit do not go together ({reason}).', {reason: error.unmet})
		: error.message;
}

async function wheelFindings(runner: Runner, {directory, manifest}: Kit): Promise<Finding[]> {
	const host = {
		python: manifest.python,
		architecture: manifest.platform.architecture,
		glibc: await glibcVersion(runner),
	};
	const names = await readdir(join(directory, 'wheels'));
	const lock = await linesOf(join(directory, kitFiles.lock));
	const findings: Finding[] = [];
	const usable = new Set<string>();
	const misfits: Array<{readonly key: string; readonly sentence: string}> = [];
	for (const name of names) {
		const wheel = parseWheelName(name);
		const why = wheel && unfit(wheel, host);
		const found = wheel ?? parseSourceName(name);
		const key = found && `${normalizeName(found.name)}==${found.version}`;
		if (key && why) {
			misfits.push({key, sentence: `wheels/${name} ${why}.`});
		} else if (key) {
			usable.add(key);
		}
	}

	// One that does not fit beside one that does is only too much.
	for (const {key, sentence} of misfits) {
		findings.push(
			usable.has(key)
				? {severity: 'info', id: 'kit-superfluous', sentence, remedy: t(harmlessRest)}
				: {severity: 'blocker', id: 'kit-wheel', sentence, remedy: mend(manifest)},
		);
	}

	const tools = manifest.toBuild.length > 0 ? ['setuptools', 'wheel'] : [];
	const missing = tools.filter(tool => ![...usable].some(key => key.startsWith(`${tool}==`)));
	if (missing.length > 0) {
		findings.push({
			severity: 'blocker',
			id: 'kit-wheel',
			sentence: t('{toBuild} has to be built here, and the kit has no {missing} for that.', {
				toBuild: manifest.toBuild.join(', '),
				missing: list(missing),
			}),
			remedy: t('Add {missing}: pip download {names} -d DIR.', {
				missing: list(missing),
				names: missing.join(' '),
			}),
		});
	}

	const keyOf = (line: string) => line.replace(/^([^=]+)/, name => normalizeName(name));
	const lacking = lock.filter(line => !usable.has(keyOf(line)));
	if (lacking.length > 0) {
		findings.push({
			severity: 'blocker',
			id: 'kit-wheel',
			sentence: t('The kit has no file of {lacking} that fits this host.', {lacking: lacking.join(', ')}),
			remedy: mend(manifest),
		});
	}

	const locked = new Set(lock.map(keyOf));
	const idle = [...usable].filter(each => !locked.has(each));
	if (idle.length > 0) {
		const sentence =
			idle.length === 1
				? t('One Python package of the kit is on no list.')
				: t('{count} Python packages of the kit are on no list.', {count: idle.length});
		findings.push({
			severity: 'info',
			id: 'kit-superfluous',
			sentence,
			evidence: idle.join(', '),
			remedy: t(harmlessRest),
		});
	}

	return findings;
}

/** What the environment has by now, and the kit neither brings nor leaves out with a reason. */
async function listFindings(
	runner: Runner,
	{directory, manifest}: Kit,
	{environment}: Installation,
): Promise<Finding[]> {
	const [now, lock, requirements] = await Promise.all([
		freeze(runner, environment.path).catch(() => undefined),
		linesOf(join(directory, kitFiles.lock)),
		linesOf(join(directory, kitFiles.requirements)),
	]);
	if (!now) {
		return [
			{
				severity: 'warning',
				id: 'kit-list',
				sentence: t('What is installed in {path} cannot be listed, so the kit was not compared with it.', {
					path: environment.path,
				}),
			},
		];
	}

	const missing = missingFrom(now, lock, requirements);
	return missing.length === 0
		? []
		: [
				{
					severity: 'blocker',
					id: 'kit-list',
					sentence: t('The environment has {missing}, and the kit has not.', {missing: missing.join(', ')}),
					remedy: t('{anew} What is not needed any more can be left out there, in the list of the request.', {
						anew: mend(manifest),
					}),
				},
			];
}
