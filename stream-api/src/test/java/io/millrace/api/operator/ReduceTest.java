package io.millrace.api.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.type.Types;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReduceTest {
  record Sale(String shop, int pieces, double price) {}

  public static final class Score {
    public String player;
    private long points;

    public Score() {}

    Score(String player, long points) {
      this.player = player;
      this.points = points;
    }

    public long getPoints() {
      return points;
    }

    public void setPoints(long points) {
      this.points = points;
    }
  }

  @Test
  void reduceEmitsTheValueReachedForEachKey() throws Exception {
    var bench =
        new Bench<Integer, Integer>(
                Operators.reduce(Integer::sum, TypeInformation.of(Integer.class)))
            .open();
    bench.key = "a";
    bench.take(1, 5).take(2, 6);
    bench.key = "b";
    bench.take(10);

    assertThat(bench.events).containsExactly("1@5", "3@6", "10");
  }

  @Test
  void whatWasEmittedDoesNotChangeWithTheAccumulator() throws Exception {
    var bench = this.<Tuple2<String, Integer>>aggregate(Aggregation.Kind.SUM, "1", null);
    var first = Tuple2.of("a", 1);

    bench.take(first).take(Tuple2.of("a", 2)).take(Tuple2.of("a", 3));

    assertThat(bench.records)
        .containsExactly(Tuple2.of("a", 1), Tuple2.of("a", 3), Tuple2.of("a", 6));
    assertThat(first).isEqualTo(Tuple2.of("a", 1));
  }

  @Test
  void sumMinAndMaxTouchOneFieldOfATuple() throws Exception {
    for (var expected : List.of(List.of("SUM", 6), List.of("MIN", 1), List.of("MAX", 3))) {
      var kind = Aggregation.Kind.valueOf((String) expected.get(0));
      var bench = this.<Tuple2<String, Integer>>aggregate(kind, "f1", null);
      bench.take(Tuple2.of("x", 2)).take(Tuple2.of("y", 1)).take(Tuple2.of("z", 3));
      assertThat(bench.records.get(2)).isEqualTo(Tuple2.of("x", expected.get(1)));
    }
  }

  @Test
  void sumsFieldsOfRecordsPojosAndPlainNumbers() throws Exception {
    var sales = this.<Sale>aggregate(Aggregation.Kind.SUM, "price", Sale.class);
    sales.take(new Sale("a", 1, 1.5)).take(new Sale("a", 2, 2.5));
    assertThat(sales.records.get(1)).isEqualTo(new Sale("a", 1, 4.0));

    var scores = this.<Score>aggregate(Aggregation.Kind.MAX, "points", Score.class);
    scores.take(new Score("a", 5)).take(new Score("a", 9)).take(new Score("a", 7));
    assertThat(scores.records).extracting(Score::getPoints).containsExactly(5L, 9L, 9L);

    var numbers = this.<Long>aggregate(Aggregation.Kind.SUM, "0", Long.class);
    assertThat(numbers.take(1L).take(2L).records).containsExactly(1L, 3L);

    var words = this.<String>aggregate(Aggregation.Kind.MIN, "*", String.class);
    assertThat(words.take("b").take("a").take("c").records).containsExactly("b", "a", "a");
  }

  @Test
  void minByAndMaxByKeepWholeRecordsTheFirstOrLastOfEqualOnes() throws Exception {
    assertThat(extremes(Aggregation.Kind.MIN, true)).containsExactly("a2", "b1", "b1", "b1");
    assertThat(extremes(Aggregation.Kind.MIN, false)).containsExactly("a2", "b1", "c1", "c1");
    assertThat(extremes(Aggregation.Kind.MAX, true)).containsExactly("a2", "a2", "a2", "a2");
    assertThat(extremes(Aggregation.Kind.MAX, false)).containsExactly("a2", "a2", "a2", "d2");
  }

  private static List<String> extremes(Aggregation.Kind kind, boolean first) throws Exception {
    var bench =
        new Bench<Sale, Sale>(
                Operators.reduce(
                    Operators.extreme(kind, "pieces", first, TypeInformation.of(Sale.class)),
                    TypeInformation.of(Sale.class)))
            .open();
    bench.take(new Sale("a", 2, 0)).take(new Sale("b", 1, 0));
    bench.take(new Sale("c", 1, 0)).take(new Sale("d", 2, 0));
    return bench.records.stream().map(sale -> sale.shop() + sale.pieces()).toList();
  }

  @Test
  void minByRefusesAFieldThatCannotBeCompared() {
    record Odd(Object[] parts) {}

    assertThatThrownBy(
            () ->
                Operators.extreme(
                    Aggregation.Kind.MIN, "parts", true, TypeInformation.of(Odd.class)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'parts'", "MIN needs a comparable value");
    assertThatThrownBy(
            () ->
                Operators.extreme(
                    Aggregation.Kind.MAX, "none", true, TypeInformation.of(Sale.class)))
        .hasMessageContainingAll("Sale", "'none'", "shop, pieces, price");
  }

  @Test
  void aFieldThatIsNotThereOrNoNumberIsRefused() {
    assertThatThrownBy(
            () ->
                Operators.aggregation(
                    Aggregation.Kind.SUM, "prize", TypeInformation.of(Sale.class)))
        .hasMessageContainingAll("Sale", "'prize'", "shop, pieces, price");
    assertThatThrownBy(
            () ->
                Operators.aggregation(Aggregation.Kind.SUM, "shop", TypeInformation.of(Sale.class)))
        .hasMessageContainingAll("'shop'", "java.lang.String", "number");
    assertThatThrownBy(
            () ->
                Operators.aggregation(Aggregation.Kind.SUM, "2", TypeInformation.of(Tuple2.class)))
        .hasMessageContainingAll("Tuple2", "'2'", "f0 to f1");
    assertThatThrownBy(
            () -> Operators.aggregation(Aggregation.Kind.SUM, "x", TypeInformation.of(Score.class)))
        .hasMessageContainingAll("Score", "player, points");
  }

  @Test
  void aFieldOfATupleIsRefusedAtOnceAsFarAsItsTypeIsKnown() {
    record Odd(Object[] parts) {}

    var scores = TypeInformation.of(new TypeHint<Tuple2<String, Integer>>() {});
    for (String field : List.of("0", "f0")) {
      assertThatThrownBy(() -> Operators.aggregation(Aggregation.Kind.SUM, field, scores))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(
              "'" + field + "'",
              "Tuple2<java.lang.String, java.lang.Integer>",
              "SUM needs a number");
    }
    assertThatThrownBy(
            () ->
                Operators.extreme(
                    Aggregation.Kind.MIN,
                    "1",
                    true,
                    Types.TUPLE(Types.STRING, TypeInformation.of(Odd.class))))
        .hasMessageContainingAll("'1'", "MIN needs a comparable value");
    for (var kind : Aggregation.Kind.values()) {
      Operators.aggregation(kind, "1", scores);
      Operators.aggregation(kind, "1", Types.TUPLE(Types.STRING, TypeInformation.dynamic()));
      Operators.aggregation(kind, "1", TypeInformation.of(Tuple2.class));
    }
    Operators.aggregation(Aggregation.Kind.MIN, "0", scores);
  }

  @Test
  void aFieldThatIsNullOrNoNumberAtRunTimeIsNamed() throws Exception {
    var bench = this.<Tuple2<String, Object>>aggregate(Aggregation.Kind.SUM, "1", null);
    bench.take(Tuple2.of("a", "text"));

    assertThatThrownBy(() -> bench.take(Tuple2.of("a", 1)))
        .hasMessageContainingAll("java.lang.String", "java.lang.Integer", "'1'");
    assertThatThrownBy(() -> bench.take(Tuple2.of("a", null)))
        .hasMessageContainingAll("'1'", "null");
  }

  @Test
  void reducingToNullIsRefused() throws Exception {
    var bench =
        new Bench<Integer, Integer>(
                Operators.reduce((a, b) -> null, TypeInformation.of(Integer.class)))
            .open();
    bench.take(1);

    assertThatThrownBy(() -> bench.take(2)).hasMessageContaining("null");
  }

  @SuppressWarnings("unchecked") // dynamic fits every type
  private <T> Bench<T, T> aggregate(Aggregation.Kind kind, String field, Class<T> type)
      throws Exception {
    var known =
        type == null ? (TypeInformation<T>) TypeInformation.dynamic() : TypeInformation.of(type);
    return new Bench<T, T>(Operators.reduce(Operators.<T>aggregation(kind, field, known), known))
        .open();
  }
}
