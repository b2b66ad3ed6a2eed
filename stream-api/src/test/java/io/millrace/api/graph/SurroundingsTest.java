package io.millrace.api.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.MapFunction;
import java.io.Serializable;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Functions that are made inside of this test, which has no form in bytes. */
class SurroundingsTest {
  private static final ClassLoader HERE = SurroundingsTest.class.getClassLoader();

  private final int around = 3;

  @SuppressWarnings("unchecked")
  private static MapFunction<Integer, Integer> travelled(MapFunction<Integer, Integer> function) {
    return (MapFunction<Integer, Integer>) UserCode.of(function, "map").open(HERE);
  }

  @Test
  void anAnonymousFunctionLeavesWhatItNeverLooksAt() throws Exception {
    int captured = 4;
    var function =
        new MapFunction<Integer, Integer>() {
          @Override
          public Integer map(Integer value) {
            return value + captured;
          }
        };

    assertThat(travelled(function).map(1)).isEqualTo(5);
    assertThat(function.map(1)).as("what was sent serves here as before").isEqualTo(5);
  }

  private final class Inner implements MapFunction<Integer, Integer> {
    private final int own = around;

    @Override
    public Integer map(Integer value) {
      return value + own;
    }
  }

  /** What its constructor has read lies in its own fields. */
  @Test
  void anInnerClassMayLookAroundWhileItIsMade() throws Exception {
    assertThat(travelled(new Inner()).map(1)).isEqualTo(4);
  }

  @Test
  void whatIsInsideOfAFunctionLeavesItToo() throws Exception {
    var step =
        new MapFunction<Integer, Integer>() {
          @Override
          public Integer map(Integer value) {
            return value * 2;
          }
        };
    List<MapFunction<Integer, Integer>> steps = List.of(step, step);
    var function =
        new MapFunction<Integer, Integer>() {
          @Override
          public Integer map(Integer value) throws Exception {
            int result = value;
            for (MapFunction<Integer, Integer> each : steps) {
              result = each.map(result);
            }
            return result;
          }
        };

    assertThat(travelled(function).map(3)).isEqualTo(12);
  }

  @Test
  void aFunctionThatLooksAroundKeepsWhatItLooksAt() {
    var function =
        new MapFunction<Integer, Integer>() {
          @Override
          public Integer map(Integer value) {
            return value + around();
          }
        };

    assertThatThrownBy(() -> UserCode.of(function, "map"))
        .isInstanceOf(NotSerializableCodeException.class)
        .hasMessageContaining("this$0");
    assertThat(function.map(1)).isEqualTo(4);
  }

  private int around() {
    return around;
  }

  /** The read stands in the byte code of another class. */
  @Test
  void aFunctionInsideOfWhichSomebodyLooksAroundKeepsItToo() {
    var function =
        new MapFunction<Integer, Integer>() {
          @Override
          public Integer map(Integer value) {
            var deeper =
                new Supplier<Integer>() {
                  @Override
                  public Integer get() {
                    return value + around();
                  }
                };
            return deeper.get();
          }
        };

    assertThatThrownBy(() -> UserCode.of(function, "map"))
        .isInstanceOf(NotSerializableCodeException.class);
    assertThat(function.map(1)).isEqualTo(4);
  }

  @Test
  void aFunctionWithALambdaThatLooksAroundKeepsItToo() {
    var function =
        new MapFunction<Integer, Integer>() {
          @Override
          public Integer map(Integer value) {
            Supplier<Integer> deeper = () -> value + around();
            return deeper.get();
          }
        };

    assertThatThrownBy(() -> UserCode.of(function, "map"))
        .isInstanceOf(NotSerializableCodeException.class);
    assertThat(function.map(1)).isEqualTo(4);
  }

  /** An object around it that can travel, and is looked at. */
  private static final class Settings implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int more;

    Settings(int more) {
      this.more = more;
    }

    MapFunction<Integer, Integer> function() {
      return new MapFunction<>() {
        @Override
        public Integer map(Integer value) {
          return value + more;
        }
      };
    }
  }

  @Test
  void whatIsLookedAtTravelsAlongIfItCan() throws Exception {
    assertThat(travelled(new Settings(7).function()).map(1)).isEqualTo(8);
  }

  /** The class that is extended is inside of another object than the one that extends it. */
  @Test
  void eachClassOfAFunctionHasItsOwnSurroundings() throws Exception {
    class Base implements MapFunction<Integer, Integer> {
      @Override
      public Integer map(Integer value) {
        return value + 1;
      }
    }

    var function =
        new Base() {
          @Override
          public Integer map(Integer value) {
            return super.map(value) * 10;
          }
        };

    assertThat(travelled(function).map(1)).isEqualTo(20);
  }
}
