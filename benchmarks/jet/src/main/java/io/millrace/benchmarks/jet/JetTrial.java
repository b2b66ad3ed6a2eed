package io.millrace.benchmarks.jet;

import com.hazelcast.config.Config;
import com.hazelcast.config.SerializerConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.jet.config.JobConfig;
import com.hazelcast.jet.config.ProcessingGuarantee;
import io.millrace.benchmarks.workloads.Engine;
import io.millrace.benchmarks.workloads.Trial;
import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.Result;

/**
 * Computes workloads in one member of Jet with a cooperative thread for each subtask, by its Core
 * or its Pipeline API. Snapshots go where Jet keeps them, into the member's memory.
 */
final class JetTrial implements Engine {
  private final boolean pipelines;
  private final HazelcastInstance member;

  public static void main(String[] words) throws Exception {
    Trial.main(words, JetTrial::new);
  }

  /**
   * @param variant jet-core or jet-pipeline
   */
  JetTrial(String variant) {
    pipelines =
        switch (variant) {
          case "jet-core" -> false;
          case "jet-pipeline" -> true;
          default -> throw new IllegalArgumentException("no such engine: " + variant);
        };
    var config = new Config();
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.logging.type", "none");
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
    config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
    config.getJetConfig().setEnabled(true).setCooperativeThreadCount(Workload.PARALLELISM);
    config
        .getSerializationConfig()
        .addSerializerConfig(
            new SerializerConfig().setTypeClass(Event.class).setClass(EventSerializer.class))
        .addSerializerConfig(
            new SerializerConfig().setTypeClass(Result.class).setClass(ResultSerializer.class));
    member = Hazelcast.newHazelcastInstance(config);
  }

  @Override
  public void close() {
    member.shutdown();
  }

  @Override
  public void run(Workload workload, long events) {
    var job = new JobConfig();
    if (workload.checkpointed()) {
      job.setProcessingGuarantee(ProcessingGuarantee.EXACTLY_ONCE);
      job.setSnapshotIntervalMillis(Workload.CHECKPOINT_MILLIS);
    }
    if (pipelines) {
      member.getJet().newJob(Pipelines.of(workload, events), job).join();
    } else {
      member.getJet().newJob(CoreGraphs.of(workload, events), job).join();
    }
  }
}
