#include "find_origin.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "concurrency_models/origin_process.h"
#include "support/temporary_directory.h"

namespace concurrency_models::bench {
namespace {

std::string complaint(const std::filesystem::path& preferred) {
  try {
    return "found " + find_origin(preferred).string();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(FindOriginTest, TakesTheOneItIsToldOf) {
  const TemporaryDirectory directory;
  const std::string program = directory.write("some_origin", "");
  EXPECT_EQ(find_origin(program), program);
}

TEST(FindOriginTest, WithoutAnyItSaysWhereItLookedAndWhatToDo) {
  const std::string beside = OriginProcess::default_program();
  ASSERT_FALSE(std::filesystem::exists(beside)) << "this test's folder must have no origin";
  const TemporaryDirectory directory;
  const std::string missing = directory.file("origin");
  const std::string text = complaint(missing);
  for (const std::string& part : {missing, beside, std::string("copy"), std::string("--origin")}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
  EXPECT_NE(complaint({}).find(beside), std::string::npos);
  EXPECT_EQ(complaint({}).find("nor"), std::string::npos) << "where else it might look is unknown";
}

TEST(FindOriginTest, AFolderIsNoProgram) {
  const TemporaryDirectory directory;
  const std::string folder = directory.file("origin");
  std::filesystem::create_directory(folder);
  EXPECT_NE(complaint(folder).find(folder), std::string::npos);
  EXPECT_FALSE(complaint(folder).starts_with("found"));
}

}  // namespace
}  // namespace concurrency_models::bench
