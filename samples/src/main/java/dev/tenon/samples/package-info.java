/**
 * The command line: {@link dev.tenon.samples.Main} runs the sample that its first argument names. Each
 * application has a package of its own; the lessons share one.
 *
 * <p>What must not live here: anything that an application would need from the library. To add a sample: a package, a
 * {@link dev.tenon.samples.Command}, a line in {@link dev.tenon.samples.Main}.
 */
package dev.tenon.samples;
