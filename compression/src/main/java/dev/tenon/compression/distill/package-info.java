/**
 * Distillation: a small network, the student, learns to give the outputs of a larger one or of several, the teachers. It needs no
 * labels. {@link dev.tenon.compression.distill.Distill} is the entry; {@link dev.tenon.compression.distill.Students} makes students,
 * and {@link dev.tenon.compression.distill.Heal} trains what another step has left.
 *
 * <p>Must not live here: the training itself, which {@code dev.tenon.compression.train} has.
 *
 * <p>To add a loss: see {@code dev.tenon.compression.train}, and a method in {@link dev.tenon.compression.distill.Loss}. To add a way
 * to make students: a method in {@link dev.tenon.compression.distill.Students}.
 */
package dev.tenon.compression.distill;
