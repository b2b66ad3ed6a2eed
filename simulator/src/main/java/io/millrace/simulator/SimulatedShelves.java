package io.millrace.simulator;

import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateFolder;
import io.millrace.runtime.taskmanager.CopyShelf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Copies of state files on the machines of a cluster. What a process has there outlives it, and the
 * next one on that machine finds it.
 */
final class SimulatedShelves {
  private static final int MACHINES = 2;

  private final World world;
  private final SplittableRandom chance;
  private final List<Shelf> all = new ArrayList<>();

  SimulatedShelves(World world) {
    this.world = world;
    this.chance = world.fork();
  }

  /** That of a process, on some machine. */
  CopyShelf of(SimulatedProcess process, SimulatedDisk disk) {
    var shelf = new Shelf(process, disk, chance.nextInt(MACHINES));
    all.add(shelf);
    return shelf;
  }

  private record Key(JobId job, String stateFile) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int order = job.compareTo(other.job);
      return order != 0 ? order : stateFile.compareTo(other.stateFile);
    }
  }

  private final class Shelf implements CopyShelf {
    private final SimulatedProcess process;
    private final SimulatedDisk disk;
    private final int machine;
    private final TreeMap<Key, StateFolder> copies = new TreeMap<>();

    Shelf(SimulatedProcess process, SimulatedDisk disk, int machine) {
      this.process = process;
      this.disk = disk;
      this.machine = machine;
    }

    @Override
    public StateFolder make(JobId job, String stateFile) throws IOException {
      var key = new Key(job, stateFile);
      if (copies.containsKey(key)) {
        throw new IOException("/copies/" + stateFile + ": file exists");
      }
      StateFolder folder = disk.newFolder();
      copies.put(key, folder);
      return folder;
    }

    @Override
    public Optional<StateFolder> ofOthers(JobId job, String stateFile) {
      var key = new Key(job, stateFile);
      return all.stream()
          .filter(each -> each != this && each.machine == machine && each.copies.containsKey(key))
          .findFirst()
          .map(each -> each.found(key));
    }

    private StateFolder found(Key key) {
      world.trace().hit("state was found that another TaskManager had copied");
      return copies.get(key);
    }

    @Override
    public void sweep(JobId job) {
      for (Shelf each : all) {
        if (each.machine == machine && !each.process.alive()) {
          each.copies.keySet().removeIf(key -> key.job().equals(job));
        }
      }
    }
  }
}
