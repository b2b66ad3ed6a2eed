package io.millrace.api;

import io.millrace.api.function.MapFunction;
import io.millrace.api.tuple.Tuple;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.type.Types;
import java.util.Arrays;
import java.util.List;

/** Makes a tuple of some fields of another. */
final class Projection<T, R extends Tuple> implements MapFunction<T, R> {
  private final int[] fields;

  Projection(int... fields) {
    this.fields = fields.clone();
    if (fields.length == 0) {
      throw new IllegalArgumentException("a projection needs at least one field");
    }
    Tuple.getTupleClass(fields.length); // refuses too many
  }

  /** Of what comes out; dynamic if the fields' types are not known. */
  TypeInformation<?> typeOf(TypeInformation<T> input) {
    List<TypeInformation<?>> known = input.arguments();
    for (int field : fields) {
      if (field < 0 || !known.isEmpty() && field >= known.size()) {
        throw new IllegalArgumentException(
            input.name() + " has no field " + field + ", found in " + Arrays.toString(fields));
      }
    }
    return known.isEmpty()
        ? TypeInformation.dynamic()
        : Types.TUPLE(
            Arrays.stream(fields).mapToObj(known::get).toArray(TypeInformation<?>[]::new));
  }

  @Override
  @SuppressWarnings("unchecked") // the caller names the tuple of these fields
  public R map(T value) {
    Tuple all = (Tuple) value;
    Tuple some = Tuple.newInstance(fields.length);
    for (int i = 0; i < fields.length; i++) {
      some.setField(all.<Object>getField(fields[i]), i);
    }
    return (R) some;
  }
}
