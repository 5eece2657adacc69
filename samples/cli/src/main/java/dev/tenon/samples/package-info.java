/**
 * The command line: {@link dev.tenon.samples.Main} runs the sample that its first argument names. Each application has
 * a package of its own; all lessons share one.
 *
 * <p>Must not live here: code that applications need from the library. To add a sample: write a package with a
 * {@link dev.tenon.samples.Command}, and add one line to {@link dev.tenon.samples.Main}.
 */
package dev.tenon.samples;
