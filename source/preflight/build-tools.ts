import type {Finding} from '../engine/state.js';
import type {Offered} from '../host/apt-offers.js';
import {hasLists} from '../host/apt-sources.js';
import {t} from '../locales/index.js';

import {isPython, offersFor} from './python-candidate.js';
import {needsOnTheWay, type Subject} from './subject.js';

/** Whether what mod_wsgi is built with, and what else a hop needs beside Python, is there or to be had from apt. */
export async function buildTools(
	subject: Subject,
	asked: Promise<readonly Offered[]> = offersFor(subject),
): Promise<readonly Finding[]> {
	const {runner, installation} = subject;
	const needs = needsOnTheWay(subject);
	const names = needs?.aptPackages.filter(name => !isPython(name, needs)) ?? [];
	// That apt says nothing, or has no lists yet, is for the check of Python to report.
	const packages = await asked.catch(() => []);
	const missing = packages
		.filter(({name, installed, candidate}) => names.includes(name) && !installed && candidate === undefined)
		.map(({name}) => name);
	if (missing.length === 0 || !(await hasLists(runner).catch(() => false))) {
		return [];
	}

	const add =
		installation.distribution.id === 'ubuntu'
			? t('Run “add-apt-repository universe && apt-get update”')
			: t('Add a package source of this distribution and run “apt-get update”');
	return [
		{
			severity: 'blocker',
			id: 'build-tools',
			sentence: t('{missing} is neither installed nor to be had from a package source.', {missing: missing.join(', ')}),
			evidence: t('Needed to build mod_wsgi, to install it and to copy: {names}.', {names: names.join(', ')}),
			remedy: t('{add}, or use an offline kit or a mirror that has {missing}.', {add, missing: missing.join(', ')}),
		},
	];
}
