// Deepgram's own client (npm's @deepgram/sdk) against a running harpy serve, with whole recordings:
//   NODE_PATH=FOLDER_OF_SDK node deepgram_upload_client.mjs BASE_URL RECORDING NO_RECORDING
// Prints one JSON line: {"results", "metadata", "faults"}; the last has status and body of requests that are refused.
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';

const { DeepgramClient } = createRequire(import.meta.url)('@deepgram/sdk');
const [baseUrl, recording, noRecording] = process.argv.slice(2);
const client = new DeepgramClient({ apiKey: 'any', baseUrl, maxRetries: 0 });
const media = client.listen.v1.media;
const faultOf = (request) => request.then(
  () => 'none', ({ statusCode, body }) => ({ status: statusCode, body }));

const { results, metadata } = await media.transcribeFile(createReadStream(recording), {
  model: 'nova-3', utterances: true, punctuate: true, keywords: ['two:0'],
});
console.log(JSON.stringify({
  results,
  metadata,
  faults: {
    url: await faultOf(media.transcribeUrl({ url: 'http://localhost/a.wav' })),
    sound: await faultOf(media.transcribeFile(createReadStream(noRecording), {})),
  },
}));
