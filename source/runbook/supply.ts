import {join} from 'node:path';
import type {AptSettings} from '../host/apt.js';
import {namesFor} from '../kit/check.js';
import {kitFiles} from '../kit/manifest.js';
import {aptFor, type Kit, kitOf} from '../kit/taken.js';
import {needsOf, type StepContext} from './facts.js';

/** The kit of this run; undefined when packages come by the network. */
export async function kitHere({facts}: Pick<StepContext, 'facts'>): Promise<Kit | undefined> {
	return facts.kit === undefined ? undefined : kitOf(facts.state, facts.kit);
}

/** What apt is to install. */
export async function namesWanted(context: StepContext): Promise<readonly string[]> {
	const kit = await kitHere(context);
	const needs = needsOf(context);
	return kit ? namesFor(kit.manifest, needs) : needs.aptPackages;
}

/** From where apt takes them: the sources of this host, or the kit alone. */
export async function aptSettings(context: StepContext): Promise<AptSettings> {
	const kit = await kitHere(context);
	return {log: context.log, ...(kit ? {configuration: await aptFor(context, kit), offline: true} : {})};
}

/** From where pip takes what it installs: the index of this host, or the kit alone, in the very versions of its list. */
export async function pipSource(context: StepContext): Promise<{
	readonly arguments: readonly string[];
	readonly offline: boolean;
	readonly settings: Readonly<Record<string, string>>;
}> {
	const kit = await kitHere(context);
	if (!kit) {
		return {arguments: [], offline: false, settings: {}};
	}

	const lock = join(kit.directory, kitFiles.lock);
	const wheels = join(kit.directory, 'wheels');
	return {
		arguments: ['--no-index', '--find-links', wheels, '--no-build-isolation', '--constraint', lock],
		offline: true,
		// This host's own settings for pip could name other places, or forbid wheels.
		settings: {PIP_CONFIG_FILE: '/dev/null'},
	};
}
