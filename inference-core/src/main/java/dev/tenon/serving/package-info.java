/**
 * The things that a service needs around {@link dev.tenon.Session#predict}: {@link dev.tenon.serving.Batcher} takes calls of many
 * callers, with deadlines, lanes and limits; {@link dev.tenon.serving.Bulk} computes long series of items in order;
 * {@link dev.tenon.serving.Models} keeps versions of models, changes them under load, and compares them;
 * {@link dev.tenon.serving.DriftMonitor} tells when inputs or scores are not those that a model was trained for;
 * {@link dev.tenon.serving.PredictionListener} and events of the JDK Flight Recorder report all of it.
 *
 * <p>Callers wait without time limits of their own, and on locks of {@code java.util.concurrent} only. One platform
 * thread, that of {@code Deadlines}, waits with a time limit for all of them: virtual threads of early versions of JDK 25
 * may not wake from such waits.
 *
 * <p>Must not live here: protocols and frameworks, plain statistics (they live in {@code dev.tenon.statistics}), and
 * anything that computes models. To add a report: a record and a default method of
 * {@link dev.tenon.serving.PredictionListener}, an event in {@code dev.tenon.event}, and a line where it happens.
 */
package dev.tenon.serving;
