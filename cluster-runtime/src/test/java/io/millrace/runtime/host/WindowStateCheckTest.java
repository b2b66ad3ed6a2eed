package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobStatus;
import io.millrace.api.function.Collector;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Types;
import io.millrace.api.window.CountTrigger;
import io.millrace.api.window.DeltaTrigger;
import io.millrace.api.window.GlobalWindow;
import io.millrace.api.window.GlobalWindows;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.PurgingTrigger;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.TriggerResult;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import io.millrace.runtime.savepoint.Savepoint;
import io.millrace.runtime.savepoint.StateCheck;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** States that triggers and window functions use when a record comes are known before one does. */
@Timeout(120)
class WindowStateCheckTest {
  private final ClassLoader loader = WindowStateCheckTest.class.getClassLoader();
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private char lastId = 'a';

  /** Fires on each record, and remembers how many there were, as whatever it is told to. */
  private static final class Remembering<V> extends Trigger<Long, GlobalWindow> {
    private final ValueStateDescriptor<V> seen;
    private final V value;
    private final boolean names;

    Remembering(V value, Class<V> type, boolean names) {
      this.seen = new ValueStateDescriptor<>("remembered", type);
      this.value = value;
      this.names = names;
    }

    @Override
    public List<StateDescriptor> states() {
      return names ? List.of(seen) : List.of();
    }

    @Override
    public TriggerResult onElement(
        Long element, long timestamp, GlobalWindow window, TriggerContext ctx) {
      ctx.getPartitionedState(seen).update(value);
      return TriggerResult.FIRE;
    }

    @Override
    public TriggerResult onProcessingTime(long time, GlobalWindow window, TriggerContext ctx) {
      return TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onEventTime(long time, GlobalWindow window, TriggerContext ctx) {
      return TriggerResult.CONTINUE;
    }

    @Override
    public void clear(GlobalWindow window, TriggerContext ctx) {
      ctx.getPartitionedState(seen).clear();
    }
  }

  /** Keeps something of each window, and counts in each key. */
  private static final class Keeping<V>
      extends ProcessWindowFunction<Long, String, Long, GlobalWindow> {
    private final ListStateDescriptor<V> last;
    private final ValueStateDescriptor<V> ever;
    private final V value;
    private final boolean names;

    Keeping(V value, Class<V> type, boolean names) {
      this.last = new ListStateDescriptor<>("last", type);
      this.ever = new ValueStateDescriptor<>("ever", type);
      this.value = value;
      this.names = names;
    }

    @Override
    public void open(OpenContext context) {
      if (names) {
        getRuntimeContext().getState(ever);
      }
    }

    @Override
    public List<StateDescriptor> windowStates() {
      return names ? List.of(last) : List.of();
    }

    @Override
    public void process(Long key, Context context, Iterable<Long> elements, Collector<String> out) {
      context.windowState().getListState(last).update(List.of(value));
      ValueState<V> state = context.globalState().getState(ever);
      out.collect(state.value() == null ? "first" : "known");
      state.update(value);
    }
  }

  private static StreamExecutionEnvironment program(
      Trigger<Long, GlobalWindow> trigger,
      ProcessWindowFunction<Long, String, Long, GlobalWindow> function,
      CommittedOutput output) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    env.setMaxParallelism(16);
    env.set("execution.checkpointing.interval", "30 ms");
    env.set("restart-strategy.type", "none");
    env.fromGenerator(index -> index, 10_000_000, 15_000)
        .uid("numbers")
        .keyBy(value -> value % 7)
        .window(GlobalWindows.create())
        .trigger(PurgingTrigger.of(trigger))
        .process(function)
        .uid("windows")
        .sinkTo(output)
        .uid("lines");
    return env;
  }

  private static StreamExecutionEnvironment program(
      Object value, boolean names, CommittedOutput output) {
    return value instanceof Long number
        ? program(
            new Remembering<>(number, Long.class, names),
            new Keeping<>(number, Long.class, names),
            output)
        : program(
            new Remembering<>((String) value, String.class, names),
            new Keeping<>((String) value, String.class, names),
            output);
  }

  private String stopped(StreamExecutionEnvironment program, CommittedOutput output)
      throws Exception {
    var id = LocalJobs.id(lastId++);
    try (var jobs = new LocalJobs(store, loader)) {
      JobClient job = jobs.start(id, program.getJobGraph());
      Eventually.holds("each key has state", () -> output.records().size() > 100);
      String path = jobs.stop(id, ClientRequest.Then.STOP);
      job.await();
      return path;
    }
  }

  private List<String> check(String path, StreamExecutionEnvironment program) throws Exception {
    var graph = program.getJobGraph();
    var plan = JobPlan.of(graph, Configuration.EMPTY);
    return StateCheck.of(graph, plan, loader, Savepoint.load(store, path), false).stream()
        .filter(each -> each.operator().contains("'windows'"))
        .map(each -> each.fate() + " " + each.state())
        .toList();
  }

  @Test
  void areComparedIfTheyAreNamedAndElseNotKnown() throws Exception {
    var output = new CommittedOutput("windows with states");
    String path = stopped(program(1L, false, output), output);
    var unused = new CommittedOutput("unused");

    assertThat(check(path, program(1L, true, unused)))
        .contains("KEPT trigger/remembered", "KEPT window/last", "KEPT ever")
        .noneMatch(each -> each.startsWith("CARRIED") || each.startsWith("NEW"));
    assertThat(check(path, program("other", true, unused)))
        .contains("REFUSED trigger/remembered", "REFUSED window/last", "REFUSED ever");
    assertThat(check(path, program("other", false, unused)))
        .contains("CARRIED trigger/remembered", "CARRIED window/last", "CARRIED ever");

    var further = new CommittedOutput("windows that go on");
    try (var jobs = new LocalJobs(store, loader)) {
      JobClient job =
          jobs.start(
              LocalJobs.id(lastId++),
              program(1L, true, further).getJobGraph(),
              Optional.of(new RestoreFrom(path, false)));
      Eventually.holds("it goes on", () -> further.records().size() > 100);
      assertThat(job.getJobStatus().join()).isEqualTo(JobStatus.RUNNING);
      assertThat(further.records()).doesNotContain("first");
      job.cancel().join();
    }
  }

  @Test
  void ofTheTriggersThatComeWithItAreKnown() throws Exception {
    var output = new CommittedOutput("windows by difference");
    String path =
        stopped(
            program(
                DeltaTrigger.of(1, (one, other) -> other - one, Types.LONG),
                new Keeping<>(1L, Long.class, true),
                output),
            output);
    var unused = new CommittedOutput("unused");

    assertThat(
            check(
                path,
                program(
                    DeltaTrigger.of(2, (one, other) -> other - one, Types.LONG),
                    new Keeping<>(1L, Long.class, true),
                    unused)))
        .contains("KEPT trigger/last-element")
        .allMatch(each -> each.startsWith("KEPT"));

    var counted = new CommittedOutput("windows by number");
    Trigger<Long, GlobalWindow> everySecond = everySecond();
    String other =
        stopped(program(everySecond, new Keeping<>(1L, Long.class, true), counted), counted);
    assertThat(check(other, program(everySecond, new Keeping<>(1L, Long.class, true), unused)))
        .contains("KEPT trigger/count")
        .allMatch(each -> each.startsWith("KEPT"));
  }

  @SuppressWarnings("unchecked") // a trigger of any records takes longs
  private static Trigger<Long, GlobalWindow> everySecond() {
    return (Trigger<Long, GlobalWindow>)
        (Trigger<?, GlobalWindow>) CountTrigger.<GlobalWindow>of(2);
  }
}
