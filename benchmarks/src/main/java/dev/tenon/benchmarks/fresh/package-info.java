/**
 * Programs that run in a JVM of their own, because they measure its first seconds: loading, planning, the first result. Must not
 * live here: benchmarks that JMH runs. To add one: a class with a {@code main} that prints its times, started by {@link
 * dev.tenon.benchmarks.fresh.FreshJvm}.
 */
package dev.tenon.benchmarks.fresh;
