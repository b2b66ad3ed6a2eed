package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichFlatMapFunction;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.SplittableRandom;

/**
 * Meets each of many keys several times, in an order that no cache can guess, and keeps some text
 * under each. Writes each thousandth key when it has met it for the last time. Arguments: how many
 * keys (a prime), how many times, how many characters under each, where to write.
 */
public final class ManyKeys {
  /** Numbers that differ by one come to keys that are far from each other. */
  private static final long STRIDE = 1_000_003;

  public static void main(String[] words) throws Exception {
    long keys = Long.parseLong(words[0]);
    int times = Integer.parseInt(words[1]);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromSequence(0, keys * times - 1)
        .map(number -> number % keys * STRIDE % keys)
        .keyBy(key -> key)
        .flatMap(new Keep(times, Integer.parseInt(words[2])))
        .writeAsText(words[3]);
    env.execute("Many keys");
  }

  private static final class Keep extends RichFlatMapFunction<Long, Long> {
    private final int times;
    private final int characters;
    private transient ValueState<String> met;

    Keep(int times, int characters) {
      this.times = times;
      this.characters = characters;
    }

    @Override
    public void open(OpenContext context) {
      met = getRuntimeContext().getState(new ValueStateDescriptor<>("met", String.class));
    }

    @Override
    public void flatMap(Long key, Collector<Long> out) {
      String before = met.value();
      int count = 0;
      if (before != null) {
        count = before.charAt(0);
        if (!before.substring(1).equals(text(key, count))) {
          throw new IllegalStateException("under " + key + " stands " + before);
        }
      }
      count++;
      met.update((char) count + text(key, count));
      if (count == times && key % 1_000 == 0) {
        out.collect(key);
      }
    }

    /** Differs from time to time, and does not compress. */
    private String text(long key, int count) {
      var chance = new SplittableRandom(key * 31 + count);
      var text = new StringBuilder(characters);
      while (text.length() < characters) {
        text.append((char) chance.nextInt(' ', 127));
      }
      return text.toString();
    }
  }

  private ManyKeys() {}
}
