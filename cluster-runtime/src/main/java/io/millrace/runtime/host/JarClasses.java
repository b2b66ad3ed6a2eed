package io.millrace.runtime.host;

import io.millrace.api.type.JobClassLoader;
import io.millrace.api.type.SharedSerializers;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A class loader for each job, over the jars it came with. A job's own classes win over those of
 * the engine's libraries, so that it may bring other versions of them; what job and engine talk
 * about together always comes from the engine.
 */
public final class JarClasses implements UserClasses {
  private static final Logger LOG = LoggerFactory.getLogger(JarClasses.class);
  private static final List<String> SHARED =
      List.of(
          "java.",
          "javax.",
          "jdk.",
          "sun.",
          "org.xml.",
          "org.w3c.",
          "io.millrace.api.",
          "org.slf4j.");

  /** Of a place that is not a path of this machine. */
  private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:.*");

  private final ClassLoader parent;
  private final Optional<FetchedJars> elsewhere;

  /** Guarded by this. */
  private final Map<JobId, OfJob> jobs = new LinkedHashMap<>();

  /** For jars that lie on this machine. */
  public JarClasses(ClassLoader parent) {
    this.parent = parent;
    this.elsewhere = Optional.empty();
  }

  /**
   * Also for jars that lie elsewhere.
   *
   * @param origin of jars whose location has a scheme
   * @param folder for copies of those, on local disk, of this process alone; made when it is needed
   */
  public JarClasses(ClassLoader parent, FileOrigin origin, Path folder) {
    this.parent = parent;
    this.elsewhere = Optional.of(new FetchedJars(folder, origin));
  }

  /** Waits while jars are fetched, which holds up no other job. */
  @Override
  public ClassLoader open(JobId job, List<JarRef> jars) throws IOException {
    OfJob own;
    synchronized (this) {
      own = jobs.computeIfAbsent(job, OfJob::new);
    }
    return own.open(jars);
  }

  /** Does not wait, not even for jars that are being fetched: whoever fetches them cleans up. */
  @Override
  public void release(JobId job) {
    OfJob own;
    synchronized (this) {
      own = jobs.remove(job);
    }
    if (own != null) {
      own.release();
    }
  }

  /** The loader of a job, and what it holds. */
  private final class OfJob {
    private final JobId job;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean released;

    // Guarded by the lock.
    private final List<JarRef> held = new ArrayList<>();
    private JobLoader loader;

    OfJob(JobId job) {
      this.job = job;
    }

    ClassLoader open(List<JarRef> jars) throws IOException {
      lock.lock();
      try {
        if (loader == null) {
          var urls = new ArrayList<URL>();
          for (JarRef jar : jars) {
            urls.add(place(jar).toUri().toURL());
          }
          loader = new JobLoader(job, urls.toArray(URL[]::new), parent);
        }
        return loader;
      } catch (IOException | RuntimeException e) {
        letGo();
        throw e;
      } finally {
        lock.unlock();
        letGoIfReleased();
      }
    }

    private Path place(JarRef jar) throws IOException {
      if (elsewhere.isPresent() && SCHEME.matcher(jar.location()).matches()) {
        Path copy = elsewhere.get().hold(jar);
        held.add(jar);
        return copy;
      }
      Path path = Path.of(jar.location());
      if (!Files.isReadable(path)) {
        throw new IOException("the job's jar " + jar.name() + " is not at " + path);
      }
      check(jar, sha256(path));
      return path;
    }

    void release() {
      released = true;
      letGoIfReleased();
    }

    private void letGoIfReleased() {
      // Whoever has the lock comes here after it.
      if (released && lock.tryLock()) {
        try {
          letGo();
        } finally {
          lock.unlock();
        }
      }
    }

    private void letGo() {
      if (loader != null) {
        try {
          loader.close();
        } catch (IOException e) {
          LOG.info("Jars of job {} could not be closed: {}", job, e.getMessage());
        }
        loader = null;
      }
      held.forEach(jar -> elsewhere.ifPresent(fetched -> fetched.drop(jar)));
      held.clear();
    }
  }

  static void check(JarRef jar, String found) throws IOException {
    if (!found.equals(jar.sha256())) {
      throw new IOException(
          "the job's jar "
              + jar.name()
              + " at "
              + jar.location()
              + " is not the one that was submitted: expected SHA-256 "
              + jar.sha256()
              + ", found "
              + found);
    }
  }

  /** What a jar is known by: the SHA-256 of its bytes, 64 hex digits. */
  public static String sha256(Path jar) throws IOException {
    try (InputStream in = Files.newInputStream(jar)) {
      MessageDigest digest = sha256();
      byte[] buffer = new byte[64 << 10];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Looks into the jars first, except for what is shared. */
  private static final class JobLoader extends URLClassLoader implements JobClassLoader {
    static {
      ClassLoader.registerAsParallelCapable();
    }

    private final SharedSerializers serializers = new SharedSerializers(this);

    JobLoader(JobId job, URL[] jars, ClassLoader parent) {
      super("job-" + job, jars, parent);
    }

    @Override
    public SharedSerializers serializers() {
      return serializers;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (SHARED.stream().anyMatch(name::startsWith)) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> found = findLoadedClass(name);
        if (found == null) {
          try {
            found = findClass(name);
          } catch (ClassNotFoundException e) {
            return super.loadClass(name, resolve);
          }
        }
        if (resolve) {
          resolveClass(found);
        }
        return found;
      }
    }

    @Override
    public URL getResource(String name) {
      URL own = findResource(name);
      return own != null ? own : super.getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      var all = new LinkedHashSet<URL>(Collections.list(findResources(name)));
      all.addAll(Collections.list(getParent().getResources(name)));
      return Collections.enumeration(all);
    }
  }
}
