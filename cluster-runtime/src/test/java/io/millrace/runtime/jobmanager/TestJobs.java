package io.millrace.runtime.jobmanager;

import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.SlotResources;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A job of a source and a sink. */
public final class TestJobs {
  static final String SPLITS = "source/splits";
  static final String READER = "source";
  static final String SINK = "sink";
  static final int PARALLELISM = 2;
  static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");

  /** What sinks of the test that runs were asked to do, in order. */
  static final List<String> SINK_CALLS = new ArrayList<>();

  /** Whether sinks cannot commit. */
  static boolean cannotCommit;

  /** Whether sinks cannot take anything back. */
  static boolean cannotTakeBack;

  /** The checkpoint whose output sinks have taken back; 0 if there is none. */
  static long takenBack;

  /** The highest checkpoint that sinks have output of, as they say. */
  static long outputUpTo;

  /** Notes what is asked of it. */
  public record NotingSink() implements Sink<String> {
    @Override
    public void acquire(Scope scope) {
      SINK_CALLS.add("acquire " + scope.lineage());
    }

    @Override
    public long resume(Scope scope, long checkpoint) {
      if (checkpoint == takenBack) {
        throw new IllegalStateException("start from an older one");
      }
      return outputUpTo;
    }

    @Override
    public SinkWriter<String> writer(WriterContext context) {
      throw new UnsupportedOperationException("no task runs here");
    }

    @Override
    public void commit(Scope scope, List<byte[]> committables) {
      if (cannotCommit) {
        throw new IllegalStateException("the target is gone");
      }
      for (byte[] bytes : committables) {
        SINK_CALLS.add("commit " + new String(bytes, StandardCharsets.UTF_8));
      }
    }

    @Override
    public void rollback(Scope scope, long after, long upTo, List<byte[]> kept) {
      if (cannotTakeBack) {
        throw new UnsupportedOperationException("what is out is out");
      }
      SINK_CALLS.add("roll back " + after + " to " + upTo + " keeping " + kept.size());
    }

    @Override
    public void settle(Scope scope, boolean finished) {
      SINK_CALLS.add("settle " + finished);
    }
  }

  public static JobGraph graph(Map<String, String> settings) {
    UserCode none = new UserCode("nothing", new byte[0]);
    UserCode sink = UserCode.of(new NotingSink(), "sink");
    return new JobGraph(
        "test",
        List.of(
            vertex(SPLITS, Vertex.Role.ENUMERATOR, none, 1),
            vertex(READER, Vertex.Role.READER, none, PARALLELISM),
            vertex(SINK, Vertex.Role.SINK, sink, PARALLELISM)),
        List.of(
            new Edge(SPLITS, READER, 0, Edge.Partitioning.SPLITS, none, ""),
            new Edge(READER, SINK, 0, Edge.Partitioning.FORWARD, none, "")),
        settings);
  }

  /** The same, with sinks in slots of their own that say what they need. */
  static JobGraph measured(Map<String, String> settings, SlotResources each) {
    JobGraph graph = graph(settings);
    Vertex sink = graph.vertices().get(2);
    var apart =
        new Vertex(
            sink.uid(),
            sink.name(),
            sink.role(),
            sink.code(),
            sink.parallelism(),
            sink.maxParallelism(),
            "sinks",
            false,
            false,
            false,
            List.of());
    return new JobGraph(
        graph.name(),
        List.of(graph.vertices().get(0), graph.vertices().get(1), apart),
        graph.edges(),
        graph.settings(),
        List.of(),
        Map.of("sinks", each));
  }

  static JobSpec spec(JobId job, JobGraph graph) {
    return new JobSpec(job, "fedcba9876543210", graph, List.of(), Optional.empty());
  }

  static Vertex vertex(String uid, Vertex.Role role, UserCode code, int parallelism) {
    return new Vertex(
        uid, uid, role, code, parallelism, 0, "default", false, false, false, List.of());
  }

  static JobSpec spec(Map<String, String> settings) {
    return new JobSpec(JOB, "fedcba9876543210", graph(settings), List.of(), Optional.empty());
  }

  private TestJobs() {}
}
