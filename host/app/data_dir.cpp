#include "app/data_dir.hpp"

#include "domain/ids.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace oscar::app {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, int reason = 0) {
  throw std::runtime_error{what + (reason != 0 ? std::string{": "} + std::strerror(reason) : "")};
}

}  // namespace

DataDir::DataDir(const std::string& path) : path_{fs::absolute(path).lexically_normal().string()} {
  while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) fail("cannot create the data folder " + path_, error.value());
  for (const std::string& folder : {path_, runs()}) {
    fs::create_directory(folder, error);
    if (chmod(folder.c_str(), 0700) != 0) fail("cannot use the data folder " + folder, errno);
  }
  takeLock();
  loadNode();
}

DataDir::~DataDir() {
  close(lock_);
}

void DataDir::takeLock() {
  const std::string file = path_ + "/oscard.lock";
  lock_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) fail("cannot write to the data folder " + path_, errno);
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    close(lock_);
    fail("another oscard uses the data folder " + path_ + "; stop it, or give another --data");
  }
}

void DataDir::loadNode() {
  const std::string file = path_ + "/node";
  {
    std::ifstream in{file};
    std::getline(in, node_);
  }
  if (isUuid(node_)) return;
  node_ = newUuid();
  const std::string fresh = file + ".new";
  {
    std::ofstream out{fresh};
    out << node_ << '\n';
    if (!out.flush()) fail("cannot write " + fresh, errno);
  }
  if (std::rename(fresh.c_str(), file.c_str()) != 0) fail("cannot write " + file, errno);
}

}  // namespace oscar::app
