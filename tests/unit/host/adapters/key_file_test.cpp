#include "adapters/key_file.hpp"

#include "adapters/encoding.hpp"
#include "domain/error.hpp"
#include "support/temp_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace oscar::adapters {
namespace {

const std::string kHexA(64, 'a');
const std::string kHexB(64, 'b');

void writeFile(const std::string& path, const std::string& text, mode_t mode) {
  std::ofstream{path} << text;
  ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}

TEST(KeyFile, IsCreatedOnceWithMode0600AndThenKept) {
  const test::TempFolder folder;
  const std::string path = folder.path().string() + "/master.key";
  const Secret first = loadOrCreateKeyFile(path);
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0600U);
  EXPECT_EQ(facts.st_nlink, 1U);  // the draft is gone
  EXPECT_EQ(first.reveal().size(), 65U);
  EXPECT_EQ(loadOrCreateKeyFile(path).reveal(), first.reveal());
}

TEST(KeyFile, TwoThatStartTogetherUseTheSameKey) {
  const test::TempFolder folder;
  const std::string path = folder.path().string() + "/jwt.key";
  std::vector<std::string> keys(8);
  std::vector<std::thread> threads;
  for (std::string& key : keys) {
    threads.emplace_back([&] { key = loadOrCreateKeyFile(path).reveal(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 1U);
}

TEST(KeyFile, IsRefusedWhenOthersMayReadIt) {
  const test::TempFolder folder;
  const std::string path = folder.path().string() + "/master.key";
  for (const mode_t mode : {0640U, 0604U, 0620U, 0666U}) {
    writeFile(path, kHexA + "\n", mode);
    try {
      loadOrCreateKeyFile(path);
      ADD_FAILURE() << "accepted mode " << std::oct << mode;
    } catch (const ServiceError& error) {
      EXPECT_NE(error.message().en.find("chmod 600"), std::string::npos);
      EXPECT_EQ(error.message().en.find(kHexA), std::string::npos);
    }
  }
  writeFile(path, kHexA + "\n", 0400);
  EXPECT_NO_THROW(loadOrCreateKeyFile(path));
}

TEST(KeyFile, IsRefusedWhenItIsALinkOrAFolderOrCannotBeMade) {
  const test::TempFolder folder;
  const std::string real = folder.path().string() + "/real";
  writeFile(real, kHexA, 0600);
  const std::string link = folder.path().string() + "/link";
  ASSERT_EQ(::symlink(real.c_str(), link.c_str()), 0);
  EXPECT_THROW(loadOrCreateKeyFile(link), ServiceError);
  EXPECT_THROW(loadOrCreateKeyFile(folder.path().string()), ServiceError);
  EXPECT_THROW(loadOrCreateKeyFile(folder.path().string() + "/absent/master.key"), ServiceError);
}

TEST(Key32, ReadsHexadecimalAndBase64AndNothingElse) {
  const std::string bytes(32, '\xaa');
  ASSERT_TRUE(parseKey32(kHexA));
  EXPECT_EQ(parseKey32(kHexA)->reveal(), bytes);
  ASSERT_TRUE(parseKey32(toBase64(bytes)));
  EXPECT_EQ(parseKey32(toBase64(bytes))->reveal(), bytes);
  for (const std::string& text :
       {std::string{}, kHexA + "a", kHexA.substr(1), std::string(64, 'g'), std::string(32, 'x'),
        toBase64(std::string(33, 'x')), toBase64(std::string(31, 'x'))}) {
    EXPECT_FALSE(parseKey32(text)) << text;
  }
}

TEST(MasterKeys, ComeFromTheVariableBeforeTheFile) {
  const test::TempFolder folder;
  const auto created = loadMasterKeys(folder.path().string(), std::nullopt);
  ASSERT_EQ(created.size(), 1U);
  EXPECT_EQ(created[0].reveal().size(), 32U);

  const auto both = loadMasterKeys(folder.path().string(), Secret{kHexA + ", " + kHexB});
  ASSERT_EQ(both.size(), 3U);
  EXPECT_EQ(both[0].reveal(), std::string(32, '\xaa'));
  EXPECT_EQ(both[1].reveal(), std::string(32, '\xbb'));
  EXPECT_EQ(both[2].reveal(), created[0].reveal());
}

TEST(MasterKeys, OfTheVariableCreateNoFile) {
  const test::TempFolder folder;
  EXPECT_EQ(loadMasterKeys(folder.path().string(), Secret{kHexA}).size(), 1U);
  EXPECT_NE(::access((folder.path().string() + "/master.key").c_str(), F_OK), 0);
}

TEST(MasterKeys, SayWhichSourceIsMalformedAndDoNotShowIt) {
  const test::TempFolder folder;
  for (const std::string& text : {std::string{"short-secret-value"}, std::string{","}}) {
    try {
      loadMasterKeys(folder.path().string(), Secret{text});
      ADD_FAILURE() << text;
    } catch (const ServiceError& error) {
      EXPECT_NE(error.message().en.find("OSCAR_MASTER_KEY"), std::string::npos);
      EXPECT_EQ(std::string{error.what()}.find("short-secret"), std::string::npos);
    }
  }
}

TEST(TokenKey, NeedsThirtyTwoBytes) {
  const test::TempFolder folder;
  EXPECT_THROW(loadTokenKey(folder.path().string(), Secret{std::string(31, 'k')}), ServiceError);
  EXPECT_EQ(loadTokenKey(folder.path().string(), Secret{std::string(32, 'k')}).reveal().size(),
            32U);
  EXPECT_EQ(loadTokenKey(folder.path().string(), std::nullopt).reveal().size(), 64U);
  writeFile(folder.path().string() + "/jwt.key", "short\n", 0600);
  EXPECT_THROW(loadTokenKey(folder.path().string(), std::nullopt), ServiceError);
}

}  // namespace
}  // namespace oscar::adapters
