/**
 * The words of serving, which is what a service needs around {@link dev.tenon.Session#predict}: how a call is made
 * ({@link dev.tenon.serving.Call}, {@link dev.tenon.serving.Cancellation}), how calls are merged
 * ({@link dev.tenon.serving.BatchOptions}), what is told of them ({@link dev.tenon.serving.PredictionListener}, statistics,
 * reports, alarms), and how they fail. Each room below this package holds one thing that works with them:
 * <ul>
 *   <li>{@code batch}: {@code Batcher} takes calls of many callers, with deadlines, lanes and limits;
 *   <li>{@code bulk}: {@code Bulk} computes long series of items in order;
 *   <li>{@code versions}: {@code Models} keeps versions of models, changes them under load, and compares them;
 *   <li>{@code drift}: {@code DriftMonitor} tells when inputs or scores are not those that a model was trained for;
 *   <li>{@code run}, which is not exported: the runs of a model, which {@code batch} and {@code bulk} share;
 *   <li>{@code threads}, which is not exported: the thread of deadlines, and tasks on an executor.
 * </ul>
 *
 * <p>Must not live here: anything that waits, runs or counts, and anything that sees a room. Protocols and frameworks are
 * things of applications. To add a report: a record and a default method of {@link dev.tenon.serving.PredictionListener}, an
 * event in {@code dev.tenon.event}, and a line where it happens.
 */
package dev.tenon.serving;
