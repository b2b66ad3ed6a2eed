package io.millrace.api.configuration;

import io.millrace.api.config.ExecutionConfig;
import io.millrace.api.config.Setting;
import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Keys and values that a program puts together: settings of its job, for {@code
 * getExecutionEnvironment(configuration)} or {@code env.configure(configuration)}, or parameters of
 * its functions, for {@code env.getConfig().setGlobalJobParameters(configuration)}. Values are kept
 * as text and read as what an option says. For one thread at a time.
 */
public final class Configuration extends ExecutionConfig.GlobalJobParameters
    implements Serializable {
  private final TreeMap<String, String> values = new TreeMap<>();

  /** One without keys. */
  public Configuration() {}

  /** A copy. */
  public Configuration(Configuration other) {
    addAll(other);
  }

  /** One with those keys and values. */
  public static Configuration fromMap(Map<String, String> values) {
    var configuration = new Configuration();
    values.forEach(configuration::setString);
    return configuration;
  }

  // ---- by options

  /**
   * The value, else the option's default, else null.
   *
   * @throws Setting.InvalidSettingException if the value is none of the option's type
   */
  public <T> T get(ConfigOption<T> option) {
    return getOptional(option).orElse(option.defaultValue());
  }

  /** The value, else the other; the option's default does not count. */
  public <T> T get(ConfigOption<T> option, T otherwise) {
    return getOptional(option).orElse(otherwise);
  }

  /** The value, if there is one; the option's default does not count. */
  public <T> Optional<T> getOptional(ConfigOption<T> option) {
    return text(option).map(option::read);
  }

  public <T> Configuration set(ConfigOption<T> option, T value) {
    setString(option.key(), option.write(notNull(option.key(), value)));
    return this;
  }

  /** Whether there is a value, under the option's key or one of its fallback keys. */
  public boolean contains(ConfigOption<?> option) {
    return text(option).isPresent();
  }

  /** Takes the option's value away, whichever of its keys it has; tells whether there was one. */
  public boolean removeConfig(ConfigOption<?> option) {
    boolean removed = removeKey(option.key());
    for (String key : option.olderKeys()) {
      removed |= removeKey(key);
    }
    return removed;
  }

  private Optional<String> text(ConfigOption<?> option) {
    String text = values.get(option.key());
    for (String key : option.olderKeys()) {
      text = text != null ? text : values.get(key);
    }
    return Optional.ofNullable(text);
  }

  private <T> T required(ConfigOption<T> option) {
    T value = get(option);
    if (value == null) {
      throw new Setting.InvalidSettingException(
          option.key() + " is not set, and its option has no default");
    }
    return value;
  }

  private static <T> T notNull(String key, T value) {
    return Objects.requireNonNull(value, () -> "the value of '" + key + "' is null");
  }

  // ---- by keys

  public boolean containsKey(String key) {
    return values.containsKey(key);
  }

  public Set<String> keySet() {
    return new TreeSet<>(values.keySet());
  }

  /** Tells whether there was one. */
  public boolean removeKey(String key) {
    return values.remove(key) != null;
  }

  /** The value, else the other. */
  public String getString(String key, String otherwise) {
    return values.getOrDefault(key, otherwise);
  }

  /** See {@link #get(ConfigOption)}. */
  public String getString(ConfigOption<String> option) {
    return get(option);
  }

  /** See {@link #get(ConfigOption, Object)}. */
  public String getString(ConfigOption<String> option, String otherwise) {
    return get(option, otherwise);
  }

  public void setString(String key, String value) {
    values.put(Objects.requireNonNull(key, "a key is null"), notNull(key, value));
  }

  public void setString(ConfigOption<String> option, String value) {
    set(option, value);
  }

  /** See {@link #getString(String, String)}. */
  public int getInteger(String key, int otherwise) {
    return get(ConfigOptions.key(key).intType().noDefaultValue(), otherwise);
  }

  /** See {@link #get(ConfigOption)}. */
  public int getInteger(ConfigOption<Integer> option) {
    return required(option);
  }

  /** See {@link #get(ConfigOption, Object)}. */
  public int getInteger(ConfigOption<Integer> option, int otherwise) {
    return get(option, otherwise);
  }

  public void setInteger(String key, int value) {
    setString(key, String.valueOf(value));
  }

  public void setInteger(ConfigOption<Integer> option, int value) {
    set(option, value);
  }

  /** See {@link #getString(String, String)}. */
  public long getLong(String key, long otherwise) {
    return get(ConfigOptions.key(key).longType().noDefaultValue(), otherwise);
  }

  /** See {@link #get(ConfigOption)}. */
  public long getLong(ConfigOption<Long> option) {
    return required(option);
  }

  /** See {@link #get(ConfigOption, Object)}. */
  public long getLong(ConfigOption<Long> option, long otherwise) {
    return get(option, otherwise);
  }

  public void setLong(String key, long value) {
    setString(key, String.valueOf(value));
  }

  public void setLong(ConfigOption<Long> option, long value) {
    set(option, value);
  }

  /** See {@link #getString(String, String)}. */
  public float getFloat(String key, float otherwise) {
    return get(ConfigOptions.key(key).floatType().noDefaultValue(), otherwise);
  }

  /** See {@link #get(ConfigOption)}. */
  public float getFloat(ConfigOption<Float> option) {
    return required(option);
  }

  /** See {@link #get(ConfigOption, Object)}. */
  public float getFloat(ConfigOption<Float> option, float otherwise) {
    return get(option, otherwise);
  }

  public void setFloat(String key, float value) {
    setString(key, String.valueOf(value));
  }

  public void setFloat(ConfigOption<Float> option, float value) {
    set(option, value);
  }

  /** See {@link #getString(String, String)}. */
  public double getDouble(String key, double otherwise) {
    return get(ConfigOptions.key(key).doubleType().noDefaultValue(), otherwise);
  }

  /** See {@link #get(ConfigOption)}. */
  public double getDouble(ConfigOption<Double> option) {
    return required(option);
  }

  /** See {@link #get(ConfigOption, Object)}. */
  public double getDouble(ConfigOption<Double> option, double otherwise) {
    return get(option, otherwise);
  }

  public void setDouble(String key, double value) {
    setString(key, String.valueOf(value));
  }

  public void setDouble(ConfigOption<Double> option, double value) {
    set(option, value);
  }

  /** See {@link #getString(String, String)}. */
  public boolean getBoolean(String key, boolean otherwise) {
    return get(ConfigOptions.key(key).booleanType().noDefaultValue(), otherwise);
  }

  /** See {@link #get(ConfigOption)}. */
  public boolean getBoolean(ConfigOption<Boolean> option) {
    return required(option);
  }

  /** See {@link #get(ConfigOption, Object)}. */
  public boolean getBoolean(ConfigOption<Boolean> option, boolean otherwise) {
    return get(option, otherwise);
  }

  public void setBoolean(String key, boolean value) {
    setString(key, String.valueOf(value));
  }

  public void setBoolean(ConfigOption<Boolean> option, boolean value) {
    set(option, value);
  }

  // ---- as a whole

  /** Lays all of another one over this. */
  public void addAll(Configuration other) {
    values.putAll(other.values);
  }

  /** The same with a text in front of each key. */
  public void addAll(Configuration other, String prefix) {
    other.toMap().forEach((key, value) -> setString(prefix + key, value));
  }

  @Override
  public Map<String, String> toMap() {
    return Collections.unmodifiableMap(new TreeMap<>(values));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Configuration that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** For logs: without what may be secret. */
  @Override
  public String toString() {
    return new io.millrace.api.config.Configuration(values).toString();
  }
}
