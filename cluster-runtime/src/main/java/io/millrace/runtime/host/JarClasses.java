package io.millrace.runtime.host;

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

  private final ClassLoader parent;
  private final Map<JobId, JobLoader> loaders = new LinkedHashMap<>();

  public JarClasses(ClassLoader parent) {
    this.parent = parent;
  }

  @Override
  public synchronized ClassLoader open(JobId job, List<JarRef> jars) throws IOException {
    JobLoader known = loaders.get(job);
    if (known != null) {
      return known;
    }
    var urls = new ArrayList<URL>();
    for (JarRef jar : jars) {
      Path path = Path.of(jar.location());
      if (!Files.isReadable(path)) {
        throw new IOException("the job's jar " + jar.name() + " is not at " + path);
      }
      String found = sha256(path);
      if (!found.equals(jar.sha256())) {
        throw new IOException(
            "the job's jar "
                + jar.name()
                + " at "
                + path
                + " is not the one that was submitted: expected SHA-256 "
                + jar.sha256()
                + ", found "
                + found);
      }
      urls.add(path.toUri().toURL());
    }
    var loader = new JobLoader(job, urls.toArray(URL[]::new), parent);
    loaders.put(job, loader);
    return loader;
  }

  @Override
  public synchronized void release(JobId job) {
    JobLoader loader = loaders.remove(job);
    if (loader != null) {
      try {
        loader.close();
      } catch (IOException e) {
        LOG.info("Jars of job {} could not be closed: {}", job, e.getMessage());
      }
    }
  }

  /** What a jar is known by: the SHA-256 of its bytes, 64 hex digits. */
  public static String sha256(Path jar) throws IOException {
    try (InputStream in = Files.newInputStream(jar)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[64 << 10];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Looks into the jars first, except for what is shared. */
  private static final class JobLoader extends URLClassLoader {
    static {
      ClassLoader.registerAsParallelCapable();
    }

    JobLoader(JobId job, URL[] jars, ClassLoader parent) {
      super("job-" + job, jars, parent);
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
