package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeSet;
import org.apache.hadoop.yarn.api.records.ContainerExitStatus;
import org.junit.jupiter.api.Test;

class ContainerExitTest {
  /** By YARN's own names of its codes. */
  @Test
  void saysWhyYarnHasEndedAContainerAndWhatHelps() {
    Map.of(
            ContainerExitStatus.KILLED_EXCEEDED_PMEM,
            "exceeded the physical memory that YARN allows it; give it more with -ytm or"
                + " taskmanager.memory.process.size",
            ContainerExitStatus.KILLED_EXCEEDED_VMEM,
            "exceeded the virtual memory that YARN allows it; give it more with -ytm or"
                + " taskmanager.memory.process.size",
            ContainerExitStatus.PREEMPTED,
            "was preempted by YARN in favour of another queue",
            ContainerExitStatus.DISKS_FAILED,
            "was lost because the disks of its node have failed",
            ContainerExitStatus.ABORTED,
            "was aborted or lost with its node",
            ContainerExitStatus.KILLED_BY_APPMASTER,
            "was stopped by the JobManager",
            ContainerExitStatus.KILLED_AFTER_APP_COMPLETION,
            "was ended because its application had ended",
            ContainerExitStatus.SUCCESS,
            "ended by itself")
        .forEach((code, text) -> assertThat(ContainerExit.explain(code)).isEqualTo(text));
  }

  @Test
  void saysWhatASignalOrTheJvmHasEnded() {
    assertThat(ContainerExit.explain(3)).contains("heap", "-ytm");
    assertThat(ContainerExit.explain(137)).contains("SIGKILL");
    assertThat(ContainerExit.explain(143)).contains("SIGTERM");
    assertThat(ContainerExit.explain(139)).contains("SIGSEGV", "hs_err_pid");
    assertThat(ContainerExit.explain(134)).contains("SIGABRT", "hs_err_pid");
    assertThat(ContainerExit.explain(127)).contains("JAVA_HOME");
  }

  @Test
  void holdsAgainstANodeOnlyWhatMayBeItsFault() {
    var ofTheNode = new TreeSet<Integer>();
    var withoutRoom = new TreeSet<Integer>();
    var forMemory = new TreeSet<Integer>();
    for (int code = -107; code <= 143; code++) {
      if (ContainerExit.mayBeOfTheNode(code)) {
        ofTheNode.add(code);
      }
      if (!ContainerExit.leavesRoom(code)) {
        withoutRoom.add(code);
      }
      if (ContainerExit.mayBeForMemory(code)) {
        forMemory.add(code);
      }
    }
    assertThat(ofTheNode)
        .contains(1, 3, 127, 134, 139, ContainerExitStatus.DISKS_FAILED)
        .doesNotContain(
            0,
            137,
            143,
            ContainerExitStatus.ABORTED,
            ContainerExitStatus.PREEMPTED,
            ContainerExitStatus.KILLED_EXCEEDED_PMEM,
            ContainerExitStatus.KILLED_BY_APPMASTER);
    assertThat(withoutRoom)
        .containsExactlyInAnyOrder(
            ContainerExitStatus.ABORTED,
            ContainerExitStatus.DISKS_FAILED,
            ContainerExitStatus.PREEMPTED);
    assertThat(ContainerExit.hasExited(137)).isTrue();
    assertThat(ContainerExit.hasExited(ContainerExitStatus.KILLED_EXCEEDED_PMEM)).isTrue();
    assertThat(ContainerExit.hasExited(ContainerExitStatus.ABORTED)).isFalse();
    assertThat(ContainerExit.hasExited(ContainerExitStatus.PREEMPTED)).isFalse();
    assertThat(ContainerExit.hasExited(ContainerExitStatus.KILLED_BY_APPMASTER)).isFalse();
    assertThat(forMemory)
        .containsExactlyInAnyOrder(
            ContainerExitStatus.KILLED_EXCEEDED_PMEM,
            ContainerExitStatus.KILLED_EXCEEDED_VMEM,
            137);
  }
}
