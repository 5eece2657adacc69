/**
 * Lessons about compression, one for each technique. They compress the sentence encoder all-MiniLM-L6-v2, but for the one about
 * trees, which grows its own forest, and those about training, which draw digits. Each lesson checks its own claims.
 *
 * <p>Must not live here: measurements that others rely on, which are in docs/compression.md.
 *
 * <p>To add a lesson: a class that implements {@link dev.tenon.samples.lessons.compression.EncoderLesson}, a line in
 * {@link dev.tenon.samples.Main}, and a line in the test of the lessons.
 */
package dev.tenon.samples.lessons.compression;
