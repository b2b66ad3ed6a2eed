package io.millrace.api.function;

import io.millrace.api.type.TypeInformation;
import java.io.Serializable;
import java.lang.reflect.ParameterizedType;
import java.util.Objects;

/**
 * Names a side output of an operator and the type of its records: {@code new
 * OutputTag<String>("late") {}}. Functions put records out with it; {@code getSideOutput} of the
 * operator's stream turns it into a stream.
 *
 * <p>Tags are equal if id and type are. A tag travels without the object in which it was made.
 *
 * @param <T> records
 */
public class OutputTag<T> implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String id;
  private final TypeInformation<T> type;

  /**
   * For an anonymous subclass, which keeps the type argument that Java would erase.
   *
   * @param id unique among the side outputs of an operator, 1 to 200 characters
   */
  @SuppressWarnings("unchecked") // an OutputTag<T> captures T
  protected OutputTag(String id) {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType superclass)
        || superclass.getRawType() != OutputTag.class) {
      throw new IllegalArgumentException(
          "the output tag '"
              + id
              + "' must be an anonymous subclass with its type argument, new OutputTag<String>(\""
              + id
              + "\") {}, or be given the type");
    }
    this.id = checked(id);
    this.type = (TypeInformation<T>) TypeInformation.of(superclass.getActualTypeArguments()[0]);
  }

  /**
   * A tag with the type declared.
   *
   * @param id unique among the side outputs of an operator, 1 to 200 characters
   */
  public OutputTag(String id, TypeInformation<T> type) {
    this.id = checked(id);
    this.type = Objects.requireNonNull(type, "type");
  }

  private static String checked(String id) {
    if (id == null || id.isBlank() || id.length() > 200) {
      throw new IllegalArgumentException(
          "the id of an output tag needs 1 to 200 characters, found: " + id);
    }
    return id;
  }

  public final String getId() {
    return id;
  }

  public final TypeInformation<T> getTypeInfo() {
    return type;
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof OutputTag<?> that && id.equals(that.id) && type.equals(that.type);
  }

  @Override
  public final int hashCode() {
    return Objects.hash(id, type);
  }

  @Override
  public final String toString() {
    return "OutputTag(" + id + ", " + type.name() + ")";
  }
}
