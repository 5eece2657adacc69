/**
 * {@link dev.tenon.serving.batch.Batcher} and its core. The batcher checks arguments and is all that users see;
 * {@code BatchCore} makes the parts and knows no batcher. Each part gets those that it needs when it is made, and sees only
 * parts above it in this table:
 * <table>
 *   <caption>Parts</caption>
 *   <tr><th>queue<td>{@code Request}, {@code Lane}, {@code RequestQueue}: what waits, and in which order
 *   <tr><th>forming a batch<td>{@code RequestQueue} chooses the members of a {@code Batch}
 *   <tr><th>admission<td>{@code Admission} holds the lock, the queue and the slots, and runs nothing
 *   <tr><th>ending, reporting<td>{@code Endings} hands outcomes over, and tells {@code Reports}; {@code Tasks} has the executor,
 *   {@code Deadlines} the clock
 *   <tr><th>running<td>{@code Leaders} finds a thread for each batch, and {@code Runner} of {@code dev.tenon.serving.run} runs
 *   it; {@code SoloRun} runs a call that found a free slot
 * </table>
 *
 * <p>The way of a call that runs in a batch:
 * <ol>
 *   <li>{@code Batcher.predict} checks the arguments and the stack;
 *   <li>{@code BatchCore.predict} finds no free slot in {@code Admission}, checks the inputs, finds the group of their shapes,
 *   and makes a {@code Request};
 *   <li>{@code Admission.admit} puts it into the lane of the call, or refuses it;
 *   <li>{@code BatchCore} lets the thread wait, and {@code Deadlines} watch it if it has a deadline;
 *   <li>{@code Admission.release}, on a thread that has ended a run, takes a {@code Batch} with the request;
 *   <li>{@code Leaders.start} wakes the caller with the latest deadline, which goes on;
 *   <li>{@code Leaders.run} lets {@code Runner} join the rows, run the model, and halve what fails;
 *   <li>{@code Admission.release} frees the slot and takes what runs next;
 *   <li>{@code Endings.end} ends each request with its result, reports it, and wakes its thread;
 *   <li>{@code Request.outputs}, on the thread of each caller, copies its rows.
 * </ol>
 *
 * <p>Callers wait without time limits of their own, and on locks of {@code java.util.concurrent} only. One platform
 * thread, that of {@code Deadlines}, waits with a time limit for all of them: virtual threads of early versions of JDK 25
 * may not wake from such waits.
 *
 * <p>Must not live here: what is done with the rows of a batch, which is in {@code dev.tenon.serving.run}. To add a reason for
 * which a call ends: an outcome, its report, and a method of {@code Endings}.
 */
package dev.tenon.serving.batch;
