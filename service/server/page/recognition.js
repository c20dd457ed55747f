// Talks to the server: Deepgram's protocol, live over WebSocket and for whole recordings by POST
// (docs/protocols.md), and OpenAI's list of models. A word is {text, start, end, confidence}, an
// utterance {start, end, words}; times are seconds from the beginning of the sound.

const address = (path, query = '') => new URL(`${path}${query && `?${query}`}`, document.baseURI);

/** What is asked of the server: settings are {model, hotWords, isWritten, key}. */
function queryOf(settings, more) {
  const query = new URLSearchParams({ ...more, smart_format: settings.isWritten });
  if (settings.model) query.set('model', settings.model);
  for (const word of settings.hotWords) query.append('keyterm', word);
  return query;
}

function wordsOf(alternative) {
  return alternative.words.map(({ word, punctuated_word: written, start, end, confidence }) =>
    ({ text: written ?? word, start, end, confidence }));
}

/** The fields of a request that present a key, if there is one. */
const fieldsOf = (key) => (key ? { Authorization: `Token ${key}` } : {});

/** Thrown where the server wants a key, or another one. */
export class KeyNeeded extends Error {}

/** The names of the server's models. */
export async function listModels(key) {
  const response = await fetch(address('v1/models'), { headers: fieldsOf(key) });
  if (response.status === 401) throw new KeyNeeded('The server needs a key.');
  if (!response.ok) throw new Error(`The server says ${response.status}.`);
  return (await response.json()).data.map(({ id }) => id);
}

/** Live sound that is recognised. Calls: opened(), partial(words), final(utterance), closed(fault). */
export class LiveRecognition {
  constructor(sampleRate, settings, calls) {
    const url = address('v1/listen', queryOf(settings, {
      encoding: 'linear16', sample_rate: sampleRate, interim_results: true,
    }));
    url.protocol = url.protocol.replace('http', 'ws');
    this.calls = calls;
    this.fault = null;
    this.socket = new WebSocket(url, settings.key ? ['token', settings.key] : []);
    this.socket.onopen = () => calls.opened();
    this.socket.onmessage = ({ data }) => this.take(JSON.parse(data));
    this.socket.onclose = ({ code }) => calls.closed(this.fault ?? this.reasonOf(code));
  }

  reasonOf(code) {
    if (this.isFinished || code === 1000) return null;
    if (code === 1001 || code === 1012) return 'The server shuts down.';
    return 'The connection to the server was lost, or it is full.';
  }

  take(message) {
    if (message.type === 'Error') this.fault = message.description;
    if (message.type === 'Metadata') this.isFinished = true;
    if (message.type !== 'Results') return;
    const words = wordsOf(message.channel.alternatives[0]);
    if (!message.is_final) return this.calls.partial(words);
    this.calls.partial([]);
    if (words.length > 0) {
      this.calls.final({ start: words[0].start, end: words.at(-1).end, words });
    }
  }

  send(samples) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(samples);
  }

  /** Asks for the last words; then the server closes. */
  finish() {
    if (this.socket.readyState === WebSocket.OPEN) return this.send(JSON.stringify({ type: 'CloseStream' }));
    this.isFinished = true;
    this.socket.close();
  }
}

/**
 * A recording that is recognised. Calls: progress(share sent), waiting() once all is sent,
 * done(utterances), failed(reason); none after cancel().
 */
export class FileRecognition {
  constructor(file, settings, calls) {
    const request = new XMLHttpRequest();
    this.request = request;
    request.open('POST', address('v1/listen', queryOf(settings, { utterances: true })));
    const fields = { 'Content-Type': 'application/octet-stream', ...fieldsOf(settings.key) };
    for (const [name, value] of Object.entries(fields)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => calls.progress(loaded / total);
    request.upload.onload = () => calls.waiting();
    request.onerror = () => calls.failed('The connection to the server was lost.');
    request.onload = () => {
      try {
        const answer = JSON.parse(request.responseText);
        if (request.status !== 200) return calls.failed(answer.err_msg);
        calls.done(answer.results.utterances.map((utterance) => ({
          start: utterance.start, end: utterance.end, words: wordsOf(utterance),
        })));
      } catch {
        calls.failed(`The server says ${request.status}.`);
      }
    };
    request.send(file);
  }

  cancel() { this.request.abort(); }
}
