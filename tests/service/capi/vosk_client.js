// The package `vosk` of npm with its native loader pointed at another library: node vosk_client.js LIBRARY MODEL
// RAW-AUDIO prints the results, one a line. Packages are looked for where NODE_PATH says; exit code 77: there is no
// such package. Node 20 compiles its ffi-napi with: CXXFLAGS=-DNODE_API_EXPERIMENTAL_NOGC_ENV_OPT_OUT npm install vosk
'use strict'

const fs = require('fs')
const [library, modelPath, audioPath] = process.argv.slice(2)

let ffi
try {
  require.resolve('vosk')
  ffi = require(require.resolve('ffi-napi', {paths: [require.resolve('vosk')]}))
} catch (error) {
  console.error(error.message)
  process.exit(77)
}
const open = ffi.Library
ffi.Library = (_, functions) => open(library, functions)
const vosk = require('vosk')

vosk.setLogLevel(-1)
const model = new vosk.Model(modelPath)
const recognizer = new vosk.Recognizer({model, sampleRate: 16000})
recognizer.setWords(true)
const audio = fs.readFileSync(audioPath)

async function recognize() {
  for (let begin = 0; begin < audio.length; begin += 3200) {
    if (await recognizer.acceptWaveformAsync(audio.subarray(begin, begin + 3200))) {
      console.log(recognizer.resultString())
    }
  }
  console.log(recognizer.finalResult().text)
  recognizer.free()
  model.free()
}
recognize()
