package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.cli.Flag.Meaning;
import io.millrace.yarn.YarnSettings;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file in which {@code yarn-session.sh} notes the session that it has started, and where {@code
 * run} finds it if nothing else says where to run. It may lie where anybody can write, so only one
 * of this user's own is believed.
 */
final class SessionFile {
  private static final Logger LOG = LoggerFactory.getLogger(SessionFile.class);
  private static final String ID = "applicationID";
  private static final String PROPERTIES = "dynamicPropertiesString";
  private static final String BETWEEN = "@@";

  private final Path path;
  private final String user;

  private SessionFile(Path path, String user) {
    this.path = path;
    this.user = user;
  }

  static SessionFile of(Configuration configuration) {
    String user = System.getProperty("user.name");
    String folder =
        configuration
            .find(ClientSettings.PROPERTIES_LOCATION)
            .orElse(System.getProperty("java.io.tmpdir"));
    return new SessionFile(Path.of(folder, ".yarn-properties-" + user), user);
  }

  /**
   * Whether {@code run} takes the session that is noted: if it does not say where to run, and gives
   * no flag that describes a cluster of its own.
   */
  static boolean isLookedFor(Words words, Configuration configuration) {
    boolean ofCluster =
        words.given().stream()
            .anyMatch(
                given ->
                    given.flag().meaning() != Meaning.DETACHED
                        && (given.name().startsWith("-y") || given.name().startsWith("--yarn")));
    Optional<String> target = configuration.find(ClientSettings.TARGET);
    return words.action().equals("run")
        && !ofCluster
        && !words.has(Meaning.MASTER)
        && configuration.find(YarnSettings.APPLICATION_ID).isEmpty()
        && target.filter(each -> !each.equals(Options.YARN_SESSION)).isEmpty();
  }

  Path path() {
    return path;
  }

  /**
   * What it says.
   *
   * @param properties that the session was started with
   */
  record Note(String applicationId, Map<String, String> properties) {
    Note {
      properties = Collections.unmodifiableMap(new TreeMap<>(properties));
    }

    /** A configuration file with what this says over it. */
    Configuration over(Configuration file) {
      return file.with(new Configuration(properties))
          .with(ClientSettings.TARGET.key(), Options.YARN_SESSION)
          .with(YarnSettings.APPLICATION_ID.key(), applicationId);
    }
  }

  /**
   * Empty if there is no file.
   *
   * @throws CommandException if it is not this user's, or makes no sense
   */
  Optional<Note> read() {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    var properties = new Properties();
    try {
      String owner = Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName();
      if (!owner.equals(user) || !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        throw new CommandException(
            path + " is not a file of " + user + "; delete it, or say where to run");
      }
      properties.load(new StringReader(Files.readString(path)));
    } catch (IOException | IllegalArgumentException e) {
      throw broken("cannot be read: " + e.getMessage());
    }
    String id = properties.getProperty(ID, "").strip();
    if (id.isEmpty()) {
      throw broken("names no " + ID);
    }
    var dynamic = new TreeMap<String, String>();
    for (String pair : properties.getProperty(PROPERTIES, "").split(BETWEEN)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        Catalogue.check(pair.substring(0, equals), pair.substring(equals + 1), path.toString());
        dynamic.put(pair.substring(0, equals), pair.substring(equals + 1));
      } else if (!pair.isBlank()) {
        throw broken("has something other than key=value: " + Console.oneLine(pair));
      }
    }
    return Optional.of(new Note(id, dynamic));
  }

  private CommandException broken(String how) {
    return new CommandException(
        path + ", which says where the session is, " + how + "; delete it, or say where to run");
  }

  /**
   * Replaces what is there.
   *
   * @throws IOException if that is not possible
   */
  void write(Note note) throws IOException {
    var properties = new Properties();
    properties.setProperty(ID, note.applicationId());
    var pairs = new StringBuilder();
    note.properties()
        .forEach((key, value) -> pairs.append(BETWEEN).append(key).append('=').append(value));
    properties.setProperty(PROPERTIES, pairs.substring(Math.min(pairs.length(), BETWEEN.length())));
    var text = new StringWriter();
    properties.store(text, "Generated YARN properties file");
    // Beside it and then moved: nobody reads half of it, and no link that lies there is followed.
    Path draft = Files.createTempFile(path.getParent(), ".yarn-properties-", ".draft");
    try {
      Files.writeString(draft, text.toString());
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-r--r--"));
      Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /** Removes it if it names that session. */
  void remove(String applicationId) {
    try {
      if (read().filter(note -> note.applicationId().equals(applicationId)).isPresent()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | CommandException e) {
      LOG.info("{} is left as it is: {}", path, e.toString());
    }
  }
}
