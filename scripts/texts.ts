// Brings the translations in line with the source: texts that are gone go, new ones are listed to be translated.
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const source = fileURLToPath(new URL('../source', import.meta.url));

export type Translations = Readonly<Record<string, string>>;

/** Every text that the source gives to `t` or `mark`, sorted. */
export function textsInSource(): string[] {
	const files = readdirSync(source, {recursive: true, encoding: 'utf8'}).filter(name => /\.tsx?$/.test(name));
	return [...new Set(files.flatMap(name => textsIn(readFileSync(join(source, name), 'utf8'))))].sort();
}

/** The formatter sees to it that a literal is written in one of these two forms. */
export function textsIn(code: string): string[] {
	return [...code.matchAll(/\b(?:t|mark)\(\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/g)].map(([, literal = '']) =>
		unquote(literal),
	);
}

function unquote(literal: string): string {
	const inner = literal.slice(1, -1);
	return JSON.parse(`"${inner.replace(/\\'/g, "'").replace(/\\"|"/g, '\\"')}"`) as string;
}

export function translationFile(language: string): string {
	return join(source, 'locales', `${language}.json`);
}

export function translationsOf(language: string): Translations {
	return JSON.parse(readFileSync(translationFile(language), 'utf8')) as Translations;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	const texts = textsInSource();
	for (const language of ['ja', 'zh-Hant']) {
		const known = translationsOf(language);
		const kept = texts.flatMap(text => (known[text] === undefined ? [] : [[text, known[text]]]));
		writeFileSync(translationFile(language), `${JSON.stringify(Object.fromEntries(kept), null, '\t')}\n`);
		for (const text of texts.filter(each => known[each] === undefined)) {
			console.log(`${language}\t${JSON.stringify(text)}`);
		}
	}
}
