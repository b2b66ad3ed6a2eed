package io.millrace.runtime.state;

import io.millrace.api.state.StateMigrationException;
import io.millrace.api.type.Migration;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/** How the keys of a checkpoint become those of the program, for each shape that they had. */
final class RestoredKeys {
  private final Serializer<Object> keys;
  private final Shape shape;
  private final Map<Shape, Migration<Object>> migrations = new LinkedHashMap<>();

  RestoredKeys(Serializer<Object> keys) {
    this.keys = keys;
    this.shape = Shape.of(keys);
  }

  /** What the keys of the program are made of. */
  Shape shape() {
    return shape;
  }

  private Migration<Object> migration(Shape written) {
    return migrations.computeIfAbsent(
        written, shape -> Migration.of(shape, keys, Migration.Use.KEY));
  }

  /**
   * @throws StateMigrationException if they are of another type, or would belong elsewhere
   */
  void check(String state, Shape written) {
    migration(written)
        .refusal()
        .ifPresent(
            changes -> {
              throw new StateMigrationException(
                  "state '"
                      + state
                      + "' is under keys of another type in the checkpoint: "
                      + changes
                      + "; key by what it was, or give the operator another uid and drop the old"
                      + " state with --allowNonRestoredState");
            });
  }

  /** Reads keys of that shape. */
  Serializer<Object> reader(Shape written) {
    return migration(written).serializer();
  }
}
