package io.millrace.runtime.checkpoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Durable names in memory, with the manners of HDFS: creating a file makes its parents where it
 * may, renaming needs the target's folder. Durable as long as this object; threads may share it.
 */
public final class MemoryNames implements DurableNames {
  /** By full name; {@code null} for a folder. */
  private final TreeMap<String, byte[]> nodes = new TreeMap<>();

  private boolean made;

  /** Whether the directory was made and not removed since. */
  public synchronized boolean exist() {
    return made;
  }

  /** Others that are the same now. */
  synchronized MemoryNames copy() {
    var copy = new MemoryNames();
    copy.nodes.putAll(nodes);
    copy.made = made;
    return copy;
  }

  @Override
  public synchronized List<Entry> list(String folder) {
    String prefix = folder.isEmpty() ? "" : folder + "/";
    var entries = new ArrayList<Entry>();
    for (var node : nodes.tailMap(prefix).entrySet()) {
      if (!node.getKey().startsWith(prefix)) {
        break;
      }
      String rest = node.getKey().substring(prefix.length());
      if (rest.indexOf('/') < 0) {
        byte[] bytes = node.getValue();
        entries.add(new Entry(rest, bytes == null, bytes == null ? 0 : bytes.length));
      }
    }
    return entries;
  }

  @Override
  public synchronized boolean createExclusive(String name, byte[] bytes) throws IOException {
    if (nodes.containsKey(name)) {
      return false;
    }
    String parent = name.substring(0, Math.max(0, name.lastIndexOf('/')));
    if (JobDirectory.needsFolder(name) && !isFolder(parent)) {
      throw new FileNotFoundException("there is no folder " + parent);
    }
    makeParents(name);
    nodes.put(name, bytes.clone());
    return true;
  }

  @Override
  public synchronized void mkdir(String name) throws IOException {
    makeParents(name);
    if (nodes.containsKey(name) && nodes.get(name) != null) {
      throw new IOException(name + " is a file");
    }
    nodes.put(name, null);
  }

  @Override
  public synchronized void rename(String from, String to) throws IOException {
    int slash = to.lastIndexOf('/');
    String parent = slash < 0 ? "" : to.substring(0, slash);
    if (!nodes.containsKey(from)
        || nodes.containsKey(to)
        || !parent.isEmpty() && !isFolder(parent)) {
      throw new IOException("cannot rename " + from + " to " + to);
    }
    nodes.put(to, nodes.remove(from));
    var below = new ArrayList<>(nodes.subMap(from + "/", from + "0").keySet());
    for (String name : below) {
      nodes.put(to + name.substring(from.length()), nodes.remove(name));
    }
  }

  @Override
  public synchronized byte[] read(String name) throws IOException {
    byte[] bytes = nodes.get(name);
    if (bytes == null) {
      throw new FileNotFoundException(name);
    }
    return bytes.clone();
  }

  @Override
  public synchronized void delete(String name) {
    nodes.remove(name);
    nodes.subMap(name + "/", name + "0").clear(); // '0' follows '/'
  }

  @Override
  public synchronized void removeDirectory() {
    made &= !nodes.isEmpty();
  }

  private boolean isFolder(String name) {
    return nodes.containsKey(name) && nodes.get(name) == null;
  }

  private void makeParents(String name) throws IOException {
    made = true;
    for (int slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
      String parent = name.substring(0, slash);
      if (nodes.containsKey(parent) && nodes.get(parent) != null) {
        throw new IOException(parent + " is a file");
      }
      nodes.put(parent, null);
    }
  }
}
