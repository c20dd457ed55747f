// Checks a Dockerfile: node dockerfile_validator.mjs FILE
// Prints a line for each instruction, by its keyword, and one for each fault.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';

const require = createRequire(process.env.NODE_PATH + '/');
const {DockerfileParser} = require('dockerfile-ast');
const {validate} = require('dockerfile-utils');

const text = readFileSync(process.argv[2], 'utf8');
for (const instruction of DockerfileParser.parse(text).getInstructions()) {
  console.log(instruction.getKeyword());
}
for (const {range, message} of validate(text)) console.log(`line ${range.start.line + 1}: ${message}`);
