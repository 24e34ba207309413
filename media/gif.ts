import gifenc from 'gifenc';
import type {Frame} from './player.js';
import {svgPixels} from './record.js';

const {GIFEncoder, applyPalette, quantize} = gifenc;

/** Letters on a plain ground need few colours. */
const colors = 31;
/** The first colour stands for what the picture before has there. */
const unchanged = 0;

/** Frames as one recording that begins anew at its end. */
export function gifOf(frames: readonly Frame[]): Uint8Array {
	const images = frames.map(({svg}) => svgPixels(svg));
	const all = Buffer.concat(images.map(({pixels}) => pixels));
	const palette = quantize(new Uint8Array(all), colors, {format: 'rgb565'});
	const encoder = GIFEncoder();
	let before: Uint8Array | undefined;
	for (const [at, {pixels, width, height}] of images.entries()) {
		const indices = applyPalette(new Uint8Array(pixels), palette, 'rgb565').map(index => index + 1);
		encoder.writeFrame(
			indices.map((index, pixel) => (before?.[pixel] === index ? unchanged : index)),
			width,
			height,
			{
				...(at === 0 ? {palette: [[0, 0, 0], ...palette]} : {}),
				delay: frames[at]?.milliseconds ?? 0,
				transparent: true,
				transparentIndex: unchanged,
				dispose: 1,
			},
		);
		before = indices;
	}

	encoder.finish();
	return encoder.bytes();
}
