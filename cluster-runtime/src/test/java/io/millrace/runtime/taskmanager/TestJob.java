package io.millrace.runtime.taskmanager;

import io.millrace.api.connector.CommitConflictException;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.ToTaskManager.CancelTasks;
import io.millrace.runtime.protocol.ToTaskManager.CheckpointCompleted;
import io.millrace.runtime.protocol.ToTaskManager.Deploy;
import io.millrace.runtime.protocol.ToTaskManager.TaskStart;
import io.millrace.runtime.protocol.ToTaskManager.TriggerCheckpoint;
import io.millrace.runtime.task.Programs.Numbers;
import io.millrace.runtime.task.Programs.Range;
import io.millrace.runtime.task.Programs.Shelf;
import io.millrace.runtime.task.Programs.ShelfSink;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A job of three chains, numbers into a sink, and the commands about it. */
final class TestJob {
  static final JobId ID = new JobId("0123456789abcdef0123456789abcdef");
  static final Epoch FIRST = new Epoch(1, 1);
  static final AttemptId SINK = new AttemptId(ID, 0, 1, 2, 0);

  private static final Map<String, TestJob> JOBS = new TreeMap<>();

  final Shelf shelf = new Shelf();

  /** How often a commit fails before it works; below 0 for a conflict. */
  int failingCommits;

  private final String name;
  private final Map<String, String> settings = new TreeMap<>();

  TestJob(String name) {
    this.name = name;
    JOBS.put(name, this);
  }

  TestJob set(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /** Finds its job by name, as it travels in bytes. */
  private record NamedSink(String job) implements Sink<Object>, Serializable {
    @Override
    public SinkWriter<Object> writer(WriterContext context) {
      return new ShelfSink(JOBS.get(job).shelf).writer(context);
    }

    @Override
    public void commit(Scope scope, List<byte[]> committables) throws Exception {
      TestJob here = JOBS.get(job);
      if (here.failingCommits < 0) {
        throw new CommitConflictException("part-0 is there already with other bytes");
      }
      if (here.failingCommits-- > 0) {
        throw new IOException("the file system is away");
      }
      new ShelfSink(here.shelf).commit(scope, committables);
    }
  }

  Deploy deploy(Epoch epoch, int generation) {
    return deploy(epoch, generation, UserCode.of(new NamedSink(name), "sink"), List.of());
  }

  Deploy deploy(Epoch epoch, int generation, UserCode sink, List<SubtaskState> states) {
    var source = UserCode.of(new Numbers(20, 6), "numbers");
    var reader = UserCode.of(ReaderCode.plain(new Numbers(20, 6)), "numbers");
    var graph =
        new JobGraph(
            name,
            List.of(
                vertex("numbers/splits", Role.ENUMERATOR, source),
                vertex("numbers", Role.READER, reader),
                vertex("sink", Role.SINK, sink)),
            List.of(
                edge("numbers/splits", "numbers", Partitioning.SPLITS, Range.class),
                edge("numbers", "sink", Partitioning.REBALANCE, Long.class)),
            settings);
    var tasks = new ArrayList<TaskStart>();
    for (int chain = 0; chain < 3; chain++) {
      String uid = graph.vertices().get(chain).uid();
      List<SubtaskState> own = states.stream().filter(each -> each.uid().equals(uid)).toList();
      tasks.add(new TaskStart(chain, 0, 0, own, "memory:/checkpoints/" + ID));
    }
    return new Deploy(
        new JobSpec(ID, "0123456789abcdef", graph, List.of(), Optional.empty()),
        epoch,
        0,
        generation,
        List.of(Rig.HERE),
        List.of(List.of(0), List.of(0), List.of(0)),
        tasks,
        states.isEmpty() ? "" : "manifest-of-" + name);
  }

  private static Vertex vertex(String uid, Role role, UserCode code) {
    return new Vertex(uid, uid, role, code, 1, 16, "default", false, false, false, List.of());
  }

  private static Edge edge(String from, String to, Partitioning partitioning, Class<?> type) {
    var code = UserCode.of(EdgeCode.plain(TypeInformation.of(type)), from + " to " + to);
    return new Edge(from, to, 0, partitioning, code, type.getName());
  }

  static TriggerCheckpoint trigger(long checkpoint) {
    return new TriggerCheckpoint(ID, FIRST, 0, 1, checkpoint, Purpose.CHECKPOINT);
  }

  static CheckpointCompleted completed(long checkpoint, boolean last) {
    return new CheckpointCompleted(ID, FIRST, 0, 1, checkpoint, last);
  }

  static CancelTasks cancelBelow(Epoch epoch, int generation) {
    return new CancelTasks(ID, epoch, 0, generation);
  }
}
