import {readFile} from 'node:fs/promises';
import i18next from 'i18next';

/** The languages there are, by BCP 47 name, each as it calls itself. */
export const languages = {en: 'English', ja: '日本語', 'zh-Hant': '繁體中文'} as const;

export type Language = keyof typeof languages;

export function isLanguage(name: string): name is Language {
	return Object.hasOwn(languages, name);
}

/** The values that a text names in braces. */
type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** An English text is its own key, so that the code says what the screen says; English needs no file. */
const translator = i18next.createInstance({
	lng: 'en',
	fallbackLng: false,
	initAsync: false,
	resources: {en: {translation: {}}},
	keySeparator: false,
	nsSeparator: false,
	// Braces are enough. What is filled in is shown as it is, and never read as a text with values of its own.
	interpolation: {prefix: '{', suffix: '}', escapeValue: false, skipOnVariables: true},
	returnEmptyString: false,
});
void translator.init();

/** What is not known is nothing, as in a sentence that names a cause where there is one. */
type Value = string | number | undefined;

declare const isMarked: unique symbol;

/** A text of a table that is made before the language is known. It is no string yet: whoever shows it calls `t`. */
export type Marked = {readonly [isMarked]: true};

/** What `t` takes where a text comes from elsewhere. A plain string is one that has no translation, for example a name. */
export type Text = Marked | string;

/** Names a text for translation where it is too early to translate. */
export function mark(text: string): Marked {
	return text as unknown as Marked;
}

/**
The text in the language of this process, with its values. A text must be written out here or in `mark`: a test
compares those with what is translated.
*/
export function t<const Given extends Text>(
	text: Given,
	...values: Given extends string
		? [Names<Given>] extends [never]
			? []
			: [Readonly<Record<Names<Given>, Value>>]
		: [Readonly<Record<string, Value>>?]
): string {
	return translator.t(text as string, values[0] ?? {});
}

export function language(): Language {
	return translator.language as Language;
}

/** From now on this process speaks that language. Its texts lie beside the program, and only those that are used are read. */
export async function speak(name: Language): Promise<void> {
	if (name !== 'en') {
		const file = new URL(`./${name}.json`, import.meta.url);
		translator.addResourceBundle(name, 'translation', JSON.parse(await readFile(file, 'utf8')));
	}

	await translator.changeLanguage(name);
}

/** A number with the separators of the language. */
export function number(value: number, fractionDigits = 0): string {
	return new Intl.NumberFormat(language(), {
		minimumFractionDigits: fractionDigits,
		maximumFractionDigits: fractionDigits,
	}).format(value);
}

/** Several as one: `a, b, and c`, or `a, b, or c`, as the language puts them. */
export function list(items: readonly string[], type: 'conjunction' | 'disjunction' = 'conjunction'): string {
	return new Intl.ListFormat(language(), {type}).format(items);
}
