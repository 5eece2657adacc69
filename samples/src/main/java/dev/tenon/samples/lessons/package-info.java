/**
 * Numbered lessons: each shows one thing that an application does with Tenon, the wrong way beside the right one, and
 * checks its own results, so that it fails when it no longer holds.
 *
 * <p>What must not live here: anything that a lesson does not need. To add a lesson: a class {@code LessonNN…}, a line in
 * {@link dev.tenon.samples.Main}, a line in {@code README.md}.
 */
package dev.tenon.samples.lessons;
