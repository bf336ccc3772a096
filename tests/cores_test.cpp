#include "concurrency_models/cores.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "support/in_child.h"

namespace concurrency_models {
namespace {

TEST(AvailableCoresTest, IsAtLeastOneAndNoMoreThanThereAre) {
  EXPECT_GE(available_cores(), 1U);
  EXPECT_LE(available_cores(), std::max(1U, std::thread::hardware_concurrency()));
}

#if defined(__linux__)
TEST(AffinityTest, IsTheSchedulers) {
  cpu_set_t allowed;
  ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
  const std::vector<unsigned> processors = affinity();
  EXPECT_EQ(processors.size(), static_cast<std::size_t>(CPU_COUNT(&allowed)));
  for (const unsigned processor : processors) EXPECT_TRUE(CPU_ISSET(processor, &allowed));
  EXPECT_TRUE(std::is_sorted(processors.begin(), processors.end()));
}

TEST(AffinityTest, LimitsTheCores) {
  const unsigned last = affinity().back();
  const int status = in_child([last] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(last, &one);
    if (::sched_setaffinity(0, sizeof one, &one) != 0) return 1;
    if (affinity() != std::vector<unsigned>{last}) return 2;
    return available_cores() == 1 ? 0 : 3;
  });
  EXPECT_EQ(status, 0);
}

TEST(CpuModelTest, IsTheOneInTheSystemsList) {
  std::ifstream file("/proc/cpuinfo");
  const std::string list((std::istreambuf_iterator<char>(file)), {});
  const std::string model = cpu_model();
  if (list.find("model name") == std::string::npos) {
    EXPECT_EQ(model, "");
  } else {
    EXPECT_NE(list.find("\nmodel name\t: " + model + '\n'), std::string::npos) << model;
  }
}

TEST(OnlineProcessorsTest, AreAsManyAsTheSystemSays) {
  const std::vector<unsigned> processors = online_processors();
  EXPECT_EQ(processors.size(), static_cast<std::size_t>(::sysconf(_SC_NPROCESSORS_ONLN)));
  EXPECT_TRUE(std::is_sorted(processors.begin(), processors.end()));
  EXPECT_EQ(std::adjacent_find(processors.begin(), processors.end()), processors.end());
}
#endif

}  // namespace
}  // namespace concurrency_models
