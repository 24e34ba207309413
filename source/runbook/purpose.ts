import {type Marked, mark} from '../locales/index.js';

/** What each step of an upgrade is for, to be read before anything is changed; by the step's id. */
export const purposes: Readonly<Record<string, Marked>> = {
	check: mark('This server is looked at.'),
	patch: mark('The archive is looked into and unpacked.'),
	packages: mark('apt adds the new Python and what it needs, beside what is there.'),
	requirements: mark('The list of Python packages is rewritten; you see and edit it.'),
	environment: mark('A new environment is built beside the one in service.'),
	'python-packages': mark('pip fills the new environment.'),
	site: mark('The new lines for the Apache site are proposed; you see and edit them.'),
	copy: mark('Files and databases are copied while OMFLOW runs.'),
	drill: mark('The copy is put back beside what is in service, to see that it can be.'),
	ready: mark('You are asked again before OMFLOW is stopped.'),
	stop: mark('OMFLOW is stopped: from here on it is down.'),
	backup: mark('The copy is brought up to date and read back.'),
	hold: mark('A restart of this machine does not start OMFLOW half changed.'),
	switch: mark('The new environment and the new site file change places with the old ones.'),
	apply: mark("The vendor's script changes files and databases."),
	'python3-link': mark('/usr/bin/python3 becomes the new Python.'),
	start: mark('OMFLOW is started: from here on it is up again.'),
	health: mark('The new version is looked at; one in bad health is taken back.'),
	keep: mark('You keep the new version, or take everything back.'),
};
