// Checks manifests against Kubernetes's own schemas: node kubernetes_validator.mjs FILE…
// Prints a line for each object of the files: its kind and "ok", or what is wrong with it.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';

const require = createRequire(process.env.NODE_PATH + '/');
const {parseAllDocuments} = require('yaml');

// Kubernetes's schemas take fields that they do not know. So the validator reads the object through a proxy: what it
// never asks for, it does not know.
function watched(value, path, unread) {
  if (value === null || typeof value !== 'object') return value;
  const seen = new Map();
  if (!Array.isArray(value)) Object.keys(value).forEach(name => unread.add(`${path}.${name}`));
  return new Proxy(value, {
    get(target, name) {
      if (typeof name === 'symbol') return target[name];
      unread.delete(`${path}.${name}`);
      if (!seen.has(name)) seen.set(name, watched(target[name], `${path}.${name}`, unread));
      return seen.get(name);
    },
  });
}

function fault(object) {
  const unread = new Set();
  const Model = require(`kubernetes-models/${object.apiVersion}/${object.kind}`)[object.kind];
  try {
    Model.prototype.validate.call(watched(object, '', unread));
  } catch (error) {
    return error.message;
  }
  return unread.size > 0 ? `unknown fields ${[...unread].join(', ')}` : 'ok';
}

for (const file of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
    if (document.errors.length > 0) throw document.errors[0];
    const object = document.toJS();
    console.log(`${object.kind}: ${fault(object)}`);
  }
}
