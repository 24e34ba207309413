import {t} from '../locales/index.js';
import {normalizeName} from './pip-progress.js';
import {zipMember} from './zip-member.js';

/** What a Python package says of its licence, under the names that pip has for the fields. */
export type LicenceFields = {
	readonly license?: string;
	readonly license_expression?: string;
	readonly classifier?: readonly string[];
};

/** The licence in a few words; undefined when a package does not say it. Authors have written whole texts into the old field. */
export function licenceOf({license, license_expression, classifier = []}: LicenceFields): string | undefined {
	const classes = classifier.flatMap(each => /^License :: (?:OSI Approved :: )?(.+)$/.exec(each)?.[1] ?? []);
	// Older setuptools writes this word where nothing was said.
	const isSaid = license && license !== 'UNKNOWN';
	const short = isSaid && license.length < 60 && !license.includes('\n') ? license : undefined;
	return license_expression || (short ?? (classes.length > 0 ? classes.join(', ') : undefined));
}

export type WheelMetadata = {
	/** Normalised. */
	readonly name: string;
	readonly version: string;
	readonly licence?: string;
};

/**
What a wheel says of itself, in the form of PyPA's “Core metadata”. Reads the end of the file first, so that a wheel which
was not copied whole is told from one that was. Throws an Error that names the file.
*/
export async function wheelMetadata(file: string): Promise<WheelMetadata> {
	const text = await zipMember(file, /^[^/]+\.dist-info\/METADATA$/).catch((error: Error) => {
		// The system's own errors name the file themselves.
		throw 'code' in error
			? error
			: new Error(t('{file} {message}. Copy it again, or take it away.', {file, message: error.message}), {
					cause: error,
				});
	});
	const fields = fieldsOf(text);
	const [name] = fields.get('name') ?? [];
	const [version] = fields.get('version') ?? [];
	if (!name || !version) {
		throw new Error(t('{file} does not say which package it is. Copy it again, or take it away.', {file}));
	}

	const [license] = fields.get('license') ?? [];
	const [expression] = fields.get('license-expression') ?? [];
	const licence = licenceOf({
		...(license ? {license} : {}),
		...(expression ? {license_expression: expression} : {}),
		classifier: fields.get('classifier') ?? [],
	});
	return {name: normalizeName(name), version, ...(licence ? {licence} : {})};
}

/** Fields by name in lower case; what follows the first empty line is the description. */
function fieldsOf(text: string): Map<string, string[]> {
	const [head = ''] = text.replaceAll('\r\n', '\n').split(/^\n|\n\n/, 1);
	const fields = new Map<string, string[]>();
	for (const [, name = '', value = ''] of head.matchAll(/^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)) {
		const key = name.toLowerCase();
		fields.set(key, [...(fields.get(key) ?? []), value.trim()]);
	}

	return fields;
}
