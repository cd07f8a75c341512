/** Of a package: the path inside the folder that packages are installed into, without the name of an egg. */
const installed = /^.*\/(?:site|dist)-packages\/(?:[^/]+\.egg\/)?(?=.)/;

/** Of Python's own library: from `python3.11` on, so that it can be told from everything else. */
const ownLibrary = /^.*\/(?=python\d+(?:\.\d+)?t?(?:\.zip)?\/)/;

/**
Path of a source file as a person calls it: `pykafka/producer.py` of an installed package, `python3.11/threading.py` of Python's own
library, else the file with the folder that it lies in: `shop/views.py`.
*/
export const shortPath = (path: string): string => {
	const inPackage = path.replace(installed, '');

	if (inPackage !== path) {
		return inPackage;
	}

	const inLibrary = path.replace(ownLibrary, '');

	if (inLibrary !== path) {
		return inLibrary;
	}

	return path.startsWith('<') ? path : path.split('/').filter(Boolean).slice(-2).join('/');
};
