package io.millrace.api.configuration;

import io.millrace.api.config.Settings;
import io.millrace.api.configuration.ConfigOption.Form;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes options, as in {@code ConfigOptions.key("retries").intType().defaultValue(3)}. In a
 * configuration all values are text: a duration such as {@code 10 s}, a list such as {@code a;b}, a
 * map such as {@code a:1,b:2}, with single quotes around what has a separator in it.
 */
public final class ConfigOptions {
  private static final Form<String> STRING = new Form<>(text -> text, text -> text, "any text");
  private static final Form<Integer> INTEGER = form(Integer::valueOf, "a whole number");
  private static final Form<Long> LONG = form(Long::valueOf, "a whole number");
  private static final Form<Float> FLOAT = form(Float::valueOf, "a number");
  private static final Form<Double> DOUBLE = form(Double::valueOf, "a number");
  private static final Form<Boolean> BOOLEAN = form(ConfigOptions::truth, "true or false");
  private static final Form<Duration> DURATION =
      new Form<>(
          text -> Settings.parseDuration(text.strip()),
          value -> value.toMillis() + " ms",
          "a time of at least 0 such as 500 ms, 10 s, 5 min, 1 h or 1 d");
  private static final Form<Map<String, String>> MAP =
      new Form<>(
          text -> Settings.map("", null, "").parse().apply(text),
          Settings::writeMap,
          "name:value pairs between commas, with single quotes around what has a comma or colon");

  private static <T> Form<T> form(Function<String, T> read, String allowed) {
    return new Form<>(text -> read.apply(text.strip()), String::valueOf, allowed);
  }

  private static Boolean truth(String text) {
    return Settings.bool("", null, "").parse().apply(text);
  }

  /** Begins an option; next comes its type. */
  public static OptionBuilder key(String key) {
    return new OptionBuilder(key);
  }

  /** An option that has a key. */
  public static final class OptionBuilder {
    private final String key;

    private OptionBuilder(String key) {
      this.key = key;
    }

    public TypedConfigOptionBuilder<String> stringType() {
      return new TypedConfigOptionBuilder<>(key, STRING);
    }

    public TypedConfigOptionBuilder<Integer> intType() {
      return new TypedConfigOptionBuilder<>(key, INTEGER);
    }

    public TypedConfigOptionBuilder<Long> longType() {
      return new TypedConfigOptionBuilder<>(key, LONG);
    }

    public TypedConfigOptionBuilder<Float> floatType() {
      return new TypedConfigOptionBuilder<>(key, FLOAT);
    }

    public TypedConfigOptionBuilder<Double> doubleType() {
      return new TypedConfigOptionBuilder<>(key, DOUBLE);
    }

    public TypedConfigOptionBuilder<Boolean> booleanType() {
      return new TypedConfigOptionBuilder<>(key, BOOLEAN);
    }

    /** To the millisecond. */
    public TypedConfigOptionBuilder<Duration> durationType() {
      return new TypedConfigOptionBuilder<>(key, DURATION);
    }

    /** The constants of an enum by their names, in any case. */
    public <E extends Enum<E>> TypedConfigOptionBuilder<E> enumType(Class<E> type) {
      return new TypedConfigOptionBuilder<>(key, ofEnum(type));
    }

    public TypedConfigOptionBuilder<Map<String, String>> mapType() {
      return new TypedConfigOptionBuilder<>(key, MAP);
    }

    /**
     * An option of the default's own type, which is one of those above but a map.
     *
     * @throws IllegalArgumentException if it is of another
     */
    @SuppressWarnings("unchecked") // the form is that of the value's class
    public <T> ConfigOption<T> defaultValue(T value) {
      return new TypedConfigOptionBuilder<>(key, (Form<T>) formOf(value)).defaultValue(value);
    }

    /** An option of texts without a default. */
    public ConfigOption<String> noDefaultValue() {
      return stringType().noDefaultValue();
    }
  }

  private static <E extends Enum<E>> Form<E> ofEnum(Class<E> type) {
    List<E> all = List.of(type.getEnumConstants());
    return new Form<>(
        text ->
            all.stream()
                .filter(each -> each.name().equalsIgnoreCase(text.strip()))
                .findFirst()
                .orElseThrow(IllegalArgumentException::new),
        Enum::name,
        "one of " + String.join(", ", all.stream().map(Enum::name).toList()));
  }

  private static Form<?> formOf(Object value) {
    if (value instanceof String) {
      return STRING;
    } else if (value instanceof Integer) {
      return INTEGER;
    } else if (value instanceof Long) {
      return LONG;
    } else if (value instanceof Float) {
      return FLOAT;
    } else if (value instanceof Double) {
      return DOUBLE;
    } else if (value instanceof Boolean) {
      return BOOLEAN;
    } else if (value instanceof Duration) {
      return DURATION;
    } else if (value instanceof Enum<?> constant) {
      return ofEnum(constant.getDeclaringClass());
    }
    throw new IllegalArgumentException(
        "no option has values such as "
            + value
            + "; declare its type, as in key(\"name\").intType()");
  }

  /** An option that has a key and a type. */
  public static final class TypedConfigOptionBuilder<T> {
    private final String key;
    private final Form<T> form;

    private TypedConfigOptionBuilder(String key, Form<T> form) {
      this.key = key;
      this.form = form;
    }

    /** A list of values of that type. */
    public ListConfigOptionBuilder<T> asList() {
      return new ListConfigOptionBuilder<>(key, form);
    }

    public ConfigOption<T> defaultValue(T value) {
      return new ConfigOption<>(key, form, value, List.of(), "");
    }

    public ConfigOption<T> noDefaultValue() {
      return defaultValue(null);
    }
  }

  /** An option that has a key and is a list. */
  public static final class ListConfigOptionBuilder<E> {
    private final String key;
    private final Form<List<E>> form;

    private ListConfigOptionBuilder(String key, Form<E> form) {
      this.key = key;
      this.form = ConfigOption.listOf(form);
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public final ConfigOption<List<E>> defaultValues(E... values) {
      return new ConfigOption<>(key, form, List.copyOf(Arrays.asList(values)), List.of(), "");
    }

    public ConfigOption<List<E>> noDefaultValue() {
      return new ConfigOption<>(key, form, null, List.of(), "");
    }
  }

  private ConfigOptions() {}
}
