import {mkdir, rm} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {readLedger} from '../../engine/ledger.js';
import {places, runPlaces} from '../../engine/places.js';
import {type Step, StepError, StopRequest} from '../../engine/step.js';
import {takeArchive, unpackArchive} from '../../host/archive.js';
import {checkSha256, expectedSha256} from '../../host/checksum.js';
import {isDiskFull, isThere, removeTree} from '../../host/files.js';
import {mark, t} from '../../locales/index.js';
import {agreementText, type TermsOf} from '../agreement-text.js';
import {type Facts, paths, recorded, runOf, type StepContext} from '../facts.js';
import {findTerms} from '../terms.js';

/** What one hop of the way will do. */
export type PlannedHop = {
	readonly to: string;
	readonly steps: ReadonlyArray<Step<Facts>>;
	readonly facts: Facts;
};

/** What the ledger keeps, as evidence: that all of it was agreed to, when, and to which terms. */
type Agreed = {readonly at: number; readonly terms: ReadonlyArray<Omit<TermsOf, 'text'>>};

/** The hops of an upgrade, each with the agreement before anything is changed on the host: what comes before only looks. */
export function withAgreement(hops: readonly PlannedHop[]): readonly PlannedHop[] {
	return hops.map((hop, index) => {
		const from = 1 + hop.steps.findIndex(({id}) => id === 'patch');
		const ahead = hops
			.slice(index)
			.map((each, later) => (later === 0 ? {...each, steps: each.steps.slice(from)} : each));
		return {...hop, steps: hop.steps.toSpliced(from, 0, agreement(ahead, index > 0))};
	});
}

/**
Says what will be done, step by step, shows the vendor's terms, and has both agreed to: once for the whole way. A later
hop asks again only if its archive has other terms by then. Without a person, the command line is the agreement.
*/
export function agreement(ahead: readonly PlannedHop[], isLater = false): Step<Facts> {
	return {
		id: 'agreement',
		title: mark('Agreement'),
		phase: 'prepare',
		async look(context) {
			if (await isBegun(context)) {
				return 'done';
			}

			const agreed = agreedIn(context);
			const known = new Set(agreed.flatMap(({terms}) => terms.map(({sha256}) => sha256)));
			return agreed.length > 0 && (await termsHere(context)).every(({sha256}) => known.has(sha256)) ? 'done' : 'todo';
		},
		async do(context) {
			const terms = await termsAhead(context, ahead);
			const details = agreementText(context, ahead, terms);
			await context.ask(
				{
					id: 'agreement/begin',
					// The ledger keeps it, together with the terms it was given for.
					always: true,
					kind: 'choice',
					prompt: whatToRead(context.facts, ahead.at(-1)?.to ?? context.facts.to, terms.length > 0),
					details,
					choices: [
						{
							value: 'later',
							label: t('Not now'),
							explanation: t('The run ends here. Start omflow-tui again and this is asked again.'),
						},
						{
							value: 'agree',
							label: t('Agree and begin'),
							explanation: t('OMFLOW runs on while everything is prepared.'),
						},
					],
					initial: 'later',
				},
				{kind: 'choice', value: 'agree'},
				async ({value}) => {
					if (value === 'later') {
						throw new StopRequest(
							isLater
								? t('The way to {to} was not begun. Start omflow-tui when the time has come.', {to: context.facts.to})
								: t('Nothing was changed. Start omflow-tui when the time has come.'),
						);
					}

					return value === 'agree' ? undefined : t('Choose one of the two.');
				},
			);
			const agreed: Agreed = {at: Date.now(), terms: terms.map(({text: _, ...rest}) => rest)};
			await context.record(recorded.agreement, agreed);
			// The whole text as it was agreed to stays in the log of this step.
			await context.say(details);
			context.show({
				kind: 'facts',
				facts: [
					[t('Agreed at'), new Date(agreed.at).toISOString()],
					...(terms.length === 0 ? [[t("The vendor's terms"), t('none in the patch')] as const] : []),
					...terms.map(({name, sha256, to}) => [`${to}: ${name}`, `SHA-256 ${sha256}`] as const),
				],
			});
		},
		async verify() {
			return [];
		},
	};
}

function whatToRead({hops: [first]}: Facts, to: string, hasTerms: boolean): string {
	const way = {from: first?.from ?? '', to};
	return hasTerms
		? t(
				"From {from} to {to}: read what will be done, and the vendor's terms. Nothing is changed before you agree.",
				way,
			)
		: t('From {from} to {to}: read what will be done. Nothing is changed before you agree.', way);
}

/**
Whether something was changed for this hop. Then it was agreed to, perhaps by starting a program that did not ask yet: nobody
is kept waiting for an agreement in the middle of the window.
*/
async function isBegun(context: StepContext): Promise<boolean> {
	return context.recall(recorded.systemPackages) !== undefined || (await isThere(paths.backup(context)));
}

/** What was agreed to in this run so far, whichever hop asked. */
function agreedIn(context: StepContext): readonly Agreed[] {
	const own = context.recall<Agreed>(recorded.agreement);
	const {facts} = context;
	const ledger = readLedger(runPlaces.ledger(places.run(facts.state, runOf(facts))));
	const earlier = [...ledger].flatMap(([key, value]) =>
		key.startsWith(`${recorded.agreement}@`) ? [value as Agreed] : [],
	);
	return own ? [...earlier, own] : earlier;
}

async function termsHere(context: StepContext): Promise<TermsOf[]> {
	const unpacked = paths.patch(context);
	const script = context.recall<string>('patch-script') ?? '';
	return named(context.facts.patch, context.facts.to, [unpacked, join(unpacked, dirname(script))]);
}

async function termsAhead(context: StepContext, [, ...later]: readonly PlannedHop[]): Promise<TermsOf[]> {
	const terms = await termsHere(context);
	for (const {facts} of later) {
		terms.push(...(await termsIn(context, facts)));
	}

	return terms;
}

/** The terms in an archive whose turn comes later: it is unpacked to look, and that goes again. */
async function termsIn(context: StepContext, {patch, sha256, to}: Facts): Promise<TermsOf[]> {
	const aside = join(context.directory, 'terms');
	await removeTree(aside);
	await mkdir(aside, {mode: 0o700});
	try {
		const taken = await takeArchive(patch, aside);
		checkSha256(patch, taken.sha256, await expectedSha256(patch, sha256));
		const unpacked = join(aside, 'unpacked');
		await mkdir(unpacked, {mode: 0o700});
		const {folder} = await unpackArchive(context, taken.file, unpacked);
		await rm(taken.file, {force: true});
		return await named(patch, to, [unpacked, join(unpacked, folder)]);
	} catch (error) {
		throw isDiskFull(error) ? error : StepError.blocked('archive', (error as Error).message);
	} finally {
		await removeTree(aside);
	}
}

async function named(archive: string, to: string, folders: readonly string[]): Promise<TermsOf[]> {
	const terms = await findTerms(folders.map(folder => join(folder, '.')));
	return terms.map(each => ({...each, archive: basename(archive), to}));
}
