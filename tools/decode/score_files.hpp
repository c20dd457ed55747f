#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "service/recognizer/score_matrix.hpp"

namespace harpy::tools {

/// The scores of one utterance in a file.
struct ScoredUtterance {
  std::string id;     ///< the key in an archive, else the file's name without its ending
  std::string place;  ///< "FILE" or "FILE: ID", for messages
  ScoreMatrix scores;
};

/// The utterances of a file, one after another.
class ScoreFile {
 public:
  virtual ~ScoreFile() = default;

  /// The next utterance; nothing at the end. After an error the next call goes on behind the fault,
  /// or says that nothing is left where that cannot be found.
  /// Errors: std::runtime_error naming file, utterance and place.
  virtual std::optional<ScoredUtterance> next() = 0;
};

/// Opens a file of scores: a numpy array (.npy) or archive of them (.npz), safetensors, a Kaldi
/// archive (.ark) or a list of places in such archives (.scp), told by its first bytes and a list
/// by its ending. Errors: std::runtime_error naming the file.
std::unique_ptr<ScoreFile> open_score_file(const std::filesystem::path& path);

}  // namespace harpy::tools
