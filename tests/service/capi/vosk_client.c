/* A program in C as people write them for Vosk: vosk_client MODEL RAW-AUDIO prints the results, one
 * a line. */
#include <stdio.h>

#include <vosk_api.h>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  vosk_set_log_level(-1);
  VoskModel* model = vosk_model_new(argv[1]);
  FILE* audio = fopen(argv[2], "rb");
  if (model == NULL || audio == NULL) return 1;
  VoskRecognizer* recognizer = vosk_recognizer_new(model, 16000.0f);
  vosk_recognizer_set_words(recognizer, 1);
  char buffer[3200];
  size_t count;
  while ((count = fread(buffer, 1, sizeof buffer, audio)) > 0) {
    const int state = vosk_recognizer_accept_waveform(recognizer, buffer, (int)count);
    if (state < 0) return 1;
    if (state > 0) printf("%s\n", vosk_recognizer_result(recognizer));
  }
  printf("%s\n", vosk_recognizer_final_result(recognizer));
  fclose(audio);
  vosk_recognizer_free(recognizer);
  vosk_model_free(model);
  return 0;
}
