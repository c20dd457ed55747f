/* The C interface of Vosk, spoken by Harpy: programs written for libvosk.so work with this library
   in its place, linked or loaded while they run. docs/libraries.md shows how.

   Objects are handles. A function that makes one returns NULL where it cannot, and says why in the
   log on standard error. Functions do nothing for a NULL handle; those that tell something then
   return NULL, -1 or 0.

   Threads: a model may be used by any number of threads, and each recognizer by one at a time.
   Recognizers of several threads compute at once.

   Texts and JSON are UTF-8. A text that a function of a recognizer returns belongs to the
   recognizer and stays until the next call for it. */
#ifndef HARPY_SERVICE_CAPI_VOSK_API_H
#define HARPY_SERVICE_CAPI_VOSK_API_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define VOSK_API __attribute__((visibility("default")))
#else
#define VOSK_API
#endif

typedef struct VoskModel VoskModel;
typedef struct VoskSpkModel VoskSpkModel;
typedef struct VoskRecognizer VoskRecognizer;
typedef struct VoskBatchModel VoskBatchModel;
typedef struct VoskBatchRecognizer VoskBatchRecognizer;
typedef struct VoskTextProcessor VoskTextProcessor;

/* How much silence ends an utterance: the usual, three quarters of it, one and a half times and
   four times as much. */
typedef enum VoskEpMode {
  VOSK_EP_ANSWER_DEFAULT = 0,
  VOSK_EP_ANSWER_SHORT = 1,
  VOSK_EP_ANSWER_LONG = 2,
  VOSK_EP_ANSWER_VERY_LONG = 3
} VoskEndpointerMode;

/* Loads a model: a package of Harpy's, or a folder of Vosk's or Kaldi's. Such a folder is converted
   when it is first used, and kept (docs/kaldi-models.md). */
VOSK_API VoskModel* vosk_model_new(const char* model_path);
/* Gives the handle back. Recognizers of the model keep what they need of it. */
VOSK_API void vosk_model_free(VoskModel* model);
/* The number of a word of the model; -1 if the model does not know it. */
VOSK_API int vosk_model_find_word(VoskModel* model, const char* word);

/* Makes a recognizer of the model's whole vocabulary for audio of a sample rate of 4,000 to 192,000
 * Hz. */
VOSK_API VoskRecognizer* vosk_recognizer_new(VoskModel* model, float sample_rate);
/* Makes a recognizer that hears nothing but phrases: `grammar` is a JSON list of texts, in which
   "[unk]" stands for any other word. A grammar that the model cannot follow is told in the log, and
   the whole vocabulary is recognised. */
VOSK_API VoskRecognizer* vosk_recognizer_new_grm(VoskModel* model, float sample_rate,
                                                 const char* grammar);
/* Changes the grammar between two utterances; an empty list means the whole vocabulary again. */
VOSK_API void vosk_recognizer_set_grm(VoskRecognizer* recognizer, const char* grammar);
VOSK_API void vosk_recognizer_free(VoskRecognizer* recognizer);

/* Above 0, results have the form of a list of so many of the likeliest readings. This and the
   settings that follow hold for the utterances whose audio begins later. */
VOSK_API void vosk_recognizer_set_max_alternatives(VoskRecognizer* recognizer,
                                                   int max_alternatives);
/* Whether results list the words with their times and confidences. */
VOSK_API void vosk_recognizer_set_words(VoskRecognizer* recognizer, int words);
/* Whether partial results list the words with their times. */
VOSK_API void vosk_recognizer_set_partial_words(VoskRecognizer* recognizer, int partial_words);
/* Results in XML, which Harpy does not write: they stay JSON, and the log says so. */
VOSK_API void vosk_recognizer_set_nlsml(VoskRecognizer* recognizer, int nlsml);
/* `mode` is a VoskEndpointerMode; another number is told in the log, and nothing changes. */
VOSK_API void vosk_recognizer_set_endpointer_mode(VoskRecognizer* recognizer, int mode);
/* When utterances end, in seconds from 0.1 to 3600: `t_start_max` after the start if nobody has
   spoken, `t_end` after the last word, and `t_max` in any case. Other times are told in the log,
   and nothing changes. */
VOSK_API void vosk_recognizer_set_endpointer_delays(VoskRecognizer* recognizer, float t_start_max,
                                                    float t_end, float t_max);

/* Recognises a piece of audio of one channel, of any length: 16-bit integers, little-endian;
   `length` counts bytes. Returns 1 if an utterance with words has ended, which
   vosk_recognizer_result then tells, else 0; -1 if recognition has failed, which loses the
   utterance. */
VOSK_API int vosk_recognizer_accept_waveform(VoskRecognizer* recognizer, const char* data,
                                             int length);
/* The same of 16-bit integers of the machine; `length` counts samples. */
VOSK_API int vosk_recognizer_accept_waveform_s(VoskRecognizer* recognizer, const short* data,
                                               int length);
/* The same of floating-point numbers in the range of 16-bit integers. */
VOSK_API int vosk_recognizer_accept_waveform_f(VoskRecognizer* recognizer, const float* data,
                                               int length);

/* What was said in the utterances that have ended since the last result, as JSON. If none has, the
   running one ends here. */
VOSK_API const char* vosk_recognizer_result(VoskRecognizer* recognizer);
/* The words so far of the running utterance, as JSON; it goes on. */
VOSK_API const char* vosk_recognizer_partial_result(VoskRecognizer* recognizer);
/* Recognises all audio to its end and returns the result of what has not been told yet. Audio that
   follows begins anew; times go on. */
VOSK_API const char* vosk_recognizer_final_result(VoskRecognizer* recognizer);
/* Forgets what has not been told yet. Audio that follows begins anew; times go on. */
VOSK_API void vosk_recognizer_reset(VoskRecognizer* recognizer);

/* What is logged on standard error, for all models: 0 what happens to models and what goes wrong,
   below 0 nothing, above 0 more. */
VOSK_API void vosk_set_log_level(int log_level);

/* Models that are loaded from now on compute on the first GPU. Without a GPU nothing changes. */
VOSK_API void vosk_gpu_init(void);
/* Does nothing: threads need no preparation. */
VOSK_API void vosk_gpu_thread_init(void);

/* Speaker models, which Harpy does not support: none can be made, so that these functions return
   NULL or do nothing, and the log says so. */
VOSK_API VoskSpkModel* vosk_spk_model_new(const char* model_path);
VOSK_API void vosk_spk_model_free(VoskSpkModel* model);
VOSK_API VoskRecognizer* vosk_recognizer_new_spk(VoskModel* model, float sample_rate,
                                                 VoskSpkModel* spk_model);
VOSK_API void vosk_recognizer_set_spk_model(VoskRecognizer* recognizer, VoskSpkModel* spk_model);

/* The engine for batches on a GPU, likewise. Harpy's recognizers of several threads share a GPU by
   themselves, after vosk_gpu_init. */
VOSK_API VoskBatchModel* vosk_batch_model_new(const char* model_path);
VOSK_API void vosk_batch_model_free(VoskBatchModel* model);
VOSK_API void vosk_batch_model_wait(VoskBatchModel* model);
VOSK_API VoskBatchRecognizer* vosk_batch_recognizer_new(VoskBatchModel* model, float sample_rate);
VOSK_API void vosk_batch_recognizer_free(VoskBatchRecognizer* recognizer);
VOSK_API void vosk_batch_recognizer_accept_waveform(VoskBatchRecognizer* recognizer,
                                                    const char* data, int length);
VOSK_API void vosk_batch_recognizer_set_nlsml(VoskBatchRecognizer* recognizer, int nlsml);
VOSK_API void vosk_batch_recognizer_finish_stream(VoskBatchRecognizer* recognizer);
VOSK_API const char* vosk_batch_recognizer_front_result(VoskBatchRecognizer* recognizer);
VOSK_API void vosk_batch_recognizer_pop(VoskBatchRecognizer* recognizer);
VOSK_API int vosk_batch_recognizer_get_pending_chunks(VoskBatchRecognizer* recognizer);

/* Inverse text normalisation with transducers of the caller's, likewise. */
VOSK_API VoskTextProcessor* vosk_text_processor_new(const char* tagger, const char* verbalizer);
VOSK_API void vosk_text_processor_free(VoskTextProcessor* processor);
VOSK_API char* vosk_text_processor_itn(VoskTextProcessor* processor, const char* input);

#ifdef __cplusplus
}
#endif

#endif
