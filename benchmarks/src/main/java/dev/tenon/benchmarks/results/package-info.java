/**
 * Results of a run: a {@link dev.tenon.benchmarks.results.Comparison} holds the measurements of one case, and the other classes
 * write comparisons as text, JSON or a picture.
 *
 * <p>Must not live here: cases, and how they are measured. To add a form: a class with one method from a list of comparisons to
 * text, and its option in {@code CompareOptions}.
 */
package dev.tenon.benchmarks.results;
