package io.millrace.api.configuration;

import io.millrace.api.config.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A key of a {@link Configuration} with the type of its values and perhaps a default; made by
 * {@link ConfigOptions}. Immutable: what reads like a setter gives another one.
 */
public final class ConfigOption<T> {
  private final String key;
  private final Form<T> form;
  private final T defaultValue;
  private final List<String> olderKeys;
  private final String description;

  ConfigOption(
      String key, Form<T> form, T defaultValue, List<String> olderKeys, String description) {
    this.key = Objects.requireNonNull(key, "an option needs a key");
    this.form = form;
    this.defaultValue = defaultValue;
    this.olderKeys = List.copyOf(olderKeys);
    this.description = description;
  }

  /**
   * How values are written as text.
   *
   * @param allowed for people
   */
  record Form<T>(Function<String, T> read, Function<T, String> write, String allowed) {}

  public String key() {
    return key;
  }

  /** Null if there is none. */
  public T defaultValue() {
    return defaultValue;
  }

  public boolean hasDefaultValue() {
    return defaultValue != null;
  }

  /** Empty if there is none. */
  public String description() {
    return description;
  }

  /** The same option, for people who read about it. */
  public ConfigOption<T> withDescription(String text) {
    return new ConfigOption<>(key, form, defaultValue, olderKeys, text);
  }

  /** The same option, whose value is looked for under other keys too, in that order. */
  public ConfigOption<T> withFallbackKeys(String... keys) {
    var all = new ArrayList<>(olderKeys);
    all.addAll(List.of(keys));
    return new ConfigOption<>(key, form, defaultValue, all, description);
  }

  /** The same as {@link #withFallbackKeys}. */
  public ConfigOption<T> withDeprecatedKeys(String... keys) {
    return withFallbackKeys(keys);
  }

  /** Where a value is looked for after {@link #key}. */
  List<String> olderKeys() {
    return olderKeys;
  }

  /**
   * @throws Setting.InvalidSettingException naming the key, the text and what is allowed
   */
  T read(String text) {
    try {
      return form.read.apply(text);
    } catch (RuntimeException e) {
      throw new Setting.InvalidSettingException(
          "the value '" + text + "' of " + key + " is not allowed: " + form.allowed);
    }
  }

  String write(T value) {
    return form.write.apply(value);
  }

  /** A list of such. */
  static <E> Form<List<E>> listOf(Form<E> form) {
    return new Form<>(
        text -> Texts.parts(text).stream().map(form.read).toList(),
        list -> Texts.joined(list.stream().map(form.write).toList()),
        "a list, with semicolons between, of " + form.allowed);
  }

  /** By key and default, as whoever looks for a value does. */
  @Override
  public boolean equals(Object other) {
    return other instanceof ConfigOption<?> that
        && key.equals(that.key)
        && olderKeys.equals(that.olderKeys)
        && Objects.equals(defaultValue, that.defaultValue);
  }

  @Override
  public int hashCode() {
    return Objects.hash(key, olderKeys, defaultValue);
  }

  @Override
  public String toString() {
    return "option '" + key + "' (default: " + defaultValue + ")";
  }
}
