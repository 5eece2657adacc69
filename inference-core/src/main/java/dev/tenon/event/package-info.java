/**
 * Tells {@link dev.tenon.event.Listeners} of users and the JDK Flight Recorder of calls, batches and refusals.
 * {@link dev.tenon.event.Recorder} is the door to its events: it does nothing where the module {@code jdk.jfr} is missing, so
 * other packages need not know.
 *
 * <p>Must not live here: anything that decides what is worth an event. To add an event: a class that extends
 * {@code jdk.jfr.Event}, and a method of {@link dev.tenon.event.Recorder}.
 */
package dev.tenon.event;
