package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.connector.Source;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.source.Sources;
import io.millrace.simulator.RandomJob.Item;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What a random job has to do with event time.
 *
 * @param abreast how its sources wait for each other, if they do
 * @param disorder how far its items are out of order, if they are
 */
record EventTime(Use use, Optional<Abreast> abreast, Optional<Disorder> disorder) {
  static final EventTime NONE = new EventTime(Use.NONE, Optional.empty(), Optional.empty());

  /** Timestamps never fall within a split. */
  static final WatermarkStrategy<Item> BY_NUMBER =
      WatermarkStrategy.<Item>forMonotonousTimestamps()
          .withTimestampAssigner((item, old) -> item.number());

  /** How much faster the first of sources that wait for each other would be. */
  private static final int AHEAD = 6;

  /** What it is for. */
  enum Use {
    NONE,
    WINDOWS,
    JOIN,
    /** Windows or joins of items some of which are late. */
    LATE,
    /** The same of a single split, so that it is known which are. */
    PUNCTUAL
  }

  /**
   * @param batchRecords most that a reader is asked for at a time
   * @param lanes most splits that the numbers of a source are dealt out to
   */
  static EventTime draw(SplittableRandom chance, int batchRecords, int lanes) {
    Use use =
        switch (chance.nextInt(12)) {
          case 0, 1 -> Use.WINDOWS;
          case 2, 3 -> Use.JOIN;
          case 4, 5 -> Use.LATE;
          case 6 -> Use.PUNCTUAL;
          default -> Use.NONE;
        };
    return switch (use) {
      case NONE -> NONE;
      case WINDOWS, JOIN ->
          chance.nextBoolean()
              ? new EventTime(
                  use, Optional.of(Abreast.draw(chance, batchRecords, lanes)), Optional.empty())
              : new EventTime(
                  use,
                  Optional.empty(),
                  chance.nextInt(3) == 0 ? Optional.empty() : Optional.of(Disorder.known(chance)));
      case LATE -> new EventTime(use, Optional.empty(), Optional.of(Disorder.underrated(chance)));
      case PUNCTUAL ->
          new EventTime(use, Optional.empty(), Optional.of(Disorder.underrated(chance).punctual()));
    };
  }

  /** Whether a job has operators whose results come with event time. */
  static boolean isUsedIn(JobGraph graph) {
    return graph.vertices().stream().anyMatch(v -> v.name().startsWith(PlainWindows.EVENT_TIME));
  }

  boolean isUsed() {
    return use != Use.NONE;
  }

  /** Whether so many items at one time, or the same one several times, would do. */
  boolean allowsMany() {
    return use != Use.JOIN && use != Use.LATE;
  }

  /**
   * Numbered items as that many readers read them.
   *
   * @param apart whether each lane has a reader of its own, in all lives
   */
  DataStream<Item> read(
      StreamExecutionEnvironment env,
      SplittableRandom chance,
      int number,
      int lanes,
      int keys,
      int readers,
      boolean apart) {
    long count = 50 + chance.nextInt(500);
    int perSecond = 12 + chance.nextInt(40);
    if (use == Use.LATE) {
      int silent = 250 + chance.nextInt(1_000);
      int each = 15 + chance.nextInt(60);
      var source = new Lanes(number, lanes, keys, count, lanes * 1_000 / perSecond, silent, each);
      var items = from(env, source, number, readers);
      if (!disorder.get().perRecord()) {
        return items;
      }
      var watched = items.process(new Vigil(source, disorder.get())).setParallelism(readers);
      return apart ? watched.union(Confluence.of(watched, source, disorder.get())) : watched;
    }
    var source =
        Sources.generator(
            n -> new Item(number, (int) (n % lanes), n, (int) (RandomJob.mix(n) % keys)),
            count,
            perSecond * (abreast.isPresent() && number == 0 ? AHEAD : 1));
    var items = from(env, source, number, readers);
    return abreast.isPresent() ? abreast.get().watched(items, readers) : items;
  }

  private SingleOutputStreamOperator<Item> from(
      StreamExecutionEnvironment env, Source<Item, ?> source, int number, int readers) {
    return env.fromSource(source, strategy(), "source " + number)
        .returns(Item.class)
        .setParallelism(readers);
  }

  /** For sources. Each split's items come in order, or as much out of it as is known. */
  private WatermarkStrategy<Item> strategy() {
    if (use == Use.NONE) {
      return WatermarkStrategy.noWatermarks();
    }
    WatermarkStrategy<Item> strategy = disorder.map(Disorder::strategy).orElse(BY_NUMBER);
    return abreast.map(a -> a.strategy(strategy)).orElse(strategy);
  }

  /** What is told of the items at last. */
  DataStream<String> lines(
      SplittableRandom chance, DataStream<Item> items, DataStream<Item> others) {
    items.getExecutionEnvironment().set("pipeline.combine", "" + (chance.nextInt(4) != 0));
    if (use == Use.JOIN) {
      return Joins.of(chance, items, others);
    }
    if (use == Use.LATE && chance.nextInt(2) == 0) {
      return LateJoins.of(chance, items, others, disorder.get());
    }
    var kind = use == Use.LATE ? PlainWindows.Kind.LATE : PlainWindows.Kind.ON_TIME;
    return PlainWindows.draw(chance, kind).over(items, chance, 0);
  }

  /**
   * A whole job. Nothing in it changes the order of items and watermarks.
   *
   * @param windows how many subtasks have windows; 0 for what the job has
   */
  DataStream<String> punctualJob(
      StreamExecutionEnvironment env, SplittableRandom chance, int keys, int windows) {
    env.set("pipeline.combine", "" + (chance.nextInt(4) != 0));
    DataStream<Item> items = read(env, chance, 0, 1, keys, 1, false);
    if (chance.nextBoolean()) {
      items = items.filter(item -> item.number() % 7 != 3).setParallelism(1);
    }
    return PlainWindows.draw(chance, PlainWindows.Kind.PUNCTUAL).over(items, chance, windows);
  }
}
