package io.millrace.api.config;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.NoSuchFileException;
import java.util.Collections;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Named parameters of a program, from its arguments, a file of properties, or a map. */
public final class ParameterTool extends ExecutionConfig.GlobalJobParameters
    implements Serializable {
  /** The value of a parameter that was given without one. */
  private static final String NO_VALUE = "__NO_VALUE_KEY";

  private final TreeMap<String, String> values;

  private ParameterTool(Map<String, String> values) {
    this.values = new TreeMap<>(values);
  }

  /**
   * Reads {@code --name value}, {@code -name value}, and {@code --name} alone, which {@link #has}
   * tells. A negative number is a value. Of a name that is given twice the last counts.
   *
   * @throws IllegalArgumentException for a value without name, naming it
   */
  public static ParameterTool fromArgs(String[] arguments) {
    var values = new TreeMap<String, String>();
    for (int i = 0; i < arguments.length; i++) {
      String word = arguments[i];
      String name = word.startsWith("--") ? word.substring(2) : word.substring(dashes(word));
      if (!isName(word) || name.isEmpty()) {
        throw new IllegalArgumentException(
            "the argument '" + word + "' has no name; write --name " + word);
      }
      boolean hasValue = i + 1 < arguments.length && !isName(arguments[i + 1]);
      values.put(name, hasValue ? arguments[++i] : NO_VALUE);
    }
    return new ParameterTool(values);
  }

  private static int dashes(String word) {
    return word.startsWith("-") ? 1 : 0;
  }

  private static boolean isName(String word) {
    if (!word.startsWith("-")) {
      return false;
    }
    try {
      Double.parseDouble(word);
      return false;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  public static ParameterTool fromMap(Map<String, String> values) {
    return new ParameterTool(values);
  }

  /**
   * Reads a file in the format of {@link Properties}.
   *
   * @throws IOException if there is no such file, or it cannot be read
   */
  public static ParameterTool fromPropertiesFile(String path) throws IOException {
    return fromPropertiesFile(new File(path));
  }

  /** See {@link #fromPropertiesFile(String)}. */
  public static ParameterTool fromPropertiesFile(File file) throws IOException {
    if (!file.isFile()) {
      throw new NoSuchFileException(file.getAbsolutePath(), null, "is not a file of properties");
    }
    try (var in = new FileInputStream(file)) {
      return fromPropertiesFile(in);
    }
  }

  /** See {@link #fromPropertiesFile(String)}. */
  public static ParameterTool fromPropertiesFile(InputStream in) throws IOException {
    var properties = new Properties();
    properties.load(in);
    return of(properties);
  }

  /** Those of this JVM. */
  public static ParameterTool fromSystemProperties() {
    return of(System.getProperties());
  }

  private static ParameterTool of(Properties properties) {
    var values = new TreeMap<String, String>();
    properties
        .stringPropertyNames()
        .forEach(name -> values.put(name, properties.getProperty(name)));
    return new ParameterTool(values);
  }

  /** Both; where names are the same, those of the other count. */
  public ParameterTool mergeWith(ParameterTool other) {
    var both = new TreeMap<>(values);
    both.putAll(other.values);
    return new ParameterTool(both);
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  public int getNumberOfParameters() {
    return values.size();
  }

  /** Null if there is none. */
  public String get(String name) {
    return values.get(name);
  }

  public String get(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  /**
   * @throws IllegalArgumentException if there is none, naming it
   */
  public String getRequired(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "the parameter '" + name + "' is missing; give it as --" + name + " <value>");
    }
    return value;
  }

  public int getInt(String name) {
    return number(name, getRequired(name), "a whole number", Integer::parseInt);
  }

  public int getInt(String name, int otherwise) {
    return has(name) ? getInt(name) : otherwise;
  }

  public long getLong(String name) {
    return number(name, getRequired(name), "a whole number", Long::parseLong);
  }

  public long getLong(String name, long otherwise) {
    return has(name) ? getLong(name) : otherwise;
  }

  public short getShort(String name) {
    return number(name, getRequired(name), "a whole number", Short::parseShort);
  }

  public short getShort(String name, short otherwise) {
    return has(name) ? getShort(name) : otherwise;
  }

  public byte getByte(String name) {
    return number(name, getRequired(name), "a whole number", Byte::parseByte);
  }

  public byte getByte(String name, byte otherwise) {
    return has(name) ? getByte(name) : otherwise;
  }

  public float getFloat(String name) {
    return number(name, getRequired(name), "a number", Float::parseFloat);
  }

  public float getFloat(String name, float otherwise) {
    return has(name) ? getFloat(name) : otherwise;
  }

  public double getDouble(String name) {
    return number(name, getRequired(name), "a number", Double::parseDouble);
  }

  public double getDouble(String name, double otherwise) {
    return has(name) ? getDouble(name) : otherwise;
  }

  /** Whether the value is {@code true} in any case. */
  public boolean getBoolean(String name) {
    return Boolean.parseBoolean(getRequired(name));
  }

  public boolean getBoolean(String name, boolean otherwise) {
    return has(name) ? getBoolean(name) : otherwise;
  }

  private interface Parser<T> {
    T parse(String text);
  }

  private static <T> T number(String name, String value, String allowed, Parser<T> parser) {
    try {
      return parser.parse(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the parameter '" + name + "' must be " + allowed + ", found '" + value + "'", e);
    }
  }

  public Properties getProperties() {
    var properties = new Properties();
    values.forEach(properties::setProperty);
    return properties;
  }

  @Override
  public Map<String, String> toMap() {
    return Collections.unmodifiableMap(values);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ParameterTool that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** Without values, which may be secret. */
  @Override
  public String toString() {
    return "parameters " + values.keySet();
  }
}
