package io.millrace.it;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** The cluster's file system, in the words of a test. */
final class Hdfs {
  private final FileSystem files;

  Hdfs(FileSystem files) {
    this.files = files;
  }

  FileSystem fileSystem() {
    return files;
  }

  /** The user's home directory, without authority. */
  String home() {
    return files.getHomeDirectory().toUri().getPath();
  }

  /** Full address of a path. */
  String uri(String path) {
    return files.makeQualified(new Path(path)).toString();
  }

  void put(java.nio.file.Path local, String path) throws IOException {
    files.copyFromLocalFile(false, true, new Path(local.toUri()), new Path(path));
  }

  void write(String path, String text) throws IOException {
    try (Writer out =
        new OutputStreamWriter(files.create(new Path(path), true), StandardCharsets.UTF_8)) {
      out.write(text);
    }
  }

  boolean exists(String path) throws IOException {
    return files.exists(new Path(path));
  }

  void delete(String path) throws IOException {
    files.delete(new Path(path), true);
  }

  /** All files below a path, hidden ones too, as paths without authority; none if it is absent. */
  List<String> allFiles(String path) throws IOException {
    List<String> found = new ArrayList<>();
    if (!exists(path)) {
      return found;
    }
    while (true) {
      try {
        found.clear();
        RemoteIterator<LocatedFileStatus> below = files.listFiles(new Path(path), true);
        while (below.hasNext()) {
          found.add(below.next().getPath().toUri().getPath());
        }
        found.sort(null);
        return found;
      } catch (FileNotFoundException e) {
        // A directory below was removed while we looked into it; if it is the path itself, that
        // will show.
        if (!exists(path)) {
          return List.of();
        }
      }
    }
  }

  /** The files of a directory that a reader sees: names that begin with _ or . are hidden. */
  List<String> visibleFiles(String directory) throws IOException {
    return allFiles(directory).stream()
        .filter(
            path ->
                Stream.of(path.substring(directory.length()).split("/"))
                    .noneMatch(name -> name.startsWith("_") || name.startsWith(".")))
        .toList();
  }

  /** The lines of all visible files of a directory, file by file. */
  List<String> lines(String directory) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String path : visibleFiles(directory)) {
      try (BufferedReader in =
          new BufferedReader(
              new InputStreamReader(files.open(new Path(path)), StandardCharsets.UTF_8))) {
        in.lines().forEach(lines::add);
      } catch (UncheckedIOException e) {
        throw new IOException("cannot read " + path, e);
      }
    }
    return lines;
  }
}
