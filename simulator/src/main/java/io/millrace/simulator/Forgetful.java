package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.StateTtlConfig.UpdateType;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.simulator.RandomJob.Item;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Passes items on, and keeps some of them for a while, each with a note of it that stays. Adds an
 * item that should not be if it is shown what has expired, or is not shown what cannot have.
 */
final class Forgetful extends KeyedProcessFunction<Integer, Item, Item> {
  private static final int PLACES = 3;

  private final int ttlMillis;
  private final UpdateType renewed;
  private final int cleanupEntries;
  private transient ValueState<Long> kept;
  private transient ValueState<Note> note;
  private transient MapState<Integer, Long> places;
  private transient MapState<Integer, Note> notes;
  private transient Outside outside;

  /** What was kept, and when its time to live began last. */
  record Note(long number, long sinceMillis) {}

  private Forgetful(int ttlMillis, UpdateType renewed, int cleanupEntries) {
    this.ttlMillis = ttlMillis;
    this.renewed = renewed;
    this.cleanupEntries = cleanupEntries;
  }

  static DataStream<Item> of(SplittableRandom chance, DataStream<Item> items) {
    // About as long as it takes until there is another item of the key, and as a recovery takes.
    int ttl = 1 + chance.nextInt(chance.nextBoolean() ? 500 : 10_000);
    var renewed = chance.nextBoolean() ? UpdateType.OnReadAndWrite : UpdateType.OnCreateAndWrite;
    return items
        .keyBy(Item::key)
        .process(new Forgetful(ttl, renewed, chance.nextInt(4)))
        .name("Keep for a while");
  }

  @Override
  public void open(OpenContext context) {
    StateTtlConfig ttl =
        StateTtlConfig.newBuilder(Duration.ofMillis(ttlMillis))
            .setUpdateType(renewed)
            .cleanupIncrementally(cleanupEntries)
            .build();
    var value = new ValueStateDescriptor<>("kept", Long.class);
    value.enableTimeToLive(ttl);
    kept = getRuntimeContext().getState(value);
    var map = new MapStateDescriptor<>("places", Integer.class, Long.class);
    map.enableTimeToLive(ttl);
    places = getRuntimeContext().getMapState(map);
    note = getRuntimeContext().getState(new ValueStateDescriptor<>("note", Note.class));
    notes =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("notes", Integer.class, Note.class));
    outside = LedgerLoader.outsideIn(getRuntimeContext().getUserCodeClassLoader()).orElse(null);
  }

  @Override
  public void processElement(Item item, Context context, Collector<Item> out) throws Exception {
    long now = context.timerService().currentProcessingTime();
    int place = (int) (item.number() % PLACES);
    boolean writes = RandomJob.mix(3 * item.number()) % 4 == 0;
    if (writes) {
      kept.update(item.number());
      note.update(new Note(item.number(), now));
      places.put(place, item.number());
      notes.put(place, new Note(item.number(), now));
    } else {
      Long shown = kept.value();
      look(shown, note.value(), now, out);
      if (shown != null && renewed == UpdateType.OnReadAndWrite) {
        note.update(new Note(shown, now));
      }
      Long there = places.get(place);
      look(there, notes.get(place), now, out);
      if (there != null && renewed == UpdateType.OnReadAndWrite) {
        notes.put(place, new Note(there, now));
      }
    }
    out.collect(item);
  }

  private void look(Long shown, Note noted, long now, Collector<Item> out) {
    if (shown == null) {
      // The clock may have been set back since it was taken for expired.
      boolean lost = noted != null && latest(now) - noted.sinceMillis < ttlMillis;
      hit(noted != null, "state has expired");
      wrongIf(lost, out);
    } else {
      boolean expired = noted == null || now - noted.sinceMillis >= ttlMillis;
      hit(true, "state has not expired yet");
      wrongIf(expired || shown != noted.number, out);
    }
  }

  private long latest(long now) {
    return outside == null ? now : outside.latestWallMillis();
  }

  private void hit(boolean it, String what) {
    if (it && outside != null) {
      outside.hit(what);
    }
  }

  private static void wrongIf(boolean wrong, Collector<Item> out) {
    if (wrong) {
      out.collect(new Item(-1, -1, -1, -1));
    }
  }
}
