package io.millrace.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.migrate.JavaSource.Result;
import org.junit.jupiter.api.Test;

class JavaSourceTest {
  private static final Counterparts COUNTERPARTS = Counterparts.load();

  @Test
  void importsAndFullNamesChangeAndNothingElse() {
    Result result =
        rewrite(
            """
            package a;
            import java.util.List;
            import org.apache.flink.util.Collector; // org.apache.flink.util.Collector
            /** {@link org.apache.flink.util.Collector} */
            class A {
              String text = "org.apache.flink.util.Collector \\" import org.apache.flink.util.Collector;";
              String block = \"""
                  org.apache.flink.util.Collector " \""";
              char c = '"';
              org.apache.flink.util.OutputTag<String> tag;
            }
            """);

    assertThat(result.text())
        .isEqualTo(
            """
            package a;
            import java.util.List;
            import io.millrace.api.function.Collector; // org.apache.flink.util.Collector
            /** {@link org.apache.flink.util.Collector} */
            class A {
              String text = "org.apache.flink.util.Collector \\" import org.apache.flink.util.Collector;";
              String block = \"""
                  org.apache.flink.util.Collector " \""";
              char c = '"';
              io.millrace.api.function.OutputTag<String> tag;
            }
            """);
    assertThat(result.names()).isEqualTo(2);
    assertThat(result.remarks()).isEmpty();
  }

  /** Only what a call has returned is a stream; types have names that methods have too. */
  @Test
  void aRemarkMayDependOnWhatAMemberIsOf() {
    Result result =
        rewrite(
            """
            import org.apache.flink.api.common.typeinfo.Types;
            class A {
              void run(Env env) {
                lookups.cache(5);
                env.fromData(1).map(x -> x)
                    .cache();
                use(Types.VOID, Types.SQL_DATE, Types.ROW(Types.INT), Shape.ROW);
              }
            }
            """);

    assertThat(result.remarks())
        .extracting(remark -> remark.line() + " " + remark.text())
        .containsExactly(
            "6 .cache has no counterpart: executeAndCollect, or write the stream with writeAsText"
                + " and read the files",
            "7 Types.ROW has no counterpart: write a record for it",
            "7 Types.SQL_DATE has no counterpart: java.time, with Types.LOCAL_DATE, LOCAL_TIME,"
                + " LOCAL_DATE_TIME or INSTANT");
  }

  @Test
  void whatHasNoCounterpartStaysAndIsNamedWithItsLine() {
    String text =
        """
        package a;
        import org.apache.flink.api.java.utils.MultipleParameterTool;
        import org.apache.flink.unheard.Of;
        class A {
          org.apache.flink.table.api.Table table;
          void run(Env env) {
            env
                .createInput(null);
            trigger(type.createSerializer(config));
          }
        }
        """;

    Result result = rewrite(text);

    assertThat(result.text()).isEqualTo(text);
    assertThat(result.remarks())
        .extracting(remark -> remark.line() + " " + remark.text())
        .containsExactly(
            "2 org.apache.flink.api.java.utils.MultipleParameterTool has no counterpart: there is"
                + " ParameterTool, which takes each name once",
            "3 org.apache.flink.unheard.Of has no counterpart",
            "5 org.apache.flink.table.api.Table has no counterpart: there is no Table API yet",
            "8 .createInput has no counterpart: env.fromSource with an"
                + " io.millrace.api.connector.Source",
            "9 .createSerializer has no counterpart: pass the type itself, as to DeltaTrigger.of");
  }

  @Test
  void aMergeThatHandsBackAnArgumentIsListed() {
    String merge =
        "@Override public Map<String, Long> merge(Map<String, Long> a, Map<String, Long> b)";
    Result result =
        rewrite(
            """
            import org.apache.flink.api.common.functions.AggregateFunction;
            class A implements AggregateFunction<B, Map<String, Long>, C> {
              %1$s {
                return a; // no sessions
              }
            }
            class B implements AggregateFunction<B, Map<String, Long>, C> {
              %1$s throws IllegalStateException { return /* either */ b ; }
              %1$s { return a.plus(b); }
              %1$s { return null; }
              %1$s { a.putAll(b); return a; }
              %1$s { throw new UnsupportedOperationException(); }
              void run() { merge(a, b); }
            }
            """
                .formatted(merge));

    assertThat(result.remarks())
        .extracting(remark -> remark.line() + " " + remark.text())
        .allSatisfy(remark -> assertThat(remark).contains("merge hands back an argument"))
        .extracting(remark -> remark.substring(0, 2))
        .containsExactly("3 ", "8 ");
    assertThat(rewrite("class A { %s { return a; } }".formatted(merge)).remarks()).isEmpty();
  }

  @Test
  void aWholePackageBecomesTheClassesThatAreUsed() {
    Result result =
        rewrite(
            "import org.apache.flink.streaming.api.windowing.assigners.*;\r\n"
                + "import org.apache.flink.streaming.api.windowing.triggers.*;\r\n"
                + "class A { Object a = TumblingEventTimeWindows.of(null), b = GlobalWindows.create(); }\r\n");

    assertThat(result.text())
        .isEqualTo(
            "import io.millrace.api.window.GlobalWindows;\r\n"
                + "import io.millrace.api.window.TumblingEventTimeWindows;\r\n"
                + "import org.apache.flink.streaming.api.windowing.triggers.*;\r\n"
                + "class A { Object a = TumblingEventTimeWindows.of(null), b = GlobalWindows.create(); }\r\n");
    assertThat(result.remarks()).extracting(Remark::line).containsExactly(3);
    assertThat(result.before()).extracting(Remark::line).containsExactly(2);
  }

  @Test
  void timesBecomeDurations() {
    Result result =
        rewrite(
            """
            import java.time.Duration;
            import org.apache.flink.streaming.api.windowing.time.Time;
            class A {
              Time one = Time.seconds(1);
              Duration two = Duration.ofMillis(Time . minutes(2).toMilliseconds());
              Object three = org.apache.flink.api.common.time.Time.days(3);
              Object Times, no = my.Time;
            }
            """);

    assertThat(result.text())
        .isEqualTo(
            """
            import java.time.Duration;
            class A {
              Duration one = Duration.ofSeconds(1);
              Duration two = Duration.ofMillis(Duration . ofMinutes(2).toMillis());
              Object three = java.time.Duration.ofDays(3);
              Object Times, no = my.Time;
            }
            """);
  }

  @Test
  void openTakesAnOpenContext() {
    Result result =
        rewrite(
            """
            import org.apache.flink.configuration.Configuration;
            class A {
              public void open(final Configuration parameters) throws Exception {}
            }
            """);
    Result used =
        rewrite(
            """
            import org.apache.flink.configuration.Configuration;
            class A {
              public void open(Configuration parameters) {}
              Configuration more;
            }
            """);

    assertThat(result.text())
        .isEqualTo(
            """
            import io.millrace.api.function.OpenContext;
            class A {
              public void open(final OpenContext parameters) throws Exception {}
            }
            """);
    assertThat(result.remarks()).isEmpty();
    assertThat(used.text())
        .contains(
            "import io.millrace.api.configuration.Configuration;\n",
            "import io.millrace.api.function.OpenContext;\n",
            "open(OpenContext parameters)",
            "Configuration more;");
    assertThat(used.remarks()).isEmpty();
  }

  @Test
  void openTakesAnOpenContextWhereTheWholePackageIsImported() {
    Result result =
        rewrite(
            """
            import org.apache.flink.configuration.*;
            class A {
              static final ConfigOption<Integer> SIZE = ConfigOptions.key("size").defaultValue(1);
              public void open(Configuration parameters) {}
            }
            """);

    assertThat(result.text())
        .contains(
            "import io.millrace.api.configuration.ConfigOption;\n",
            "import io.millrace.api.configuration.ConfigOptions;\n",
            "open(io.millrace.api.function.OpenContext parameters)");
    assertThat(result.remarks()).isEmpty();
  }

  @Test
  void nestedClassesAndStaticMembersMustExist() {
    Result result =
        rewrite(
            """
            import static org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows.of;
            import static org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows.none;
            import org.apache.flink.streaming.api.functions.KeyedProcessFunction.OnTimerContext;
            import org.apache.flink.streaming.api.functions.KeyedProcessFunction.Nothing;
            """);

    assertThat(result.text().lines())
        .startsWith("import static io.millrace.api.window.SlidingEventTimeWindows.of;")
        .contains("import io.millrace.api.function.KeyedProcessFunction.OnTimerContext;");
    assertThat(result.remarks()).extracting(Remark::line).containsExactly(2, 4);
  }

  @Test
  void aClassThatIsNamedOtherwiseIsRenamedWhereItIsUsed() {
    Result result =
        rewrite(
            """
            import org.apache.flink.streaming.api.datastream.DataStreamSource;
            class A { DataStreamSource<String> lines; my.DataStreamSource other; }
            """);

    assertThat(result.text())
        .isEqualTo(
            """
            import io.millrace.api.SingleOutputStreamOperator;
            class A { SingleOutputStreamOperator<String> lines; my.DataStreamSource other; }
            """);
  }

  /** Where the types show, whatever the API lacks shows too; what it has is never named. */
  @Test
  void usesThatTheApiDoesNotAllowAreListed() {
    Result result =
        rewrite(
            """
            import org.apache.flink.api.common.accumulators.*;
            import org.apache.flink.api.common.state.StateDescriptor;
            import org.apache.flink.api.common.state.ValueState;
            import org.apache.flink.api.common.state.ValueStateDescriptor;
            import org.apache.flink.metrics.Counter;
            import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
            import org.apache.flink.streaming.api.windowing.triggers.Trigger;
            import org.apache.flink.streaming.api.windowing.windows.Window;
            import org.apache.flink.util.OutputTag;
            class A<W extends Window> extends Trigger<String, W> {
              IntMaximum top = new IntMaximum(3), no = new IntMaximum(3, f(4, 5));
              OutputTag<String> tag = new OutputTag<String>("late, or (not)") {};
              void run(StreamExecutionEnvironment env, ValueState<String> state, Window... more) {
                env.fromElements(f(1, 2), new HashMap<A, B>(3)).print();
                env.enableCheckpointing();
                env.enableCheckpointing(100);
                state.update("a, b");
                state.updated(null);
                other.state.updated(null);
                String text = Window.class + Window.NOTHING + StreamExecutionEnvironment.getExecutionEnvironment();
                StateDescriptor<ValueState<Long>, Long> descriptor;
                new ValueStateDescriptor<>("name", Long.class, 1L);
                new ValueStateDescriptor<Long>("name");
              }
              public void clear(W window, TriggerContext context) {
                context.getMetricGroup();
                context.getCurrentWatermark();
                list.forEach(tag -> tag.nothing());
              }
            }
            class B extends Window {}
            class C extends LongCounter {}
            class D implements Serializable, Counter {}
            """);

    assertThat(result.remarks())
        .extracting(remark -> remark.line() + " " + remark.text())
        .containsExactly(
            "12 new IntMaximum with 2 arguments has no counterpart",
            "16 StreamExecutionEnvironment.enableCheckpointing with no arguments has no counterpart:"
                + " enableCheckpointing(milliseconds)",
            "19 ValueState.updated has no counterpart",
            "21 Window.NOTHING has no counterpart",
            "22 StateDescriptor has no type arguments here",
            "24 new ValueStateDescriptor with 1 argument has no counterpart",
            "27 TriggerContext.getMetricGroup has no counterpart: count in the function of the"
                + " window, whose context of the runtime has one",
            "32 extends Window has no counterpart: it is an interface here; implement it",
            "33 extends LongCounter has no counterpart: it is final here; hold one and call it",
            "34 implements Counter has no counterpart: it is a class here");
  }

  @Test
  void callsAreFollowedAsFarAsTheirResultsAreKnown() {
    Result result =
        rewrite(
            """
            import org.apache.flink.api.common.functions.RichMapFunction;
            import org.apache.flink.api.common.state.ValueState;
            import org.apache.flink.streaming.api.datastream.DataStream;
            import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
            import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
            class A extends RichMapFunction<String, String> {
              void run(DataStream<String> words, ValueState<String> state) {
                words
                    .<String>map(word -> word.vanish(1, 2))
                    .keyBy(word -> word)
                    .window(TumblingEventTimeWindows.of(Duration.ofSeconds(1)))
                    .vanish("(")
                    .nothing();
                words.join(words).where(f).equalTo(f).window(w).with(g).vanish();
                state.value().vanish();
                StreamExecutionEnvironment.getExecutionEnvironment().getConfig().vanish();
                getRuntimeContext().getMetricGroup().counter("a").vanish();
                getRuntimeContext().getState(descriptor).value();
              }
            }
            """);

    assertThat(result.remarks())
        .extracting(remark -> remark.line() + " " + remark.text())
        .containsExactly(
            "12 WindowedStream.vanish has no counterpart",
            "14 SingleOutputStreamOperator.vanish has no counterpart",
            "16 ExecutionConfig.vanish has no counterpart",
            "17 Counter.vanish has no counterpart");
  }

  /** State throws nothing that is checked, so the compiler refuses to catch it. */
  @Test
  void checkedExceptionsOfStateAreNotCaught() {
    Result result =
        rewrite(
            """
            import org.apache.flink.api.common.state.ValueState;
            class A {
              void run() {
                try {
                  if (open) { state.update(state.value()); }
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
                try { file.read(); } catch (IOException e) {}
              }
            }
            """);

    assertThat(result.remarks())
        .extracting(remark -> remark.line() + " " + remark.text())
        .containsExactly(
            "6 state throws no IOException: catch Exception, unless something else in here throws it");
  }

  /** As development environments write the methods that are to be overridden. */
  @Test
  void contextsLoseTheTypeArgumentsOfTheirFunction() {
    Result result =
        rewrite(
            """
            import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
            import org.apache.flink.streaming.api.functions.ProcessFunction;
            class A extends ProcessFunction<String, Map<A, B>> {
              void a(String a, ProcessFunction<String, Map<A, B>>.Context c, Collector<B> out) {}
              void b(String b, KeyedProcessFunction<String, A, B>.Context c) {}
            }
            """);

    assertThat(result.text())
        .contains(
            "extends ProcessFunction<String, Map<A, B>> {",
            "a(String a, ProcessFunction.Context c, Collector<B> out)",
            "b(String b, KeyedProcessFunction<String, A, B>.Context c)");
    assertThat(result.remarks()).isEmpty();
  }

  @Test
  void whatIsOverriddenAndNotThereIsListed() {
    Result result =
        rewrite(
            """
            import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
            import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
            class A extends WindowAssigner<Object, W> {
              public Trigger<Object, W> getDefaultTrigger(StreamExecutionEnvironment env) {
                return inner.getDefaultTrigger(env);
              }
              public Any<W> getWindowSerializer(ExecutionConfig config) { return null; }
            }
            """);

    assertThat(result.text())
        .contains("W> getDefaultTrigger() {", "return inner.getDefaultTrigger();");
    assertThat(result.remarks())
        .extracting(remark -> remark.line() + " " + remark.text())
        .containsExactly(
            "7 WindowAssigner.getWindowSerializer has no counterpart: leave it out, or override"
                + " getWindowType()");
  }

  @Test
  void aClassWithoutCounterpartIsListedIfItsWholePackageIsImported() {
    Result result =
        rewrite(
            """
            import org.apache.flink.configuration.*;
            import org.apache.flink.util.*;
            import org.apache.flink.streaming.api.datastream.*;
            class A {
              void run(Configuration all, DataStream<String> words) throws Exception {
                all.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
                DataStreamUtils.reinterpretAsKeyedStream(words, word -> word);
                ExceptionUtils.rethrow(null);
                MemorySize size = MemorySize.parse("1m");
                ArrayUtils.swap();
                my.FileUtils.read(MathUtil.PI); // FileUtils
              }
            }
            """);

    assertThat(result.text())
        .contains(
            "import io.millrace.api.configuration.Configuration;\n",
            "import io.millrace.api.DataStream;\n");
    assertThat(result.remarks())
        .extracting(remark -> remark.line() + " " + remark.text())
        .containsExactly(
            "1 org.apache.flink.configuration.MemorySize has no counterpart: a number of bytes, as"
                + " long",
            "1 org.apache.flink.configuration.RestartStrategyOptions has no counterpart: set keys"
                + " with env.set(key, value) (docs/configuration.md)",
            "2 org.apache.flink.util.ArrayUtils has no counterpart",
            "2 org.apache.flink.util.ExceptionUtils has no counterpart: a method or class of your"
                + " own, or java.util",
            "3 org.apache.flink.streaming.api.datastream.DataStreamUtils has no counterpart:"
                + " keyBy(selector), or executeAndCollect");
  }

  /** What the compiler prefers to the classes of a package that is imported as a whole. */
  @Test
  void aWholePackageExplainsNoNameThatMeansSomethingElse() {
    Result result =
        JavaSource.rewrite(
            """
            package mine;
            import java.util.concurrent.*;
            import mine.more.*;
            import other.IOUtils;
            import static other.Outer.FileUtils;
            import org.apache.flink.api.common.accumulators.*;
            import org.apache.flink.api.common.state.*;
            import org.apache.flink.metrics.Histogram;
            import org.apache.flink.runtime.state.*;
            import org.apache.flink.util.*;
            import org.apache.flink.util.NetUtils;
            class A implements CheckpointListener {
              OutputTag<String> tag;
              Collector<String> own;
              Histogram histogram;
              LongCounter counter;
              Object a = IOUtils.A + FileUtils.B + TimeUtils.C + MathUtils.D + NetUtils.E;
              Object b = Utils.A + StringUtils.B;
              FunctionSnapshotContext context;
              static class TimeUtils {}
            }
            """,
            COUNTERPARTS,
            name ->
                name.equals("mine.MathUtils")
                    || name.equals("mine.Utils")
                    || name.equals("mine.Collector")
                    || name.equals("mine.more.StringUtils"));

    assertThat(result.text().lines().filter(line -> line.startsWith("import io")))
        .containsExactly(
            "import io.millrace.api.accumulator.LongCounter;",
            "import io.millrace.api.function.CheckpointListener;",
            "import io.millrace.api.metrics.Histogram;",
            "import io.millrace.api.function.FunctionSnapshotContext;",
            "import io.millrace.api.function.OutputTag;");
    assertThat(result.remarks())
        .extracting(remark -> remark.text().replaceAll(":.*", ""))
        .containsExactly("org.apache.flink.util.NetUtils has no counterpart");
  }

  @Test
  void nestedClassesWithoutCounterpartComeWithTheirRemedy() {
    Result result =
        rewrite(
            """
            import org.apache.flink.streaming.api.datastream.*;
            import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
            class A {
              KeyedStream.IntervalJoined<A, B, C> joined;
              Object serializer = new TimeWindow.Serializer();
            }
            """);

    assertThat(result.remarks())
        .extracting(remark -> remark.line() + " " + remark.text())
        .containsExactly(
            "4 KeyedStream.IntervalJoined has no counterpart: call the next method at once, or"
                + " declare it with var",
            "5 TimeWindow.Serializer has no counterpart: leave it out: windows have serializers");
  }

  @Test
  void contextsThatAreNamedWithTheirClassAreChecked() {
    Result result =
        rewrite(
            """
            import org.apache.flink.api.common.eventtime.*;
            import org.apache.flink.streaming.api.windowing.triggers.Trigger;
            class A implements WatermarkStrategy<Long> {
              public WatermarkGenerator<Long> createWatermarkGenerator(
                  WatermarkGeneratorSupplier.Context generating) {
                generating.getMetricGroup().counter("a");
              }
              public TimestampAssigner<Long> createTimestampAssigner(
                  TimestampAssignerSupplier.Context assigning) {
                assigning.getMetricGroup().counter("b");
              }
              void fire(Trigger.TriggerContext firing) {
                firing.getCurrentWatermark();
                firing.getMetricGroup();
              }
            }
            class B implements TimestampAssignerSupplier<Long> {
              public TimestampAssigner<Long> createTimestampAssigner(Context context) {
                context.getMetricGroup();
              }
            }
            """);

    assertThat(result.remarks())
        .extracting(Remark::text)
        .containsExactly(
            "WatermarkGeneratorSupplier.Context.getMetricGroup has no counterpart: count in a rich"
                + " function in front",
            "TimestampAssignerSupplier.Context.getMetricGroup has no counterpart: count in a rich"
                + " function in front",
            "Trigger.TriggerContext.getMetricGroup has no counterpart: count in the function of"
                + " the window, whose context of the runtime has one",
            "Context.getMetricGroup has no counterpart: count in a rich function in front");
  }

  @Test
  void aWholePackageWithoutCounterpartsNamesTheRemedy() {
    Result result =
        rewrite(
            """
            import org.apache.flink.cep.*;
            import org.apache.flink.api.common.functions.*;
            class A extends RichAggregateFunction { MapFunction f; }
            """);

    assertThat(result.remarks())
        .extracting(remark -> remark.line() + " " + remark.text())
        .containsExactly(
            "1 nothing that Millrace has is used of org.apache.flink.cep.*: remove it; there is no"
                + " pattern library; a KeyedProcessFunction with state and timers does it",
            "2 org.apache.flink.api.common.functions.RichAggregateFunction has no counterpart:"
                + " aggregate(AggregateFunction, ProcessWindowFunction): what needs the context goes"
                + " in the second");
  }

  @Test
  void theProgramsOwnClassesAreItsOwn() {
    String text = "package org.apache.flink.mine;\nimport org.apache.flink.mine.B;\nclass A {}\n";

    Result result =
        JavaSource.rewrite(text, COUNTERPARTS, name -> name.startsWith("org.apache.flink.mine"));

    assertThat(result.text()).isEqualTo(text);
    assertThat(result.remarks()).isEmpty();
  }

  @Test
  void timesOfAUnitBecomeDurations() {
    Result result =
        rewrite(
            """
            import org.apache.flink.streaming.api.windowing.time.Time;
            class A {
              Time one = Time.of(f(1, 2), TimeUnit.SECONDS);
              Time two = Time.of(2, unit );
              Object three = org.apache.flink.api.common.time.Time.of(
                  3, MINUTES);
              Time four = Time.of(4, unit(a, b));
            }
            """);

    assertThat(result.text())
        .isEqualTo(
            """
            import java.time.Duration;
            class A {
              Duration one = Duration.of(f(1, 2), TimeUnit.SECONDS.toChronoUnit());
              Duration two = Duration.of(2, unit.toChronoUnit() );
              Object three = java.time.Duration.of(
                  3, MINUTES.toChronoUnit());
              Duration four = Duration.of(4, unit(a, b));
            }
            """);
    assertThat(result.remarks())
        .extracting(Remark::line)
        .as("one that is made by a call")
        .containsExactly(7);
  }

  @Test
  void aSecondTimeChangesNothing() {
    Result once =
        rewrite(
            """
            import org.apache.flink.api.common.eventtime.*;
            import org.apache.flink.streaming.api.windowing.time.Time;
            import org.apache.flink.table.api.Table;
            class A { WatermarkStrategy<String> s; Time t = Time.seconds(1); }
            """);
    Result twice = rewrite(once.text());

    assertThat(once.names()).isPositive();
    assertThat(twice.text()).isEqualTo(once.text());
    assertThat(twice.remarks()).isEqualTo(once.remarks());
  }

  private static Result rewrite(String text) {
    return JavaSource.rewrite(text, COUNTERPARTS, name -> false);
  }
}
