package io.millrace.benchmarks.workloads.events;

/** Somebody who has registered. */
public final class Person {
  public long id;
  public String name;
  public String email;
  public String city;
  public String state;

  public Person() {}

  Person(long id, String name, String email, String city, String state) {
    this.id = id;
    this.name = name;
    this.email = email;
    this.city = city;
    this.state = state;
  }
}
