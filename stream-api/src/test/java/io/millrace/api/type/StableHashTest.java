package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.Samples.Sample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StableHashTest {

  private static List<String> hashes() {
    Serializer<Object> dynamic = Serializers.dynamic();
    List<String> lines = new ArrayList<>();
    for (Sample sample : Samples.hashable()) {
      int hash = sample.serializer().hash(sample.value());
      lines.add(sample.type().getTypeName() + " " + hash + " " + dynamic.hash(sample.value()));
    }
    return lines;
  }

  /** Prints the hashes, when run in a process of its own. */
  public static void main(String[] args) {
    hashes().forEach(System.out::println);
  }

  @Test
  void hashesAreTheSameInAnotherProcess() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process other =
        new ProcessBuilder(
                java.toString(),
                "-XX:+UnlockExperimentalVMOptions",
                // Every identity hash is 1 there, so whoever uses one is found out.
                "-XX:hashCode=2",
                "-cp",
                System.getProperty("java.class.path"),
                StableHashTest.class.getName())
            .redirectErrorStream(true)
            .start();
    try {
      String printed = new String(other.getInputStream().readAllBytes());
      assertThat(other.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(printed.lines().toList()).isEqualTo(hashes());
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void aDeclaredTypeAndTheDynamicOneAgree() {
    Serializer<Object> dynamic = Serializers.dynamic();
    for (Sample sample : Samples.hashable()) {
      assertThat(sample.serializer().hash(sample.value()))
          .as("%s", sample)
          .isEqualTo(dynamic.hash(sample.value()));
    }
  }

  @Test
  void equalNumbersHaveEqualHashes() {
    Serializer<Double> doubles = Serializers.of(Double.class);
    assertThat(doubles.hash(-0.0)).isEqualTo(doubles.hash(0.0));
    assertThat(doubles.hash(Double.longBitsToDouble(0x7ff8000000000001L)))
        .isEqualTo(doubles.hash(Double.NaN));
  }

  /** Key groups of stored checkpoints depend on these numbers. */
  @Test
  void hashesNeverChange() {
    Serializer<Object> dynamic = Serializers.dynamic();
    assertThat(dynamic.hash("word")).isEqualTo(632955102);
    assertThat(dynamic.hash(1L)).isEqualTo(1257683291);
    assertThat(dynamic.hash(-1L)).isEqualTo(-2114883783);
    assertThat(dynamic.hash(2.5)).isEqualTo(1115915390);
    assertThat(dynamic.hash(Tuple2.of("a", 1))).isEqualTo(-1463487563);
    assertThat(dynamic.hash(List.of(1, 2))).isEqualTo(424147290);
    // Of the properties in the order of their names, as of a record of such.
    record Held(long balance, List<String> notes, boolean open, String owner) {}
    assertThat(dynamic.hash(new Samples.Account("Ada", 1, List.of("n"), true)))
        .isEqualTo(dynamic.hash(new Held(1, List.of("n"), true, "Ada")));
    assertThat(dynamic.hash(TimeUnit.DAYS)).isEqualTo(-2137049692);
  }

  @Test
  void neighboursSpread() {
    Set<Integer> groups = new HashSet<>();
    Serializer<Long> longs = Serializers.of(Long.class);
    for (long i = 0; i < 1_000; i++) {
      groups.add(Math.floorMod(longs.hash(i), 128));
    }
    assertThat(groups).hasSize(128);
  }
}
