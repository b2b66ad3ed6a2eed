package io.millrace.benchmarks;

import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobClient;
import io.millrace.benchmarks.workloads.Figures;
import io.millrace.benchmarks.workloads.Trial;
import io.millrace.hdfs.HdfsCheckpointStore;
import io.millrace.runtime.host.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/** What state costs: checkpoints while records flow, and coming back after a failure. */
final class StateWorkloads {
  private final Options options;
  private final String backend;
  private final long keys;
  private final int payload;
  private final long interval;
  private final int subtasks;
  private final Path folder;

  StateWorkloads(Options options) throws IOException {
    this.options = options;
    this.backend = options.text("backend", "hashmap");
    this.keys = options.number("keys", 1_000_000);
    this.payload = (int) options.number("payload", 0);
    this.interval = options.number("interval", 1_000);
    this.subtasks = (int) options.number("subtasks", 2);
    String named = options.text("checkpoints", "");
    this.folder =
        named.isEmpty()
            ? new Path(Files.createTempDirectory("millrace-benchmark").toUri())
            : new Path(named);
  }

  /**
   * Throughput over {@code --seconds} once every key has state, and how long checkpoints took
   * meanwhile: from the first task that met the barrier to the durable manifest.
   */
  Figures checkpoints() throws Exception {
    ObservedStore store = store();
    try (LocalCluster cluster = cluster(store)) {
      JobClient job = start(cluster);
      Meter.awaitRecords(2 * keys);
      if (interval > 0) {
        awaitCheckpoints(store, 2);
      }
      int before = store.durableNanos().size();
      long bytesBefore = store.bytesWritten();
      Meter.Reading begin = Meter.Reading.now();
      Thread.sleep(options.number("seconds", 15) * 1_000);
      Figures figures = figures("checkpoints");
      begin.addTo(figures);
      int taken = store.durableNanos().size() - before;
      figures.number("checkpoints", taken);
      if (taken > 0) {
        List<Long> millis = durations(store, before);
        figures
            .number("checkpoint_ms_median", millis.get(millis.size() / 2))
            .number("checkpoint_ms_max", millis.get(millis.size() - 1))
            .number("checkpoint_mb", (store.bytesWritten() - bytesBefore) / taken / 1e6);
      }
      job.cancel().get();
      return figures.number("rss_mb", Trial.peakMegabytes());
    }
  }

  /** Time from an exception in a task to the first record that any task takes after it. */
  Figures recovery() throws Exception {
    ObservedStore store = store();
    try (LocalCluster cluster = cluster(store)) {
      JobClient job = start(cluster);
      Meter.awaitRecords(2 * keys);
      awaitCheckpoints(store, store.durableNanos().size() + 2);
      List<Long> millis = new ArrayList<>();
      long bytesBefore = store.bytesRead();
      int failures = (int) options.number("failures", 3);
      for (int failure = 0; failure < failures; failure++) {
        long failedBefore = KeyedCounts.failedNanos;
        KeyedCounts.failNext = true;
        while (KeyedCounts.failedNanos == failedBefore
            || KeyedCounts.resumedNanos < KeyedCounts.failedNanos) {
          Thread.sleep(1);
        }
        millis.add((KeyedCounts.resumedNanos - KeyedCounts.failedNanos) / 1_000_000);
        awaitCheckpoints(store, store.durableNanos().size() + 2);
      }
      job.cancel().get();
      Collections.sort(millis);
      return figures("recovery")
          .number("failures", failures)
          .number("recovery_ms_min", millis.get(0))
          .number("recovery_ms_median", millis.get(millis.size() / 2))
          .number("recovery_ms_max", millis.get(millis.size() - 1))
          .number("read_mb", (store.bytesRead() - bytesBefore) / failures / 1e6)
          .number("rss_mb", Trial.peakMegabytes());
    }
  }

  private Figures figures(String workload) {
    return new Figures()
        .text("workload", workload)
        .text("engine", "millrace")
        .text("backend", backend)
        .text("store", Objects.requireNonNullElse(folder.toUri().getScheme(), "file"))
        .number("keys", keys)
        .number("payload_bytes", payload)
        .number("interval_ms", interval)
        .number("subtasks", subtasks)
        .text("settings", options.text("set", ""));
  }

  private JobClient start(LocalCluster cluster) throws Exception {
    return cluster.submit(new KeyedCounts(keys, payload, interval, backend, subtasks).graph());
  }

  private ObservedStore store() throws IOException {
    return new ObservedStore(
        new HdfsCheckpointStore(folder, new org.apache.hadoop.conf.Configuration()));
  }

  private LocalCluster cluster(ObservedStore store) {
    var settings = new TreeMap<String, String>();
    settings.put("taskmanager.numberOfTaskSlots", Integer.toString(subtasks));
    for (String setting : options.text("set", "").split(",")) {
      if (!setting.isEmpty()) {
        String[] pair = setting.split("=", 2);
        settings.put(pair[0], pair[1]);
      }
    }
    return LocalCluster.start(new Configuration(settings), store, new OwnClasses());
  }

  private static void awaitCheckpoints(ObservedStore store, int count) throws InterruptedException {
    while (store.durableNanos().size() < count) {
      Thread.sleep(5);
    }
  }

  private static List<Long> durations(ObservedStore store, int skip) {
    return store.durableNanos().entrySet().stream()
        .skip(skip)
        .map(each -> (each.getValue() - KeyedCounts.CUT_NANOS.get(each.getKey())) / 1_000_000)
        .sorted()
        .toList();
  }
}
