import type {Finding, Health} from '../engine/state.js';

const severity = {good: 'info', bad: 'blocker', unknown: 'warning'} as const;

/** A finding about a version in service, with the severity that goes with its health. */
export function seen(health: Health, id: string, sentence: string, more: Partial<Finding> = {}): Finding {
	return {severity: severity[health], id, sentence, ...more, health};
}

/** The worst of several findings. */
export function verdictOf(findings: readonly Finding[]): Health {
	const verdicts = findings.map(({health}) => health);
	return verdicts.includes('bad') ? 'bad' : verdicts.includes('unknown') ? 'unknown' : 'good';
}
