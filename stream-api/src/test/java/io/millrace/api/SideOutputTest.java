package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.UserCode;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class SideOutputTest {
  private static final OutputTag<Tuple2<String, Long>> LATE = new OutputTag<>("late") {};
  private static final OutputTag<String> ODD = new OutputTag<>("odd") {};

  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();

  static final class Sort extends ProcessFunction<Long, Long> {
    @Override
    public void processElement(Long value, Context context, Collector<Long> out) {
      if (value % 2 == 0) {
        out.collect(value);
      } else {
        context.output(ODD, "odd " + value);
      }
    }
  }

  @Test
  void aTagKeepsItsGenericType() {
    var type = TypeInformation.of(new TypeHint<Tuple2<String, Long>>() {});

    assertThat(LATE.getTypeInfo()).isEqualTo(type);
    assertThat(LATE).isEqualTo(new OutputTag<>("late", type));
    assertThat(LATE).isNotEqualTo(new OutputTag<>("late", TypeInformation.of(String.class)));
    assertThat(LATE).isNotEqualTo(new OutputTag<>("later", type));
  }

  @Test
  void aTagMadeInAnObjectThatDoesNotTravelTravelsWithoutIt() {
    OutputTag<Long> tag =
        new OutputTag<>("mine") {}; // inside this test, which has no form in bytes
    assertThat(tag.getClass().getEnclosingMethod()).isNotNull();

    Object arrived = UserCode.of(tag, "a tag").open(getClass().getClassLoader());

    assertThat(arrived).isEqualTo(tag);
  }

  /** With {@code var} a function's field for the tag is of the anonymous class itself. */
  @Test
  void aTagThatIsCapturedAsWhatItIsTravelsAsThat() {
    var tag = new OutputTag<String>("side") {};
    var sorting =
        new Sorting() {
          @Override
          public void processElement(Long value, Context context, Collector<Long> out) {
            context.output(tag, "n" + value);
          }

          @Override
          OutputTag<String> side() {
            return tag;
          }
        };

    Object function = UserCode.of(sorting, "a function").open(getClass().getClassLoader());

    assertThat(((Sorting) function).side()).isEqualTo(tag);
  }

  private abstract static class Sorting extends ProcessFunction<Long, Long> {
    abstract OutputTag<String> side();
  }

  @Test
  void refusesAnIdWithoutTextAndASubclassThatHidesTheType() {
    Supplier<Object> noId = () -> new OutputTag<>(" ", TypeInformation.of(String.class));
    assertThatThrownBy(noId::get)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 200 characters");

    class Named<T> extends OutputTag<T> {
      Named() {
        super("named");
      }
    }

    class Again extends Named<String> {}

    assertThatThrownBy(Again::new)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("new OutputTag<String>(\"named\") {}");
  }

  @Test
  void aSideOutputIsAnEdgeWithTheTypeOfItsTag() {
    var sorted = env.fromSequence(1, 4).uid("numbers").process(new Sort()).uid("sort");
    sorted.map(n -> n).uid("even").print().uid("evens");
    sorted.getSideOutput(ODD).keyBy(line -> line.length()).map(line -> line).uid("odd");

    List<Edge> edges = env.getJobGraph().outputs("sort");

    assertThat(edges)
        .extracting(Edge::to, Edge::sideOutput, Edge::type)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("even", Edge.MAIN, "java.lang.Long"),
            org.assertj.core.groups.Tuple.tuple("odd", "odd", "java.lang.String"));
    var code = (EdgeCode<?, ?>) edges.get(1).code().open(getClass().getClassLoader());
    assertThat(code.type()).isEqualTo(TypeInformation.of(String.class));
    assertThat(code.keyType()).isEqualTo(TypeInformation.of(Integer.class));
  }

  @Test
  void aSideOutputDoesNotChangeTheUidsOfOthers() {
    assertThat(uidsOfTheMainOutput(true)).isEqualTo(uidsOfTheMainOutput(false));
  }

  private static List<String> uidsOfTheMainOutput(boolean withSide) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    var sorted = env.fromSequence(1, 4).process(new Sort());
    if (withSide) {
      sorted.getSideOutput(ODD).map(line -> line).name("aside");
    }
    sorted.map(n -> n).print();
    return env.getJobGraph().vertices().stream()
        .filter(vertex -> !vertex.name().equals("aside"))
        .map(vertex -> vertex.uid())
        .toList();
  }

  @Test
  void oneIdForTwoTypesIsRefused() {
    var sorted = env.fromSequence(1, 4).process(new Sort()).name("sort");
    sorted.getSideOutput(ODD);
    sorted.getSideOutput(new OutputTag<String>("odd") {});

    assertThatThrownBy(() -> sorted.getSideOutput(new OutputTag<Long>("odd") {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'odd' of 'sort'")
        .hasMessageContaining("java.lang.String and now as java.lang.Long");
  }
}
