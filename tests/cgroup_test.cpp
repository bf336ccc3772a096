#include "concurrency_models/cgroup.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "support/temporary_directory.h"

namespace concurrency_models {
namespace {

/// A stand-in for the file system's root, in which this process belongs to some cgroup.
class FakeRoot {
 public:
  FakeRoot& file(const std::string& name, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(folder_.file(name)).parent_path());
    (void)folder_.write(name, content);
    return *this;
  }
  FakeRoot& cgroup(const std::string& content) { return file("proc/self/cgroup", content); }
  FakeRoot& mountinfo(const std::string& content) { return file("proc/self/mountinfo", content); }

  [[nodiscard]] std::optional<double> quota() const { return cgroup_cpu_quota(path()); }
  [[nodiscard]] std::filesystem::path path() const { return folder_.file(""); }

 private:
  TemporaryDirectory folder_;
};

// Lines as Linux 6 has them.
const std::string other_mounts =
    "22 27 0:21 / /proc rw,nosuid shared:12 - proc proc rw\n"
    "27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n";
const std::string v2_mount =
    other_mounts + "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
const std::string v1_mount =
    other_mounts +
    "33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
    "34 31 0:31 / /sys/fs/cgroup/cpu,cpuacct rw master:5 - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "36 31 0:33 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";

class CgroupTest : public testing::Test {
 protected:
  void SetUp() override {
#if !defined(__linux__)
    GTEST_SKIP() << "there are no cgroups here";
#endif
  }

  FakeRoot root;
};

using CgroupQuotaTest = CgroupTest;

TEST_F(CgroupQuotaTest, Version2) {
  root.cgroup("0::/work\n")
      .mountinfo(v2_mount)
      .file("sys/fs/cgroup/work/cpu.max", "150000 100000\n");
  EXPECT_EQ(root.quota(), 1.5);
}

TEST_F(CgroupQuotaTest, Version1) {
  root.cgroup("5:cpuset:/\n4:cpu,cpuacct:/work\n1:name=systemd:/elsewhere\n")
      .mountinfo(v1_mount)
      .file("sys/fs/cgroup/cpu,cpuacct/work/cpu.cfs_quota_us", "250000\n")
      .file("sys/fs/cgroup/cpu,cpuacct/work/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(root.quota(), 2.5);
}

TEST_F(CgroupQuotaTest, PeriodsNeedNotBeTheUsualOne) {
  root.cgroup("0::/work\n").mountinfo(v2_mount).file("sys/fs/cgroup/work/cpu.max", "5000 20000\n");
  EXPECT_EQ(root.quota(), 0.25);
}

TEST_F(CgroupQuotaTest, ATighterGroupAboveCounts) {
  root.cgroup("0::/slice/service/job\n")
      .mountinfo(v2_mount)
      .file("sys/fs/cgroup/slice/cpu.max", "100000 100000\n")
      .file("sys/fs/cgroup/slice/service/cpu.max", "max 100000\n")
      .file("sys/fs/cgroup/slice/service/job/cpu.max", "400000 100000\n");
  EXPECT_EQ(root.quota(), 1.0);
}

TEST_F(CgroupQuotaTest, ALooserGroupAboveDoesNot) {
  root.cgroup("0::/slice/job\n")
      .mountinfo(v2_mount)
      .file("sys/fs/cgroup/slice/cpu.max", "800000 100000\n")
      .file("sys/fs/cgroup/slice/job/cpu.max", "200000 100000\n");
  EXPECT_EQ(root.quota(), 2.0);
}

TEST_F(CgroupQuotaTest, Version1LooksAboveToo) {
  root.cgroup("4:cpu,cpuacct:/slice/job\n")
      .mountinfo(v1_mount)
      .file("sys/fs/cgroup/cpu,cpuacct/slice/cpu.cfs_quota_us", "50000\n")
      .file("sys/fs/cgroup/cpu,cpuacct/slice/cpu.cfs_period_us", "100000\n")
      .file("sys/fs/cgroup/cpu,cpuacct/slice/job/cpu.cfs_quota_us", "-1\n")
      .file("sys/fs/cgroup/cpu,cpuacct/slice/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(root.quota(), 0.5);
}

TEST_F(CgroupQuotaTest, OfTwoHierarchiesTheTighterCounts) {
  root.cgroup("4:cpu,cpuacct:/work\n0::/work\n")
      .mountinfo(v1_mount +
                 "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n")
      .file("sys/fs/cgroup/cpu,cpuacct/work/cpu.cfs_quota_us", "300000\n")
      .file("sys/fs/cgroup/cpu,cpuacct/work/cpu.cfs_period_us", "100000\n")
      .file("sys/fs/cgroup/unified/work/cpu.max", "200000 100000\n");
  EXPECT_EQ(root.quota(), 2.0);
}

TEST_F(CgroupQuotaTest, NeighboursDoNotCount) {
  root.cgroup("0::/work\n")
      .mountinfo(v2_mount)
      .file("sys/fs/cgroup/other/cpu.max", "10000 100000\n")
      .file("sys/fs/cgroup/work/below/cpu.max", "10000 100000\n");
  EXPECT_EQ(root.quota(), std::nullopt);
}

// Docker without a cgroup namespace: /proc tells the host's path, the mount shows that group as its
// top.
TEST_F(CgroupQuotaTest, AContainerFindsItsGroupAtTheMountsTop) {
  root.cgroup("0::/docker/4f2a\n")
      .mountinfo("30 23 0:26 /docker/4f2a /sys/fs/cgroup ro - cgroup2 cgroup rw\n")
      .file("sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(root.quota(), 0.5);
}

TEST_F(CgroupQuotaTest, AContainerFindsGroupsBelowItsOwn) {
  root.cgroup("4:cpu,cpuacct:/docker/4f2a/inner\n")
      .mountinfo("34 31 0:31 /docker/4f2a /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n")
      .file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "400000\n")
      .file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n")
      .file("sys/fs/cgroup/cpu/inner/cpu.cfs_quota_us", "100000\n")
      .file("sys/fs/cgroup/cpu/inner/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(root.quota(), 1.0);
}

TEST_F(CgroupQuotaTest, ATopIsNoTopOfGroupsThatMerelyBeginLikeIt) {
  root.cgroup("0::/work2/job\n")
      .mountinfo("30 23 0:26 /work /sys/fs/cgroup ro - cgroup2 cgroup rw\n")
      .file("sys/fs/cgroup/2/job/cpu.max", "50000 100000\n");
  EXPECT_EQ(root.quota(), std::nullopt);
}

TEST_F(CgroupQuotaTest, UnlimitedIsNoQuota) {
  root.cgroup("0::/work\n").mountinfo(v2_mount).file("sys/fs/cgroup/work/cpu.max", "max 100000\n");
  EXPECT_EQ(root.quota(), std::nullopt);
}

TEST_F(CgroupQuotaTest, UnlimitedInVersion1IsNoQuota) {
  root.cgroup("4:cpu,cpuacct:/\n")
      .mountinfo(v1_mount)
      .file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n")
      .file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(root.quota(), std::nullopt);
}

TEST_F(CgroupQuotaTest, NothingAtAllIsNoQuota) { EXPECT_EQ(root.quota(), std::nullopt); }

TEST_F(CgroupQuotaTest, AMissingMountIsNoQuota) {
  root.cgroup("0::/work\n").file("sys/fs/cgroup/work/cpu.max", "50000 100000\n");
  EXPECT_EQ(root.quota(), std::nullopt);
  root.mountinfo(other_mounts);
  EXPECT_EQ(root.quota(), std::nullopt);
}

TEST_F(CgroupQuotaTest, AMissingPeriodIsNoQuota) {
  root.cgroup("4:cpu,cpuacct:/work\n")
      .mountinfo(v1_mount)
      .file("sys/fs/cgroup/cpu,cpuacct/work/cpu.cfs_quota_us", "50000\n");
  EXPECT_EQ(root.quota(), std::nullopt);
}

TEST_F(CgroupQuotaTest, TheCpusetControllerHasNoSay) {
  root.cgroup("5:cpuset:/work\n4:cpu,cpuacct:/\n").mountinfo(v1_mount);
  for (const std::string hierarchy : {"cpuset", "cpu,cpuacct"}) {
    root.file("sys/fs/cgroup/" + hierarchy + "/work/cpu.cfs_quota_us", "50000\n")
        .file("sys/fs/cgroup/" + hierarchy + "/work/cpu.cfs_period_us", "100000\n");
  }
  EXPECT_EQ(root.quota(), std::nullopt);
}

class MalformedQuotaTest : public testing::TestWithParam<std::string> {};

TEST_P(MalformedQuotaTest, IsNoQuota) {
#if !defined(__linux__)
  GTEST_SKIP() << "there are no cgroups here";
#endif
  FakeRoot root;
  root.cgroup("0::/work\n").mountinfo(v2_mount).file("sys/fs/cgroup/work/cpu.max", GetParam());
  EXPECT_EQ(root.quota(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Contents, MalformedQuotaTest,
                         testing::Values("", "\n", "150000", "150000 0\n", "150000 -100000\n",
                                         "0 100000\n", "-150000 100000\n", "x 100000\n",
                                         "150000 x\n", "nan 100000\n", "inf 100000\n",
                                         "150000 nan\n", "150000 inf\n", "maximum 100000\n"));

class MalformedProcTest : public testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(MalformedProcTest, IsNoQuota) {
  FakeRoot root;
  root.cgroup(GetParam().first)
      .mountinfo(GetParam().second)
      .file("sys/fs/cgroup/work/cpu.max", "50000 100000\n");
  EXPECT_EQ(root.quota(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    Contents, MalformedProcTest,
    testing::Values(std::pair{"", v2_mount}, std::pair{"\n\n", v2_mount},
                    std::pair{"0:/work\n", v2_mount}, std::pair{"no colons\n", v2_mount},
                    std::pair{"0::/work\n", ""}, std::pair{"0::/work\n", "- cgroup2\n"},
                    std::pair{"0::/work\n", "30 23 0:26 / /sys/fs/cgroup rw - \n"},
                    std::pair{"0::/work\n", "30 23 0:26 / /sys/fs/cgroup rw\n"},
                    std::pair{"0::/work\n", "30 - cgroup2 cgroup2 rw\n"}));

using CgroupRoomTest = CgroupTest;

TEST_F(CgroupRoomTest, IsWhatOthersInTheGroupDoNotUse) {
  root.cgroup("0::/work\n")
      .mountinfo(v2_mount)
      .file("sys/fs/cgroup/work/pids.max", "100\n")
      .file("sys/fs/cgroup/work/pids.current", "30\n")
      .file("sys/fs/cgroup/work/memory.max", "10240000\n")
      .file("sys/fs/cgroup/work/memory.current", "2048000\n")
      .file("sys/fs/cgroup/work/memory.stat", "anon 1000\ninactive_file 1024000\n");
  EXPECT_EQ(cgroup_processes_left(root.path()), 70);
  EXPECT_EQ(cgroup_memory_left_kb(root.path()), (10240 - 2048 + 1024) * 1000 / 1024);
}

TEST_F(CgroupRoomTest, Version1) {
  root.cgroup("8:pids:/work\n4:memory:/\n1:cpu,cpuacct:/elsewhere\n")
      .mountinfo(v1_mount)
      .file("sys/fs/cgroup/pids/work/pids.max", "20\n")
      .file("sys/fs/cgroup/pids/work/pids.current", "5\n")
      .file("sys/fs/cgroup/memory/memory.limit_in_bytes", "1048576\n")
      .file("sys/fs/cgroup/memory/memory.usage_in_bytes", "524288\n")
      .file("sys/fs/cgroup/memory/memory.stat", "inactive_file 7\ntotal_inactive_file 1024\n");
  EXPECT_EQ(cgroup_processes_left(root.path()), 15);
  EXPECT_EQ(cgroup_memory_left_kb(root.path()), 512 + 1);
}

TEST_F(CgroupRoomTest, OfAGroupAboveCountsIfThereIsLess) {
  root.cgroup("0::/slice/job\n")
      .mountinfo(v2_mount)
      .file("sys/fs/cgroup/slice/pids.max", "50\n")
      .file("sys/fs/cgroup/slice/pids.current", "45\n")
      .file("sys/fs/cgroup/slice/job/pids.max", "40\n")
      .file("sys/fs/cgroup/slice/job/pids.current", "10\n");
  EXPECT_EQ(cgroup_processes_left(root.path()), 5);
}

TEST_F(CgroupRoomTest, IsNoneWhereMoreIsUsedThanTheLimitAllows) {
  root.cgroup("0::/work\n")
      .mountinfo(v2_mount)
      .file("sys/fs/cgroup/work/pids.max", "10\n")
      .file("sys/fs/cgroup/work/pids.current", "12\n")
      .file("sys/fs/cgroup/work/memory.max", "1024\n")
      .file("sys/fs/cgroup/work/memory.current", "4096\n");
  EXPECT_EQ(cgroup_processes_left(root.path()), 0);
  EXPECT_EQ(cgroup_memory_left_kb(root.path()), 0);
}

TEST_F(CgroupRoomTest, IsUnknownWithoutALimit) {
  root.cgroup("0::/work\n")
      .mountinfo(v2_mount)
      .file("sys/fs/cgroup/work/pids.max", "max\n")
      .file("sys/fs/cgroup/work/pids.current", "12\n")
      .file("sys/fs/cgroup/work/memory.max", "max\n")
      .file("sys/fs/cgroup/work/memory.current", "4096\n");
  EXPECT_EQ(cgroup_processes_left(root.path()), std::nullopt);
  EXPECT_EQ(cgroup_memory_left_kb(root.path()), std::nullopt);
}

TEST_F(CgroupRoomTest, IsUnknownWithoutALimitInVersion1) {
  root.cgroup("4:memory:/\n")
      .mountinfo(v1_mount)
      .file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
      .file("sys/fs/cgroup/memory/memory.usage_in_bytes", "524288\n");
  EXPECT_EQ(cgroup_memory_left_kb(root.path()), std::nullopt);
}

TEST_F(CgroupRoomTest, IsUnknownIfTheUseIs) {
  root.cgroup("0::/work\n")
      .mountinfo(v2_mount)
      .file("sys/fs/cgroup/work/pids.max", "10\n")
      .file("sys/fs/cgroup/work/memory.max", "1024\n");
  EXPECT_EQ(cgroup_processes_left(root.path()), std::nullopt);
  EXPECT_EQ(cgroup_memory_left_kb(root.path()), std::nullopt);
}

}  // namespace
}  // namespace concurrency_models
