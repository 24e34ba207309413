/**
Fields of dpkg's status that decide how packages go together; see deb-control(5) and apt's resolver. Installed-Size is one of
those by which apt tells two packages of the same version apart, and would fetch the other one.
*/
const telling = new Set([
	'Package',
	'Essential',
	'Protected',
	'Important',
	'Status',
	'Architecture',
	'Multi-Arch',
	'Version',
	'Installed-Size',
	'Provides',
	'Depends',
	'Pre-Depends',
	'Conflicts',
	'Breaks',
	'Replaces',
]);

/**
What apt has to know of dpkg's status (`/var/lib/dpkg/status`) to tell what a host still lacks, as lines of the same
form: about a fifth of it, and nothing of what the packages are for. Packages that are gone are left out.
*/
export function resolutionStatus(text: string): string[] {
	return text.split(/\n\n+/).flatMap(stanza => {
		if (!/^Status: \S+ \S+ (?:installed|unpacked|half-configured|half-installed|triggers-\w+)$/m.test(stanza)) {
			return [];
		}

		// A field goes on in lines that begin with a blank.
		const fields = stanza.trim().split(/\n(?![ \t])/);
		return [...fields.filter(field => telling.has(field.slice(0, field.indexOf(':')))).flatMap(f => f.split('\n')), ''];
	});
}
