package io.millrace.benchmarks.workloads.limit;

import io.millrace.benchmarks.workloads.Engine;
import io.millrace.benchmarks.workloads.Trial;
import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.EventGenerator;
import io.millrace.benchmarks.workloads.events.Tally;

/** Loops on as many threads as others have subtasks. */
public final class Limit implements Engine {
  public static void main(String[] words) throws Exception {
    Trial.main(words, variant -> new Limit());
  }

  @Override
  public void run(Workload workload, long events) throws InterruptedException {
    switch (workload) {
      case PASSTHROUGH -> onEachLane(lane -> passThrough(lane, events));
      case SHUFFLE -> cross(new Work.Shuffle(), events);
      case TUMBLING -> cross(new Work.Tumbling(), events);
      case SLIDING -> cross(new Work.Sliding(), events);
      case JOIN -> cross(new Work.Join(), events);
      case SESSION -> cross(new Work.Session(), events);
      case KEYED, KEYED_CHECKPOINTS, KEYED_ROCKSDB -> cross(new Work.Keyed(), events);
    }
  }

  private static void passThrough(int lane, long events) {
    Tally tally = Tally.open();
    for (long number = lane; number < events; number += Workload.PARALLELISM) {
      Event converted = EventGenerator.event(number).inEuro();
      if (converted.isOfInterest()) {
        tally.add(converted.hash());
      }
    }
  }

  private static void cross(Work work, long events) throws InterruptedException {
    var crossing = new Crossing(work, events);
    onEachLane(crossing::run);
    work.end();
  }

  private interface Loop {
    void run(int lane);
  }

  private static void onEachLane(Loop loop) throws InterruptedException {
    var threads = new Thread[Workload.PARALLELISM];
    for (int lane = 0; lane < threads.length; lane++) {
      int mine = lane;
      threads[lane] = new Thread(() -> loop.run(mine), "lane-" + lane);
      threads[lane].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
