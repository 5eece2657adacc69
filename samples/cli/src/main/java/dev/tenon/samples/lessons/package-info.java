/**
 * Numbered lessons. Each lesson shows one thing that an application does with Tenon, the wrong way and the right way. A
 * lesson checks its own results, so that it fails if it is no longer true.
 *
 * <p>Must not live here: code that no lesson needs. To add a lesson: write a class {@code LessonNN…}, and add one line
 * to {@link dev.tenon.samples.Main} and one to {@code README.md}.
 */
package dev.tenon.samples.lessons;
