#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace harpy {

/// What stands before the content of a part of a form.
struct FormPart {
  std::string name;      ///< of the form's field
  std::string filename;  ///< as the client calls its file; empty where it says none
};

/// Reads the body of a request in the form multipart/form-data (RFC 7578), however it is cut, in
/// memory that does not depend on its length. The cost is that of looking at each byte once.
class MultipartReader {
 public:
  struct Calls {
    std::function<void(const FormPart&)> begin;  ///< a part begins
    std::function<void(std::string_view)> take;  ///< further bytes of its content
    std::function<void()> end;                   ///< it is complete
  };

  /// `content_type` is the request's. Errors: std::runtime_error if it is another type or names no
  /// boundary.
  MultipartReader(std::string_view content_type, Calls calls);

  /// Takes the next bytes of the body.
  /// Errors: std::runtime_error saying what is wrong with the form; what the calls throw.
  void take(std::string_view bytes);
  /// The body is complete. Errors: std::runtime_error if the form is not.
  void finish() const;

 private:
  enum class Place { kBeforeParts, kBehindBoundary, kHeaders, kContent, kBehindParts };

  /// Goes on to the next place. Returns false when more bytes are needed for that.
  bool advance();
  bool pass_to_boundary();
  bool pass_boundary_end();
  bool read_headers();
  void read_header_line(std::string_view line);

  Calls calls_;
  std::string delimiter_;  ///< what ends a part's content: a line end and the boundary
  std::string pending_;    ///< what has not been passed yet
  Place place_ = Place::kBeforeParts;
  FormPart part_;
  bool has_disposition_ = false;
  std::size_t header_bytes_ = 0;  ///< of the part
};

}  // namespace harpy
