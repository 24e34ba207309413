import type {Finding} from '../engine/state.js';
import {offered} from '../host/apt-offers.js';
import {hasLists} from '../host/apt-sources.js';
import {needsOf} from './needs.js';
import {isPython} from './python-candidate.js';
import type {Subject} from './subject.js';

/** Whether what mod_wsgi is built with, and what else a hop needs beside Python, is there or to be had from apt. */
export async function buildTools(subject: Subject): Promise<readonly Finding[]> {
	const {runner, installation} = subject;
	const needs = needsOf(subject);
	const names = needs?.aptPackages.filter(name => !isPython(name, needs)) ?? [];
	// That apt says nothing, or has no lists yet, is for the check of Python to report.
	if (names.length === 0 || !(await hasLists(runner).catch(() => false))) {
		return [];
	}

	const packages = await offered(runner, names).catch(() => []);
	const missing = packages
		.filter(({installed, candidate}) => !installed && candidate === undefined)
		.map(({name}) => name);
	if (missing.length === 0) {
		return [];
	}

	const add =
		installation.distribution.id === 'ubuntu'
			? 'Run “add-apt-repository universe && apt-get update”'
			: 'Add a package source of this distribution and run “apt-get update”';
	return [
		{
			severity: 'blocker',
			id: 'build-tools',
			sentence: `${missing.join(', ')} is neither installed nor to be had from a package source.`,
			evidence: `Needed to build mod_wsgi, to install it and to copy: ${names.join(', ')}.`,
			remedy: `${add}, or use an offline kit or a mirror that has ${missing.join(', ')}.`,
		},
	];
}
