package io.millrace.simulator;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.JobSpec;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * With whom a job shares its cluster, and how.
 *
 * @param neighbours none if the cluster has a single job and ends with it
 * @param slots of each TaskManager
 * @param apart whether no TaskManager may have two jobs at a time
 */
record Company(List<Neighbour> neighbours, int slots, boolean apart) {
  static final Company NONE = new Company(List.of(), 1, false);

  Company {
    neighbours = List.copyOf(neighbours);
  }

  /** Room for just one job in each TaskManager, and for all in as many as there are jobs. */
  static Company scripted(List<Neighbour> neighbours, boolean apart) {
    return neighbours.isEmpty() ? NONE : new Company(neighbours, 4, apart);
  }

  static Company of(List<Neighbour> neighbours, SplittableRandom chance) {
    return neighbours.isEmpty()
        ? NONE
        : new Company(neighbours, 1 + chance.nextInt(4), chance.nextBoolean());
  }

  boolean isSession() {
    return !neighbours.isEmpty();
  }

  /** The job first, then those beside it. */
  List<JobSpec> with(JobSpec job) {
    return Stream.concat(Stream.of(job), neighbours.stream().map(Neighbour::spec)).toList();
  }

  /**
   * The classes of each job.
   *
   * @param other of those that are none of these
   */
  UserClasses classes(ClassLoader other) {
    return Neighbour.classes(neighbours, other);
  }

  /** What such a cluster is told when it starts. */
  Configuration configure(Map<String, String> defaults) {
    var all = new TreeMap<>(defaults);
    all.put(ClusterSettings.SLOTS.key(), "" + slots);
    all.put(ClusterSettings.ISOLATION.key(), apart ? "job" : "none");
    return new Configuration(all);
  }
}
