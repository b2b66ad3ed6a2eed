package io.millrace.api.operator.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HeldPartialsTest {
  private static final int MOST = 64;

  /** Keys of which many have the same hash. */
  private record Alike(int number) {
    @Override
    public int hashCode() {
      return number % 3;
    }
  }

  private record Place(Alike key, long slice) {}

  @Test
  void holdsWhatAMapWouldInTheOrderInWhichItCame() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new SplittableRandom(seed);
      var held = new HeldPartials<Alike, List<Integer>>(MOST);
      var model = new LinkedHashMap<Place, List<Integer>>();
      for (int record = 0; record < 500; record++) {
        Alike key = random.nextInt(20) == 0 ? null : new Alike(random.nextInt(12));
        long slice = (random.nextInt(6) - 3) * 1_000_000_000_000L;
        int index = held.indexOf(key, slice);
        List<Integer> made =
            held.contents(index) == null ? new ArrayList<>() : held.contents(index);
        made.add(record);
        held.keep(index, made);
        model.computeIfAbsent(new Place(key, slice), place -> new ArrayList<>()).add(record);
        assertThat(held.size()).isEqualTo(model.size());
        if (held.size() == MOST || random.nextInt(200) == 0) {
          assertHolds(held, model);
          held.clear();
          model.clear();
        }
      }
      assertHolds(held, model);
    }
  }

  private static void assertHolds(
      HeldPartials<Alike, List<Integer>> held, Map<Place, List<Integer>> model) {
    var expected = new ArrayList<Partial<Alike, List<Integer>>>();
    model.forEach(
        (place, made) ->
            expected.add(new Partial<>(place.key(), place.slice(), made, made.size())));
    var found = new ArrayList<Partial<Alike, List<Integer>>>();
    for (int index = 0; index < held.size(); index++) {
      found.add(held.partial(index));
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void aSliceHoldsTheTimesFromItsStartToItsEnd() {
    for (SliceGrid grid :
        List.of(
            new SliceGrid(10, 10, 0, 0),
            new SliceGrid(10, 10, 3, 0),
            new SliceGrid(10, 4, 0, 0),
            new SliceGrid(12, 4, -1, 0),
            new SliceGrid(3, 10, 2, 0))) {
      for (long time = -50; time < 50; time++) {
        long end = grid.endOf(time);
        assertThat(end).isGreaterThan(time);
        for (long each = time; each < end; each++) {
          assertThat(grid.sliceOf(each)).as("%s at %s", grid, each).isEqualTo(grid.sliceOf(time));
        }
        assertThat(grid.sliceOf(end)).isNotEqualTo(grid.sliceOf(time));
      }
    }
  }
}
