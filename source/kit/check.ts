import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {type InstallPlan, planInstall} from '../host/apt.js';
import {freeze, normalizeName} from '../host/pip.js';
import type {Runner} from '../host/process.js';
import {glibcVersion, parseSourceName, parseWheelName, unfit} from '../host/wheel.js';
import type {Installation} from '../omflow/installation.js';
import {type Needs, withoutApache} from '../omflow/releases.js';
import {missingFrom} from '../omflow/requirements.js';
import {platformOf} from './ask.js';
import {type KitManifest, kitFiles} from './manifest.js';
import {aptFor, type Kit} from './taken.js';
import {linesOf} from './text.js';
import {anew, tryPip} from './trial.js';

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
	const from = manifest.request ? ` It was made for ${manifest.request.host}.` : '';
	const signed = kit.signedBy ? ` Signed by ${kit.signedBy}.` : '';
	return [
		...packages,
		...wheels,
		...list,
		...pip,
		{
			severity: 'info',
			id: 'kit',
			sentence: `The kit leads to ${manifest.to}, with ${manifest.files.length} files as they were built.${from}${signed}`,
		},
	];
}

/** What apt is to install with a kit: what the release needs, and what the kit's own list is compiled with. */
export function namesFor({aptPackages}: KitManifest, needs: Needs): string[] {
	return [...new Set([...needs.aptPackages, ...aptPackages])];
}

async function platformFindings(
	runner: Runner,
	{platform, python}: KitManifest,
	installation: Installation,
	needs: Needs,
): Promise<Finding[]> {
	const host = await platformOf(runner, installation);
	const blocker = (id: string, sentence: string): Finding => ({severity: 'blocker', id, sentence, remedy: anew});
	return [
		...(platform.architecture === host.architecture
			? []
			: [
					blocker(
						'kit-architecture',
						`The kit is for ${platform.architecture}, and this host is ${host.architecture}.`,
					),
				]),
		...(platform.id === host.id && platform.version === host.version
			? []
			: [
					blocker(
						'kit-system',
						`The kit is for ${platform.id} ${platform.version}, and this host is ${host.id} ${host.version}.`,
					),
				]),
		...(python === needs.python
			? []
			: [blocker('kit-python', `The kit brings Python ${python}, and ${needs.python} is needed.`)]),
	];
}

async function packageFindings(runner: Runner, kit: Kit, names: readonly string[]): Promise<Finding[]> {
	let plan: InstallPlan;
	try {
		plan = await planInstall(runner, names, {configuration: await aptFor(runner, kit)});
	} catch (error) {
		return [{severity: 'blocker', id: 'kit-packages', sentence: inKit((error as Error).message), remedy: anew}];
	}

	const findings: Finding[] = [];
	if (plan.unavailable.length > 0) {
		const sentence = `The kit lacks the ${plural(plan.unavailable, 'package')} ${plan.unavailable.join(', ')}.`;
		findings.push({severity: 'blocker', id: 'kit-packages', sentence, remedy: anew});
	}

	if (plan.removes.length > 0) {
		findings.push({
			severity: 'blocker',
			id: 'kit-packages',
			sentence: `With this kit apt would remove ${plan.removes.join(', ')}.`,
			remedy: anew,
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
				? 'Every package is installed already.'
				: `apt would install ${plan.packages.length} packages of the kit, and nothing else.`,
	});
	if (idle.length > 0) {
		findings.push({
			severity: 'info',
			id: 'kit-superfluous',
			sentence: `${idle.length} ${plural(idle, 'package')} of the kit ${idle.length === 1 ? 'is' : 'are'} not needed here.`,
			evidence: idle.map(name => name.split('_')[0]).join(', '),
		});
	}

	return findings;
}

/** In apt's sentences a host's sources are meant; here it is the kit. */
function inKit(message: string): string {
	return message
		.replace(/No package source of this host has (\S+)\. Add a source that has it\./, 'The kit lacks the package $1.')
		.replace(/ Run "apt-get -f install".*$/, '');
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
				? {severity: 'info', id: 'kit-superfluous', sentence}
				: {severity: 'blocker', id: 'kit-wheel', sentence, remedy: anew},
		);
	}

	const tools = manifest.toBuild.length > 0 ? ['setuptools', 'wheel'] : [];
	const missing = tools.filter(tool => ![...usable].some(key => key.startsWith(`${tool}==`)));
	if (missing.length > 0) {
		findings.push({
			severity: 'blocker',
			id: 'kit-wheel',
			sentence: `${manifest.toBuild.join(', ')} has to be built here, and the kit has no ${missing.join(' and ')} for that.`,
			remedy: `Add ${missing.join(' and ')}: pip download ${missing.join(' ')} -d DIR.`,
		});
	}

	const keyOf = (line: string) => line.replace(/^([^=]+)/, name => normalizeName(name));
	const lacking = lock.filter(line => !usable.has(keyOf(line)));
	if (lacking.length > 0) {
		findings.push({
			severity: 'blocker',
			id: 'kit-wheel',
			sentence: `The kit has no file of ${lacking.join(', ')} that fits this host.`,
			remedy: anew,
		});
	}

	const locked = new Set(lock.map(keyOf));
	const idle = [...usable].filter(each => !locked.has(each));
	if (idle.length > 0) {
		const sentence = `${idle.length} Python ${plural(idle, 'package')} of the kit ${idle.length === 1 ? 'is' : 'are'} on no list.`;
		findings.push({severity: 'info', id: 'kit-superfluous', sentence, evidence: idle.join(', ')});
	}

	return findings;
}

/** What the environment has by now, and the kit neither brings nor leaves out with a reason. */
async function listFindings(runner: Runner, {directory}: Kit, {environment}: Installation): Promise<Finding[]> {
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
				sentence: `What is installed in ${environment.path} cannot be listed, so the kit was not compared with it.`,
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
					sentence: `The environment has ${missing.join(', ')}, and the kit has not.`,
					remedy: `${anew} What is not needed any more can be left out there, in the list of the request.`,
				},
			];
}

function plural(of: readonly unknown[], word: string): string {
	return of.length === 1 ? word : `${word}s`;
}
