"""A client in Python that calls the library as Vosk's package does: vosk_client.py LIBRARY MODEL RAW-AUDIO
prints the results, one a line."""

import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
library.vosk_model_new.restype = ctypes.c_void_p
library.vosk_recognizer_new.restype = ctypes.c_void_p
library.vosk_recognizer_result.restype = ctypes.c_char_p
library.vosk_recognizer_partial_result.restype = ctypes.c_char_p
library.vosk_recognizer_final_result.restype = ctypes.c_char_p


class Model:
    def __init__(self, path):
        self.handle = ctypes.c_void_p(library.vosk_model_new(path.encode()))
        if not self.handle:
            raise RuntimeError("Failed to create a model")

    def __del__(self):
        library.vosk_model_free(self.handle)


class Recognizer:
    def __init__(self, model, rate):
        self.handle = ctypes.c_void_p(library.vosk_recognizer_new(model.handle, ctypes.c_float(rate)))
        if not self.handle:
            raise RuntimeError("Failed to create a recognizer")

    def __del__(self):
        library.vosk_recognizer_free(self.handle)

    def set_words(self, on):
        library.vosk_recognizer_set_words(self.handle, 1 if on else 0)

    def accept(self, data):
        state = library.vosk_recognizer_accept_waveform(self.handle, data, len(data))
        if state < 0:
            raise RuntimeError("Failed to process waveform")
        return state

    def result(self):
        return library.vosk_recognizer_result(self.handle).decode()

    def partial_result(self):
        return library.vosk_recognizer_partial_result(self.handle).decode()

    def final_result(self):
        return library.vosk_recognizer_final_result(self.handle).decode()


library.vosk_set_log_level(-1)
recognizer = Recognizer(Model(sys.argv[2]), 16000.0)
recognizer.set_words(True)
with open(sys.argv[3], "rb") as audio:
    while data := audio.read(3200):
        if recognizer.accept(data):
            print(recognizer.result())
        else:
            assert recognizer.partial_result().startswith('{"partial": "')
print(recognizer.final_result())
