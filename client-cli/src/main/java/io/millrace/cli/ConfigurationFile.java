package io.millrace.cli;

import io.millrace.api.config.Configuration;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads {@code config.yaml}: keys and scalar values, nested or with dots. Read from the parser's
 * events, so that no tag ever makes an object, nothing expands, and each entry knows its line.
 */
final class ConfigurationFile {
  private static final long MOST_BYTES = 1 << 20;

  /** No key has more parts. */
  private static final int MOST_DEPTH = 16;

  /** What the file sets; nothing if it does not exist. */
  static Configuration read(Path file) {
    if (!Files.exists(file)) {
      return Configuration.EMPTY;
    }
    String text;
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new CommandException(file + " is larger than 1 MB; is it a configuration file?", 31);
      }
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new CommandException(file + " is not UTF-8 text; save it as UTF-8");
    } catch (IOException e) {
      throw new CommandException("cannot read " + file + ": " + e.getMessage(), 31);
    }
    return parse(text.startsWith("\ufeff") ? text.substring(1) : text, file.toString());
  }

  static Configuration parse(String text, String name) {
    try {
      return new Reading(name).read(text);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      String problem = e.getProblem().replace('\n', ' ');
      throw new CommandException(name + ", line " + line + ": not valid YAML: " + problem);
    } catch (YamlEngineException e) {
      throw new CommandException(name + ": not valid YAML: " + firstLine(e.getMessage()));
    }
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  /** One file on its way through the events. */
  private static final class Reading {
    private final String name;
    private final TreeMap<String, String> values = new TreeMap<>();

    /** For each open mapping, the key that it is the value of, with a dot behind. */
    private final Deque<String> prefixes = new ArrayDeque<>();

    /** The key whose value is next. */
    private String key;

    Reading(String name) {
      this.name = name;
    }

    Configuration read(String text) {
      LoadSettings settings = LoadSettings.builder().setLabel(name).build();
      for (Event event : new Parse(settings).parseString(text)) {
        if (event instanceof ScalarEvent scalar) {
          scalar(scalar);
        } else if (event instanceof MappingStartEvent start) {
          plain(start);
          open(start);
        } else if (event instanceof SequenceStartEvent || event instanceof AliasEvent) {
          throw wrong(event, "lists and aliases have no meaning here; write key: value");
        } else if (event.getEventId() == Event.ID.MappingEnd) {
          prefixes.pop();
          key = null;
        }
      }
      return new Configuration(values);
    }

    private void open(MappingStartEvent start) {
      if (prefixes.isEmpty()) {
        prefixes.push("");
      } else if (key == null) {
        throw wrong(start, "a key must be text");
      } else if (prefixes.size() == MOST_DEPTH) {
        throw wrong(start, "nested deeper than any key");
      } else {
        prefixes.push(key + ".");
        key = null;
      }
    }

    private void scalar(ScalarEvent scalar) {
      boolean quoted = scalar.getScalarStyle() != ScalarStyle.PLAIN;
      if (prefixes.isEmpty()) {
        if (scalar.getValue().isEmpty() && !quoted) {
          return; // a file of comments only
        }
        throw wrong(scalar, "expected key: value, found '" + scalar.getValue() + "'");
      }
      plain(scalar);
      if (key == null) {
        key = prefixes.peek() + scalar.getValue();
        return;
      }
      String value = scalar.getValue();
      // An absent value, as in "key:", leaves the default.
      if (quoted || !value.isEmpty() && !value.equals("null") && !value.equals("~")) {
        if (values.put(key, value) != null) {
          throw wrong(scalar, "the key " + key + " stands twice in this file");
        }
        Catalogue.check(key, value, name + ", line " + line(scalar));
      }
      key = null;
    }

    private void plain(NodeEvent event) {
      Optional<String> tag =
          event instanceof ScalarEvent scalar
              ? scalar.getTag()
              : ((MappingStartEvent) event).getTag();
      if (tag.isPresent() || event.getAnchor().isPresent()) {
        throw wrong(event, "tags and anchors have no meaning here; write key: value");
      }
    }

    private CommandException wrong(Event event, String complaint) {
      return new CommandException(name + ", line " + line(event) + ": " + complaint);
    }

    private static int line(Event event) {
      return event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }
  }

  private ConfigurationFile() {}
}
