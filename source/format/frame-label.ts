import {parseFrame} from '../model/runtime-frame.js';
import {printable} from './printable.js';

/** `_poll (pykafka/producer.py:312)` as it stands in a row, the place first: `pykafka/producer.py:312 _poll`. Safe to print. */
export const frameLabel = (frame: string): string => {
	const {name, place} = parseFrame(frame);

	return printable(place === '' ? name : `${place} ${name}`);
};

const javaFile = /^[^/]*\.(?:java|kt|scala|groovy)(?::\d+)?$/;
const javaPackage = /^(?:[^.A-Z]+\.)+(?=[A-Z])/;

/** The same without the file's folder, `producer.py:312 _poll`, and without the package of a Java class. */
export const shortFrameLabel = (frame: string): string => {
	const {name, place} = parseFrame(frame);
	const shortName = javaFile.test(place) ? name.replace(javaPackage, '') : name;

	return frameLabel(`${shortName} (${place.slice(place.lastIndexOf('/') + 1)})`);
};
