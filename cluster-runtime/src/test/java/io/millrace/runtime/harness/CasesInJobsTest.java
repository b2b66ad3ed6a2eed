package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.executor.JobClient;
import io.millrace.api.function.Collector;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.source.Sources;
import io.millrace.runtime.harness.Case.Item;
import io.millrace.runtime.host.CommittedOutput;
import io.millrace.runtime.host.LocalCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every operator in jobs with sources that end: what a sink commits is what the harness shows of
 * the same elements. No watermark comes but the last one: in a job nobody knows when others would.
 */
@Timeout(120)
class CasesInJobsTest {
  /** Of each input: with the pace below they last through several checkpoints. */
  private static final int ELEMENTS = 60;

  private static final int ELEMENTS_PER_SECOND = 200;

  /** So few that what windows of two inputs hold does not depend on which comes first. */
  private static long time(Item item, int inputs) {
    return inputs == 1 ? 3L * item.number() : 15L * item.number();
  }

  private static Item item(long number) {
    return new Item("" + "abc".charAt((int) (number % 3)), (int) number);
  }

  /** Says what the timestamp is as well. */
  private static final class Tells extends ProcessFunction<String, String> {
    @Override
    public void processElement(String line, Context context, Collector<String> out) {
      out.collect(line + " at " + context.timestamp());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void endWithTheOutputThatTheHarnessShows(String backend) throws Exception {
    var jobs = new TreeMap<String, List<Case>>();
    for (Case each : OperatorCases.all()) {
      jobs.computeIfAbsent(inOneSubtask(each) + " " + each.settings(), any -> new ArrayList<>())
          .add(each);
    }
    try (LocalCluster cluster = LocalCluster.start(new Configuration(Map.of()))) {
      var running = new ArrayList<JobClient>();
      for (List<Case> cases : jobs.values()) {
        running.add(cluster.submit(job(cases, backend)));
      }
      for (JobClient job : running) {
        job.await();
      }
    }
    var checkpoints = new TreeSet<Long>();
    for (Case each : OperatorCases.all()) {
      List<List<String>> expected = shown(each);
      for (int i = 0; i < expected.size(); i++) {
        CommittedOutput output = output(backend, each, i);
        checkpoints.addAll(output.checkpoints());
        if (byTheClock(each)) {
          assertThat(expected.get(i)).isEmpty();
        } else {
          assertThat(foreseen(output.records()))
              .as("output %d of %s", i, each)
              .containsExactlyInAnyOrderElementsOf(foreseen(expected.get(i)));
        }
      }
      assertThat(expected.stream().allMatch(List::isEmpty))
          .as("%s says nothing", each)
          .isEqualTo(byTheClock(each));
    }
    assertThat(checkpoints).hasSizeGreaterThan(1);
  }

  private static CommittedOutput output(String backend, Case of, int index) {
    return new CommittedOutput("output " + index + " of " + of + " in " + backend);
  }

  private static JobGraph job(List<Case> cases, String backend) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(inOneSubtask(cases.get(0)) ? 1 : 2);
    env.set("state.backend.type", backend);
    env.set("execution.checkpointing.interval", "100 ms");
    env.set("restart-strategy.type", "none");
    cases.get(0).settings().forEach(env::set);
    List<DataStream<Item>> one = List.of(source(env, 1));
    List<DataStream<Item>> two = List.of(source(env, 2), source(env, 2));
    for (Case each : cases) {
      List<DataStream<String>> streams = each.program().apply(each.inputs() == 1 ? one : two);
      for (int i = 0; i < streams.size(); i++) {
        streams.get(i).process(new Tells()).sinkTo(output(backend, each, i));
      }
    }
    return env.getJobGraph();
  }

  /** Two subtasks in front of windows of all might turn records round. */
  private static boolean inOneSubtask(Case each) {
    return each.alone() || each.name().contains("of all");
  }

  private static DataStream<Item> source(StreamExecutionEnvironment env, int inputs) {
    return env.fromSource(
            Sources.generator(CasesInJobsTest::item, ELEMENTS, ELEMENTS_PER_SECOND),
            WatermarkStrategy.<Item>noWatermarks()
                .withTimestampAssigner((item, old) -> time(item, inputs)),
            "items of " + inputs)
        .returns(Item.class)
        .setParallelism(1);
  }

  private static List<List<String>> shown(Case each) {
    OperatorContract contract = each.contract(1);
    for (int number = 0; number < ELEMENTS; number++) {
      Item item = item(number);
      for (int input = 0; input < each.inputs(); input++) {
        contract.step(new Step.Element(input, item, time(item, each.inputs())));
      }
    }
    return contract.undisturbed();
  }

  /** Says nothing but when the clock moves on, which in a job is anytime. */
  private static boolean byTheClock(Case each) {
    return List.of("windows by the clock", "trigger by the clock").contains(each.name());
  }

  /** Without what others say when the clock moves on. */
  private static List<String> foreseen(List<String> lines) {
    return lines.stream().filter(line -> !line.contains(" by the clock")).toList();
  }
}
