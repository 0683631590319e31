#pragma once

#include <string>

namespace oscar::app {

/// The folder that holds everything oscard keeps: mode 0700, used by one oscard at a time (a lock
/// is held as long as the object lives, so that two processes never supervise the same runs).
class DataDir {
 public:
  /// Creates the folder when it is not there. Throws std::runtime_error with what is wrong and what
  /// to do: not a folder, not writable, in use by another oscard.
  explicit DataDir(const std::string& path);
  ~DataDir();
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;

  const std::string& path() const { return path_; }  ///< absolute
  /// Where backend_local keeps run directories.
  std::string runs() const { return path_ + "/runs"; }
  /// The name under which this installation owns executions: made once, kept in the file `node`.
  const std::string& node() const { return node_; }

 private:
  void takeLock();
  void loadNode();

  std::string path_;
  std::string node_;
  int lock_ = -1;
};

}  // namespace oscar::app
