// The microphone, at the rate at which the browser's sound runs: the server converts it.

/** Why a microphone cannot be used, in words for the user. */
function reasonOf(error) {
  if (error.name === 'NotAllowedError') return 'The browser was not allowed to use the microphone.';
  if (error.name === 'NotFoundError') return 'There is no microphone.';
  if (error.name === 'NotReadableError') return 'Another program uses the microphone.';
  return `The microphone cannot be used: ${error.message}`;
}

export class Microphone {
  /** Asks for the microphone. Throws an Error whose message is for the user. */
  static async open() {
    if (!navigator.mediaDevices || !window.AudioWorklet) {
      throw new Error('Browsers give the microphone only to pages over HTTPS or of localhost.');
    }
    let stream;
    let context;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true },
      });
      context = new AudioContext();
      await context.audioWorklet.addModule(new URL('capture_worklet.js', import.meta.url));
      await context.resume();
    } catch (error) {
      stream?.getTracks().forEach((track) => track.stop());
      await context?.close();
      throw new Error(reasonOf(error));
    }
    return new Microphone(stream, context);
  }

  constructor(stream, context) {
    this.stream = stream;
    this.context = context;
    const source = context.createMediaStreamSource(stream);
    /** For pictures of the sound. */
    this.analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0, minDecibels: -95, maxDecibels: -30 });
    this.capture = new AudioWorkletNode(context, 'capture', {
      numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit',
    });
    source.connect(this.analyser);
    source.connect(this.capture);
    this.take = () => {};
    this.capture.port.onmessage = ({ data }) => (data === null ? this.ended() : this.take(data));
  }

  get sampleRate() { return this.context.sampleRate; }

  /** Calls `take` with pieces of sound (buffers of 16-bit numbers), and `lost` if the device goes. */
  start(take, lost) {
    this.take = take;
    this.stream.getAudioTracks()[0].addEventListener('ended', lost);
  }

  /** Resolves when the last piece has been given. */
  async stop() {
    const end = new Promise((resolve) => { this.ended = resolve; });
    this.capture.port.postMessage('end');
    await end;
    this.stream.getTracks().forEach((track) => track.stop());
    await this.context.close();
  }
}
